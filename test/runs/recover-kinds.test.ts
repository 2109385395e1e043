/** Runs that were recorded in other ways: with ticks left out, by several writers, and with a torn end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, openRuns, type RecoverReport, type Runs } from "everytick";
import { MemoryVfs } from "everytick/testing";
import { framesOf } from "../journal/forge.ts";
import { copyFolder } from "../journal/small-run.ts";
import { folder, memoryRuns, rewrite, type Memory } from "./memory-runs.ts";

const journal = `${folder}/run/journal`;
const state = () => ({ cells: grid("u16", [50]) });

/** Records these ticks, in so many lives. */
async function recorded(ticks: readonly number[], sparse: boolean, lives: number): Promise<Memory> {
  const memory = await memoryRuns({ segmentBytesMin: 3000 });
  const perLife = Math.ceil(ticks.length / lives);
  for (let life = 0; life < lives; life++) {
    const run = await memory.runs.record("run", { state: state(), sparse, resume: "auto" });
    for (const tick of ticks.slice(life * perLife, (life + 1) * perLife)) {
      run.state.cells.fill(tick, tick % 50);
      await run.commit({ tick, simTime: tick / 2 });
    }
    await run.close();
  }
  return memory;
}

async function damaged(
  { ports }: Memory,
  change: (vfs: MemoryVfs, files: readonly string[]) => void,
): Promise<{ runs: Runs; report: RecoverReport }> {
  const vfs = new MemoryVfs();
  copyFolder(ports.vfs, folder, vfs, folder);
  const files = (vfs.list(journal) ?? []).filter((name) => name.endsWith(".seg"));
  change(
    vfs,
    files.map((name) => `${journal}/${name}`),
  );
  const runs = await openRuns(folder, { ...ports, vfs });
  return { runs, report: await runs.recover("run", { as: "new" }) };
}

/** Each tick of the new run is that of the old one, times included. @returns the ticks. */
async function compared(runs: Runs, { runs: originals }: Memory): Promise<number[]> {
  await using run = await runs.open("new");
  await using original = await originals.open("run");
  const ticks: number[] = [];
  for await (const past of run.play()) {
    const old = await original.at(past.tick);
    assert.equal(past.stateDigest(), old.stateDigest(), `tick ${past.tick}`);
    assert.deepEqual([past.simTime, past.wallTime], [old.simTime, old.wallTime]);
    ticks.push(past.tick);
  }
  return ticks;
}

const every = (step: number, end: number): number[] =>
  Array.from({ length: Math.floor(end / step) }, (_, i) => step * (i + 1));

test("R8: of a run with ticks left out nothing is taken for lost that never was there", async () => {
  const memory = await recorded(every(3, 300), true, 1);
  const whole = await damaged(memory, () => {});
  assert.deepEqual([whole.report.salvaged, whole.report.lost], [101, 0]);
  assert.equal((await compared(whole.runs, memory)).length, 101);
  const { runs, report } = await damaged(memory, (vfs, files) => {
    const middle = files[1] as string;
    rewrite(vfs, middle, (bytes) => bytes.fill(0, 700, bytes.length - 700));
  });
  const ticks = await compared(runs, memory);
  assert.equal(ticks.length, report.salvaged);
  assert(report.lost > 0 && ticks.length > 40, `${ticks.length}`);
});

test("R8: what several writers recorded is brought back over their seams", async () => {
  const memory = await recorded(every(1, 120), false, 5);
  const { ports } = memory;
  const path = `${journal}/0000000000000000.seg`;
  const frames = framesOf(ports.vfs.read(path));
  const { offset } = frames[frames.length >> 1]!;
  const { runs, report } = await damaged(memory, (vfs) => {
    rewrite(vfs, path, (bytes) => bytes.with(offset + 100, bytes[offset + 100]! ^ 1));
  });
  // Second differences end the way back from the next keyframe; all behind it is there.
  assert.deepEqual([report.possible, report.lastTick], [121, 120]);
  assert(report.lost < 20, String(report.lost));
  assert.equal((await compared(runs, memory)).length, report.salvaged);
});

test("R8: a torn end is no damage, and nothing of it is brought back or counted", async () => {
  const memory = await recorded(every(1, 100), false, 1);
  const { report } = await damaged(memory, (vfs, files) => {
    rewrite(vfs, files.at(-1) as string, (bytes) => {
      // Without the mark, and with half of the frame before it.
      const [last] = framesOf(bytes).slice(-2);
      return bytes.slice(0, last!.offset + 60);
    });
  });
  assert.deepEqual([report.lost, report.salvaged, report.damage.length], [0, 100, 0]);
});

test("R8: a run that is recovered twice is the same run", async () => {
  const memory = await recorded(every(1, 100), false, 2);
  const { runs, report } = await damaged(memory, (vfs, files) => {
    rewrite(vfs, files[0] as string, (bytes) => bytes.fill(0, 900, 2400));
  });
  const again = await runs.recover("new", { as: "newer" });
  assert.deepEqual(
    [again.salvaged, again.lost, again.historyDigest],
    [report.salvaged, 0, report.historyDigest],
  );
});
