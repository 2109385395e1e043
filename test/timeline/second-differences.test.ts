/** Columns that drift are written as second differences, which lead on from the tick before: every way must still arrive. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, openRuns, table, type Run, type StateOf } from "everytick";
import { memoryPorts } from "everytick/testing";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { NumberEncoding } from "../../src/format/number-blocks.ts";
import { Choices } from "../model/choices.ts";
import { folder } from "../runs/memory-runs.ts";
import { encodingsIn } from "../format/block-heads.ts";

function definition() {
  return {
    drift: grid("f64", [40, 50]),
    counters: grid("u32", [300]),
    county: table({ id: "u32", value: "f64", wide: "f32[3]" }, { key: "id" }),
    still: grid("u8", [100]),
  };
}
type Definition = ReturnType<typeof definition>;

const ticks = 160;

/** Smooth series with pauses: ticks without any change, ticks that change some rows only, births and deaths. */
function step(state: StateOf<Definition>, tick: number, choices: Choices): void {
  if (tick % 23 === 0) return;
  const { drift, counters, county, still } = state;
  const count = tick % 17 === 0 ? 30 : drift.length;
  for (let i = 0; i < count; i++) drift[i]! += 1000 + i * 3 + (choices.below(1000) - 500) / 1e4;
  for (let i = 0; i < counters.length; i++) counters[i]! += 100 + (i % 7) + choices.below(2);
  if (tick % 5 === 0) still[choices.below(100)] = tick;
  if (tick % 11 === 0) county.delete(tick / 11);
  if (tick % 13 === 0) county.insert({ id: 1000 + tick, value: tick });
  for (const row of county) row.value += 10 + choices.below(3) / 100;
  const { wide } = county.columns;
  for (let i = 0; i < wide.length; i++) wide[i]! += i;
}

async function recorded() {
  const { codecs: _, ...ports } = await memoryPorts();
  const codecs = await nodeCodecs();
  const open = async () => openRuns(folder, { ...ports, codecs, segmentBytesMin: 300_000 });
  const runs = await open();
  const run = await runs.record("run", { state: definition(), window: 8 });
  for (let id = 0; id < 60; id++) run.state.county.insert({ id, value: id, wide: [1, 2, 3] });
  const choices = new Choices(5);
  const digests: string[] = [(await run.at(0)).stateDigest()];
  for (let tick = 1; tick <= ticks; tick++) {
    step(run.state, tick, choices);
    await run.commit();
    digests.push((await run.at(tick)).stateDigest());
  }
  await run.close();
  return { vfs: ports.vfs, open, digests };
}

const { vfs, open, digests } = await recorded();

async function reader(): Promise<Run> {
  return (await open()).open("run");
}

test("F2: a drifting column is written as second differences, but for the first tick of a segment", () => {
  const files = vfs.list(`${folder}/run/journal`) ?? [];
  const second = NumberEncoding.secondDifferences as number;
  const found = files.map((file) =>
    encodingsIn(vfs.read(`${folder}/run/journal/${file}`), "drift"),
  );
  assert(files.length >= 3, `${files.length} segments`);
  assert(found.flat(2).filter((encoding) => encoding === second).length > 50);
  for (const [first = []] of found) assert(!first.includes(second), "it stands alone");
});

test("T1, T2: any tick is reached in any order, seed 1", async () => {
  const run = await reader();
  const choices = new Choices(1);
  for (let i = 0; i < 150; i++) {
    const tick = choices.below(ticks + 1);
    const past = await run.at(tick, { verify: choices.chance(0.3) });
    assert.equal(past.stateDigest(), digests[tick], `tick ${tick}`);
  }
});

test("T6: played backwards and forwards, with digests checked and without", async () => {
  for (const verify of [false, true]) {
    const run = await reader();
    for (const [from, to] of [
      [ticks, 0],
      [0, ticks],
      [97, 31],
    ] as const) {
      let count = 0;
      for await (const past of run.play({ from, to, verify, reuse: true })) {
        assert.equal(past.stateDigest(), digests[past.tick], `tick ${past.tick}, from ${from}`);
        count += 1;
      }
      assert.equal(count, Math.abs(to - from) + 1);
    }
  }
});

test("T1: what a tick changed is told wherever one comes from, seed 2", async () => {
  const run = await reader();
  const other = await reader();
  const choices = new Choices(2);
  for (let i = 0; i < 40; i++) {
    const tick = choices.below(ticks + 1);
    const fresh = await (await reader()).changesAt(tick);
    assert.deepEqual(await run.changesAt(tick), fresh, `tick ${tick}`);
    await other.at(choices.below(ticks + 1));
    assert.deepEqual(await other.changesAt(tick, { verify: true }), fresh, `tick ${tick}`);
  }
});

test("T5, J6: verify finds nothing, and a sealed segment is read alone", async () => {
  const run = await reader();
  assert.deepEqual((await run.verify()).damage, []);
});
