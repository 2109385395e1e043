import { isEverytickError } from "../../errors.ts";
import {
  FrameKind,
  frameHeaderSize,
  PlaceChecksum,
  readFrameHeader,
  writeFrame,
} from "../../format/frame.ts";
import { readSegmentHeader } from "../../format/segment.ts";
import type { LiveRun } from "../../runs/live-run.ts";
import type { Run } from "../../runs/run.ts";
import { openRuns } from "../../runs/runs.ts";
import { Chance, everythingSurvives, MemoryVfs, SimFs } from "../../testing/index.ts";
import type { Codecs, Tick } from "../../types.ts";
import { grid, value } from "../../world/index.ts";
import { coded, makeSpecimen, putFile, type Specimen } from "../examine.ts";
import { herdWorkload } from "../herd.ts";
import { expect, Oracle } from "../oracle.ts";
import { References } from "../reference.ts";
import { isDone, none, type Row, type RowContext, type RowResult, Tally } from "../row.ts";
import { openWorkload, portsOn, runFolder, runId, runsFolder, Session } from "../workload.ts";

/** A recorded tick again: the same is taken in silence, another one is refused, and neither leaves a trace. */
async function duplicates(context: RowContext): Promise<RowResult> {
  const tally = new Tally("sequence of commits");
  const oracle = new Oracle(herdWorkload, context.codecs);
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) break;
    const chance = new Chance(seed);
    const session = new Session(new SimFs(), herdWorkload, context.codecs, {
      window: chance.below(3),
    });
    await tally.try(seed, "commits, some of them again", async () => {
      await session.open();
      for (let i = 0; i < 10; i++) {
        await session.commit();
        await commitAgain(session.run as LiveRun, chance);
      }
      await session.close();
      await oracle.check(session.disk.afterPowerLoss(everythingSurvives), session.promised);
    });
  }
  return tally.result();
}

async function commitAgain(run: LiveRun, chance: Chance): Promise<void> {
  const { tick } = run;
  expect((await run.commit({ tick })).tick === tick, "the same tick is not taken again");
  const { cells } = run.state as unknown as { cells: Uint8Array };
  const at = chance.below(cells.length);
  cells[at]! ^= 1;
  const code = await run.commit({ tick }).then(() => "nothing", codeOf);
  expect(code === "RECORDER_CONFLICT", `another state for tick ${tick} gives ${code}`);
  cells[at]! ^= 1;
}

function codeOf(error: unknown): string {
  return isEverytickError(error) ? error.code : String(error);
}

const badTicks: readonly unknown[] = [
  -1,
  -0.5,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 53),
  "7",
  7n,
  null,
  {},
];

const borderState = { bits: grid("f64", [8]), note: value({ text: "utf8" }) };
/** Commits of a run of values at the borders. */
const borderCommits = 16;

/** Ticks and values at the borders: refused, or there again bit by bit. */
async function borders(context: RowContext): Promise<RowResult> {
  const tally = new Tally("value");
  if (!context.isContinued) await refusedValues(context, tally);
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) break;
    await tally.guard(seed, "a run of borders", async () => borderRun(seed, context, tally));
  }
  return tally.result();
}

async function refusedValues({ codecs, seed }: RowContext, tally: Tally): Promise<void> {
  const runs = await openRuns(runsFolder, portsOn(new MemoryVfs(), codecs));
  const run = await runs.record(runId, { state: borderState, sparse: true });
  for (const tick of badTicks) {
    await tally.try(seed, `tick ${String(tick)}`, async () => {
      const code = await run.commit({ tick: tick as number }).then(() => "nothing", codeOf);
      expect(code === "RECORDER_TICK" || tick === null, `gives ${code}`);
    });
  }
  await tally.try(seed, "half a pair", async () => {
    const half = async (): Promise<unknown> => {
      run.state.note.text = "\ud800";
      return run.commit();
    };
    const code = await half().then(() => "nothing", codeOf);
    expect(code === "WORLD_VALUE", `gives ${code}`);
  });
  await run.close();
}

async function borderRun(seed: number, { codecs }: RowContext, tally: Tally): Promise<void> {
  const chance = new Chance(seed);
  const runs = await openRuns(runsFolder, portsOn(new MemoryVfs(), codecs));
  const run = await runs.record(runId, { state: borderState, sparse: true });
  const words = new Uint32Array(run.state.bits.buffer, run.state.bits.byteOffset, 16);
  const committed: { tick: Tick; words: string }[] = [];
  for (let i = 0; i < borderCommits; i++) {
    words.forEach((_, at) => (words[at] = borderWord(chance)));
    run.state.note.text = chance.pick(["", "\u0000", "𝄞", "\ufeff", "__proto__"]);
    const tick = run.tick + chance.pick([1, 2, 1000, 2 ** 32 - 1]);
    committed.push({ tick: (await run.commit({ tick })).tick, words: words.join() });
  }
  for (const { tick, words: expected } of committed) {
    const { bits } = (await run.at(tick)).state;
    const found = new Uint32Array(bits.buffer, bits.byteOffset, 16).join();
    await tally.try(seed, `tick ${tick}`, () => expect(found === expected, "its bits differ"));
  }
  await run.close();
}

/** Both zeros, infinities, and not-a-numbers with a payload: half of a double each. */
function borderWord(chance: Chance): number {
  const special = [0, 0x80000000, 0x7ff00000, 0xfff00000, 0x7ff80001, 0x7ff00001, 1, 0xffffffff];
  return chance.chance(0.5) ? chance.pick(special) : chance.next();
}

/** The frame of another history with every checksum right: its digest gives it away. */
async function wrongBases(context: RowContext): Promise<RowResult> {
  const { codecs } = context;
  const tally = new Tally("foreign delta");
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) break;
    const at = 1 + (seed % 2);
    await tally.try(seed, `the delta of tick ${at} is another run's`, async () => {
      const [ours, others] = [
        await sealedAfter(codecs, at, 0),
        await sealedAfter(codecs, at, 1 + (seed % 5)),
      ];
      const path = `${runFolder}/journal/${"0".repeat(16)}.seg`;
      putFile(ours, path, forged(ours.read(path), others.read(path), codecs));
      const run = await (await openRuns(runsFolder, portsOn(ours, codecs))).open(runId);
      const report = await coded(async () => run.verify());
      expect(report === undefined || report.damage.length > 0, "verify takes it for history");
      const past = await coded(async () => run.at(at, { verify: true }));
      expect(past === undefined, "a verified read takes it for history");
      await run.close();
    });
  }
  return tally.result();
}

/** A run that is killed behind a tick; one that is `other` has another cell in its first state. */
async function sealedAfter(codecs: Codecs, tick: Tick, other: number): Promise<MemoryVfs> {
  const vfs = new MemoryVfs();
  const run = await openWorkload(herdWorkload, portsOn(vfs, codecs), "never");
  const { cells } = run.state as unknown as { cells: Uint8Array };
  while (run.tick < tick) {
    if (run.tick === tick - 1) cells[11]! += other;
    herdWorkload.advance(run);
    await run.commit();
  }
  return vfs;
}

/** The last frame of one segment replaced by that of the other, in its place and chain, under our digest. */
function forged(ours: Uint8Array, others: Uint8Array, codecs: Codecs): Uint8Array {
  const header = readSegmentHeader(ours, "ours", codecs);
  const [mine, theirs] = [lastFrame(ours, header.length), lastFrame(others, header.length)];
  const body = others.subarray(
    theirs.offset + frameHeaderSize,
    theirs.offset + theirs.header.length,
  );
  const room = new Uint8Array(frameHeaderSize + body.length);
  const { stateDigest: _, ...fields } = mine.header;
  writeFrame(room, fields, body, new PlaceChecksum(codecs, header), mine.offset);
  const bytes = new Uint8Array(mine.offset + room.length);
  bytes.set(ours.subarray(0, mine.offset));
  bytes.set(room, mine.offset);
  return bytes;
}

function lastFrame(
  bytes: Uint8Array,
  begin: number,
): { offset: number; header: NonNullable<ReturnType<typeof readFrameHeader>> } {
  let found:
    { offset: number; header: NonNullable<ReturnType<typeof readFrameHeader>> } | undefined;
  for (let offset = begin; ;) {
    const header = readFrameHeader(bytes, offset);
    if (header === undefined) break;
    if (header.kind === FrameKind.delta) found = { offset, header };
    offset += header.length;
  }
  expect(found !== undefined, "a segment with a delta");
  return found;
}

/** Any tick, in any order, is what it was when it was committed. */
async function everyTick(context: RowContext): Promise<RowResult> {
  const { codecs, seeds } = context;
  const tally = new Tally("tick");
  const specimens = [await makeSpecimen(codecs, "closed"), await makeSpecimen(codecs, "killed")];
  const runs = await Promise.all(
    specimens.map(async ({ vfs }) =>
      (await openRuns(runsFolder, portsOn(vfs, codecs))).open(runId),
    ),
  );
  for await (const seed of seeds) {
    if (isDone(context, tally)) break;
    const chance = new Chance(seed);
    const number = chance.below(specimens.length);
    const [{ facts }, run] = [specimens[number] as Specimen, runs[number] as Run];
    for (const { tick, shown, historyDigest } of chance.shuffled(facts)) {
      await tally.try(seed, `tick ${tick}`, async () => {
        const past = await run.at(tick, { verify: chance.chance(0.5) });
        const isSame = herdWorkload.shown(past.state) === shown;
        expect(isSame && past.historyDigest === historyDigest, "is not what was committed");
      });
    }
  }
  for (const run of runs) await run.close();
  return tally.result();
}

/** How far the run is recorded that is resumed at each of its ticks. */
const resumedTicks = { pr: 50, nightly: 1000, release: 10_000 };

/** Resumed behind each tick, a run ends as one that never stopped. */
async function everyResume(context: RowContext): Promise<RowResult> {
  const { codecs, seed } = context;
  const tally = new Tally("resume");
  const last = resumedTicks[context.tier];
  const ticks = Array.from({ length: last + 1 }, (_, tick) => tick);
  const facts = await new References(herdWorkload, codecs).of(ticks);
  const session = new Session(new SimFs(), herdWorkload, codecs);
  await session.open();
  const onwards = 12;
  for (let tick = 0; tick + onwards <= last && !isDone(context, tally); tick++) {
    await tally.try(seed, `resumed at tick ${tick}`, async () => {
      const disk = session.disk.afterPowerLoss(everythingSurvives);
      const run = await openWorkload(herdWorkload, portsOn(disk, codecs), "only");
      for (let i = 0; i < onwards; i++) {
        herdWorkload.advance(run);
        await run.commit();
      }
      const { historyDigest } = await run.at(run.tick);
      expect(historyDigest === facts[tick + onwards]?.historyDigest, "the history differs");
      await run.close();
    });
    await session.commit();
  }
  return tally.result();
}

export const tickRows: readonly Row[] = [
  {
    id: "E1",
    title: "a tick given twice: the same, and another",
    cases: { pr: 10, nightly: 5000, release: 50_000 },
    run: duplicates,
  },
  {
    id: "E2",
    title: "ticks and values at the borders of what there is",
    cases: { pr: 10, nightly: 500, release: 5000 },
    run: borders,
  },
  {
    id: "E3",
    title: "a delta on another base",
    cases: { pr: 12, nightly: 500, release: 2000 },
    run: wrongBases,
  },
  {
    id: "E4",
    title: "every tick read in any order",
    cases: { pr: 5, nightly: 2000, release: 10_000 },
    run: everyTick,
  },
  {
    id: "E5",
    title: "a resume behind every tick",
    cases: none,
    run: everyResume,
  },
];
