/** The size model of the source documents and the optimisations that they name, measured on what is recorded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, openRuns, table, value, type NumericArray, type Runs, type Vfs } from "everytick";
import { MemoryVfs } from "everytick/testing";
import { CountingVfs, watched } from "../runs/other-files.ts";

const side = 64;

async function runsOn(vfs: Vfs = new MemoryVfs(), segmentBytesMin?: number): Promise<Runs> {
  return openRuns("/runs", { vfs, ...(segmentBytesMin === undefined ? {} : { segmentBytesMin }) });
}

/** Changes `count` cells that nothing connects; the same in each run. */
function stir(cells: NumericArray, tick: number, count: number): void {
  for (let i = 0; i < count; i++) {
    const drawn = scrambled(tick * count + i);
    cells[drawn % cells.length] = 1 + (scrambled(drawn) % 250);
  }
}

/** The mixing of SplitMix32 (Steele, Lea, Flood 2014): neighbours have nothing in common any more. */
function scrambled(number: number): number {
  let mixed = Math.imul(number, 0x9e3779b9);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

async function bytesPerTick(changes: number, ticks: number): Promise<number> {
  await using runs = await runsOn();
  await using run = await runs.record("run", {
    state: { cells: grid("u8", [side, side, side]) },
    window: 64,
  });
  const before = (await run.facts()).bytes;
  for (let tick = 1; tick <= ticks; tick++) {
    stir(run.state.cells, tick, changes);
    await run.commit();
  }
  await run.flush();
  return ((await run.facts()).bytes - before) / ticks;
}

test("TAK-40: ticks weigh a small part of 200 bytes and 100 for each changed voxel", async (context) => {
  for (const [changes, atLeast] of [
    [10, 5],
    [130, 20],
    [5200, 30],
  ] as const) {
    const found = await bytesPerTick(changes, 200);
    const model = 200 + 100 * changes;
    const ratio = model / found;
    context.diagnostic(
      `${changes} changes: ${found.toFixed(0)} bytes, ${model} modelled, ${ratio.toFixed(1)}x`,
    );
    assert(ratio > atLeast, `${ratio}`);
  }
});

test("TAK-57: a quiet tick, in which one cell changes, weighs at most 150 bytes, all in", async (context) => {
  for (const shape of [
    [64, 64, 64],
    [1000, 1000],
  ]) {
    await using runs = await runsOn();
    const live = await runs.record("run", { state: { cells: grid("u8", shape) } });
    for (let tick = 1; tick <= 1000; tick++) {
      live.state.cells[Math.imul(tick, 7919) % live.state.cells.length]! ^= 1;
      await live.commit();
    }
    await live.close();
    await using run = await runs.open("run");
    const { bytes } = await run.facts();
    context.diagnostic(`${shape.join("x")}: ${(bytes / 1000).toFixed(1)} bytes`);
    assert(bytes / 1000 <= 150);
    const { keyframeBytes, deltaBytes } = await run.sizes();
    assert(keyframeBytes <= deltaBytes / 9, "keyframes stay under a tenth");
  }
});

test("TAK-41: ticks are written in batches: one sync serves a whole window", async () => {
  const syncsOf = async (window: number): Promise<number> => {
    let syncs = 0;
    class SyncCounter extends CountingVfs {
      override open(path: string, mode: "create" | "update") {
        const file = super.open(path, mode);
        const sync = (): void => {
          syncs += 1;
          file.sync();
        };
        return {
          write: (bytes: Uint8Array, offset: number) => file.write(bytes, offset),
          truncate: (size: number) => file.truncate(size),
          sync,
          close: () => file.close(),
        };
      }
    }
    await using runs = await runsOn(new SyncCounter(new MemoryVfs()));
    await using run = await runs.record("run", { state: { n: value({ n: "u32" }) }, window });
    const before = syncs;
    for (let tick = 1; tick <= 650; tick++) {
      run.state.n.n = tick;
      await run.commit();
    }
    await run.flush();
    return syncs - before;
  };
  assert.equal(await syncsOf(0), 650);
  assert.equal(await syncsOf(64), 10);
});

test("TAK-41: a simulation goes on while its ticks wait for the disk", async () => {
  await using runs = await runsOn();
  await using run = await runs.record("run", { state: { n: value({ n: "u32" }) }, window: 8 });
  for (let tick = 1; tick <= 8; tick++) assert.equal((await run.commit()).durableTick, 0);
  assert.equal(run.unacknowledged, 8);
  assert.equal((await run.commit()).durableTick, 9);
});

test("TAK-41: history is partitioned by ticks: a look at one opens the segments around it, not all", async () => {
  const files = new MemoryVfs();
  await using writing = await runsOn(files, 2500);
  const live = await writing.record("run", { state: { cells: grid("u8", [32, 32]) } });
  for (let tick = 1; tick <= 1500; tick++) {
    stir(live.state.cells, tick, 40);
    await live.commit();
  }
  await live.close();
  const { vfs, calls } = watched(files);
  await using runs = await runsOn(vfs);
  await using run = await runs.open("run");
  const { segments } = await run.facts();
  assert(segments > 8, `${segments} segments`);
  calls.length = 0;
  await run.at(700);
  const opened = new Set(calls.filter((call) => /^source .*\.seg$/.test(call)));
  assert(opened.size >= 1 && opened.size <= 2, [...opened, ...calls].join(" "));
});

test("TAK-41: a sampled run records each tenth tick alone, and weighs less for it", async () => {
  const record = async (every: number): Promise<{ ticks: number; bytes: number }> => {
    await using runs = await runsOn();
    const cells = grid("u8", [128, 128]);
    await using live = await runs.record("run", { state: { cells }, sparse: true, window: 64 });
    for (let tick = 1; tick <= 1000; tick++) {
      // Always the same places, so that ten ticks together change no more than one.
      for (let at = 0; at < 500; at++) live.state.cells[31 * at] = tick + at;
      if (tick % every === 0) await live.commit({ tick });
    }
    await live.flush();
    await using run = await runs.open("run");
    const { state } = await run.at(1000);
    assert.equal((state as { readonly cells: Uint8Array }).cells[31], 1001 % 256);
    const { bytes } = await run.facts();
    return { ticks: (await run.sizes()).ticks, bytes };
  };
  const [all, sampled] = [await record(1), await record(10)];
  assert.deepEqual([all.ticks, sampled.ticks], [1001, 101]);
  assert(sampled.bytes < all.bytes / 6, `${sampled.bytes} of ${all.bytes}`);
});

test("TAK-41, TAD-73: series are stored as differences, blobs packed, and row numbers as packed gaps", async (context) => {
  const people = 2000;
  await using runs = await runsOn();
  await using live = await runs.record("run", {
    state: {
      series: table({ id: "u32", level: "f64", count: "u32" }, { key: "id", capacity: people }),
      notes: table({ id: "u32", text: "utf8" }, { key: "id" }),
      map: grid("u8", [512, 512]),
    },
    window: 64,
  });
  const { series, notes, map } = live.state;
  for (let id = 0; id < people; id++) series.insert({ id, level: 100 + id, count: id });
  for (let id = 0; id < 200; id++) notes.insert({ id });
  const ticks = 100;
  for (let tick = 1; tick <= ticks; tick++) {
    for (const row of series) {
      row.level *= 1 + 0.001 * Math.sin(row.id);
      row.count += 3;
    }
    for (let id = 0; id < 200; id++) {
      notes.update(id, { text: `${id}: the weather of tick ${tick} is like that of most others` });
    }
    stir(map, tick, 2000);
    await live.commit();
  }
  await live.flush();
  const { columns, indexBytes } = await live.sizes();
  const weightOf = (store: string, column: string): number => {
    const found = columns.find((each) => each.store === store && each.column === column);
    return found!.encodings.reduce((sum, { bytes }) => sum + bytes, 0);
  };
  const text = "000: the weather of tick 00 is like that of most others".length;
  for (const [what, raw, found, atLeast] of [
    ["smooth f64", 8 * people * ticks, weightOf("series", "level"), 1.3],
    ["counters u32", 4 * people * ticks, weightOf("series", "count"), 100],
    ["texts, old and new", 2 * text * 200 * ticks, weightOf("notes", "text"), 6],
    ["row numbers u32", 4 * (2000 + people + 200) * ticks, indexBytes, 4],
  ] as const) {
    const ratio = raw / found;
    context.diagnostic(`${what}: ${raw} bytes raw, ${found} stored, ${ratio.toFixed(1)}x`);
    assert(ratio > atLeast, `${what}: ${ratio}`);
  }
});
