/** Flipped bits in recordings of rows: found, and never served. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isEverytickError, openRuns, type Run, type Tick } from "everytick";
import { BodyWriter, joinParts, readBody } from "../../src/format/body.ts";
import type { StoreChanges } from "../../src/format/changes.ts";
import { FrameKind } from "../../src/format/frame.ts";
import { layoutOf } from "../../src/format/layout.ts";
import { framesOf, headerOf, like, segmentOf } from "../journal/forge.ts";
import { Choices } from "../model/choices.ts";
import { folder, rewrite } from "../runs/memory-runs.ts";
import { CountingVfs } from "../runs/other-files.ts";
import { openRows, recordedRows, textOf, type Stores } from "./recorded-rows.ts";

const recorded = await recordedRows();
const { ports, states, ticks } = recorded;
const journal = `${folder}/run/journal`;
const files = ports.vfs.list(journal) as string[];
const layout = layoutOf((await openRows(recorded)).card.world);

/** A reader in circles would not even let a timer end the test. */
async function open(): Promise<Run<Stores>> {
  const vfs = new CountingVfs(ports.vfs);
  vfs.readsMax = 5000;
  return (await openRuns(folder, { ...ports, vfs })).open<Stores>("run");
}

/** Changes a file while `work` runs. */
async function changed(
  file: string,
  change: (bytes: Uint8Array) => Uint8Array,
  work: () => Promise<void>,
): Promise<void> {
  const path = `${journal}/${file}`;
  const bytes = ports.vfs.read(path);
  rewrite(ports.vfs, path, change);
  try {
    await work();
  } finally {
    rewrite(ports.vfs, path, () => bytes);
  }
}

function flip(offset: number, bit: number): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => bytes.with(offset, (bytes[offset] as number) ^ (1 << bit));
}

function checkError(error: unknown, what: string): void {
  assert(isEverytickError(error), `${what}: ${String((error as Error).stack)}`);
  assert.match(error.code, /^(JOURNAL|FORMAT|TIMELINE)_/, what);
}

/** How many of the ticks are read; each is right. */
async function readSome(run: Run<Stores>, what: string): Promise<number> {
  let read = 0;
  for (const tick of [5, 60, 23, 0, 41, 19, 33]) {
    try {
      assert.equal(textOf((await run.at(tick)).state), states.get(tick), `${what}: tick ${tick}`);
      read++;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      checkError(error, what);
    }
  }
  return read;
}

test("T3: with any bit flipped each tick's rows are right, or an error says where, seed 3", async () => {
  const choices = new Choices(3);
  let [whole, broken] = [0, 0];
  for (let round = 0; round < 250; round++) {
    const file = choices.pick(files);
    const offset = choices.below(ports.vfs.stat(`${journal}/${file}`)?.size as number);
    const what = `byte ${offset} of ${file}`;
    await changed(file, flip(offset, choices.below(8)), async () => {
      try {
        await using run = await open();
        if ((await readSome(run, what)) === 7) whole++;
        else broken++;
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        checkError(error, what);
        broken++;
      }
    });
  }
  assert(whole > 10 && broken > 10, `${whole} and ${broken}`);
});

const names = ["herd", "trust", "births", "sighted", "land", "rules", "places", "ways"];

interface Holding {
  readonly file: string;
  readonly position: number;
  readonly tick: Tick;
}
/** The last frame that holds a part of a store. */
function frameHolding(name: string): Holding {
  const found: Holding[] = [];
  for (const file of files) {
    framesOf(ports.vfs.read(`${journal}/${file}`)).forEach(({ header, body }, position) => {
      const { kind, tick } = header;
      if (kind !== FrameKind.delta && kind !== FrameKind.keyframe) return;
      const { parts } = readBody(body, layout, ports.codecs);
      if (parts.some(({ store }) => store.name === name)) found.push({ file, position, tick });
    });
  }
  return found.at(-1) as Holding;
}

for (const name of names) {
  test(`T5: verify finds each flipped bit of a frame that holds ${name}`, async () => {
    const { file, position, tick } = frameHolding(name);
    const { offset, body } = framesOf(ports.vfs.read(`${journal}/${file}`))[position]!;
    const end = offset + 96 + body.length;
    for (let at = offset; at < end; at += Math.ceil(body.length / 12)) {
      await changed(file, flip(at, at & 7), async () => {
        await using run = await openRows(recorded);
        const { damage } = await run.verify();
        assert(damage.length > 0, `byte ${at}`);
        assert(
          damage.some((one) => one.file === `journal/${file}`),
          `byte ${at} of tick ${tick}`,
        );
      });
    }
  });
}

/** The same changes, but for one bit of the first column that can take it. */
function bent(changes: readonly StoreChanges[], name: string): StoreChanges[] {
  return changes.map(({ store, columns }) => {
    if (store.name !== name) return { store, columns };
    const at = columns.findIndex(({ column }) => column > 0 || store.columns.length === 1);
    return {
      store,
      columns: columns.map((column, i) => {
        if (i !== at) return column;
        const newValues = column.newValues.map((value) => Uint8Array.of(...value, 0x20));
        const xor = column.xor.map((flips, byte) => (byte === 0 ? flips ^ 0x40 : flips));
        return { ...column, xor, newValues };
      }),
    };
  });
}

for (const name of names.filter((each) => each !== "sighted")) {
  test(`T3, T5: a wrong bit of ${name} under checksums that hold is found by its digest`, async () => {
    const { file, position, tick } = frameHolding(name);
    const forge = (bytes: Uint8Array): Uint8Array => {
      const frames = framesOf(bytes);
      const forged = frames.map((frame, i) => {
        if (i !== position) return like(frame);
        const { parts, digests } = readBody(frame.body, layout, ports.codecs);
        const writer = new BodyWriter(ports.codecs, () => assert.fail("one body"), 2 ** 24);
        for (const changes of bent(joinParts(parts), name)) writer.add(changes, false);
        for (const digest of digests) writer.addDigest(digest);
        return like(frame, {}, writer.finishDelta().slice());
      });
      return segmentOf(headerOf(bytes), forged.slice(0, -1));
    };
    await changed(file, forge, async () => {
      await using run = await openRows(recorded);
      const { damage } = await run.verify();
      const found = damage.filter(({ ticks: range }) => range?.[0] === tick);
      assert(found.length > 0, `tick ${tick}: ${JSON.stringify(damage.slice(0, 2))}`);
      assert.match(found[0]?.expected ?? "", /digest/);
    });
  });
}

test("T5: verify goes on behind damage, and finds nothing wrong where nothing is", async () => {
  for (const file of files.slice(0, -2)) {
    const frames = framesOf(ports.vfs.read(`${journal}/${file}`));
    const deltas = frames.filter(({ header }) => header.kind === FrameKind.delta);
    const { offset, header } = deltas[2]!;
    await changed(file, flip(offset + 97, 2), async () => {
      await using run = await openRows(recorded);
      const { damage, lastTick } = await run.verify();
      assert.deepEqual(damage[0]?.ticks, [header.tick, header.tick]);
      // The next tick has lost what it goes on from; nothing else has.
      for (const one of damage) assert.equal(one.file, `journal/${file}`);
      assert(damage.length <= 2, JSON.stringify(damage));
      assert.equal(lastTick, 60);
    });
  }
});

test("T5: the recording is whole before and after all of that", async () => {
  await using run = await openRows(recorded);
  const report = await run.verify();
  assert.deepEqual([report.damage, report.ticks], [[], ticks.length]);
});
