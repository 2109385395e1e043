import { inputOfCrasher, readCorpus } from "../fuzz/corpus-node.ts";
import { differential, pythonMissing } from "../fuzz/differential-node.ts";
import { execute, inputOf } from "../fuzz/execute.ts";
import { processMemory } from "../fuzz/memory-node.ts";
import type { Bench, Reader } from "../fuzz/reader.ts";
import { engineReaders } from "../fuzz/readers/index.ts";
import { record, Recordings } from "../fuzz/recordings.ts";
import { roundTrip } from "../fuzz/round-trips.ts";
import { Chance } from "../../testing/index.ts";
import { counted, isDone, type Row, type RowContext, type RowResult, Tally } from "../row.ts";

const MiB = 2 ** 20;

function benchOf({ codecs, clock }: RowContext): Bench {
  return { codecs, clock, recordings: new Recordings(codecs), memory: processMemory };
}

/** Gives forged bytes to each reader in turn. A seed replays its own execution first. */
export async function fuzz(context: RowContext, readers: readonly Reader[]): Promise<RowResult> {
  const tally = new Tally();
  const bench = benchOf(context);
  const before = bench.memory().peak;
  let taken = 0;
  for (let number = 0; number < context.cases && !isDone(context, tally); number++) {
    for (const reader of readers) {
      if (!isTurn(reader, number)) continue;
      const seed = context.seed + number;
      await tally.try(seed, `the reader ${reader.name}, execution ${number}`, async () => {
        const input = await inputOf(reader, seed, bench);
        if ((await execute(reader, input, bench)) === "taken") taken += 1;
      });
    }
  }
  const grown = Math.round((bench.memory().peak - before) / MiB);
  const executions = `${counted(tally.tried, "execution")} of ${counted(readers.length, "reader")}`;
  return tally.result(`${executions}, ${counted(taken, "input")} taken, memory +${grown} MiB`);
}

function isTurn({ share = 1 }: Reader, number: number): boolean {
  return number % Math.round(1 / share) === 0;
}

async function roundTrips(context: RowContext): Promise<RowResult> {
  const tally = new Tally();
  let values = 0;
  for (let number = 0; number < context.cases && !isDone(context, tally); number++) {
    const seed = context.seed + number;
    await tally.try(seed, `world ${seed}`, () => {
      values += roundTrip(new Chance(seed), context.codecs);
    });
  }
  return tally.result(`${counted(tally.tried, "world")}, ${counted(values, "value")}`);
}

async function differentials(context: RowContext): Promise<RowResult> {
  const tally = new Tally();
  let ticks = 0;
  for (let number = 0; number < context.cases && !isDone(context, tally); number++) {
    const seed = context.seed + number;
    await tally.try(seed, `recording ${seed}`, async () => {
      const recording = await record(seed, context.codecs);
      differential(recording);
      ticks += recording.ticks.size;
    });
  }
  return tally.result(`${counted(tally.tried, "recording")}, ${counted(ticks, "tick")} alike`);
}

/** Replays what readers once failed on. */
export async function replayCorpus(
  context: RowContext,
  readers: readonly Reader[],
): Promise<RowResult> {
  const tally = new Tally();
  const bench = benchOf(context);
  for (const [name, crasher] of readCorpus()) {
    const reader = readers.find((each) => each.name === crasher.reader);
    if (reader === undefined) continue;
    await tally.try(context.seed, name, async () => {
      await execute(reader, inputOfCrasher(crasher), bench);
    });
  }
  return tally.result(counted(tally.tried, "crasher"));
}

/** The rows of all that reads bytes of strangers: of the engine, and what a command adds. */
export function parserRows(others: readonly Reader[] = []): readonly Row[] {
  const readers = [...engineReaders, ...others];
  return [
    {
      id: "K1",
      title: "every reader, on bytes forged behind their checksums",
      cases: { pr: 2000, nightly: 100_000, release: 1_000_000 },
      run: async (context) => fuzz(context, readers),
    },
    {
      id: "K2",
      title: "what is written reads back the same, and is written the same again",
      cases: { pr: 60, nightly: 5000, release: 50_000 },
      run: roundTrips,
    },
    {
      id: "K3",
      title: "an independent reader finds the same ticks",
      cases: { pr: 3, nightly: 200, release: 2000 },
      run: differentials,
      missing: pythonMissing,
    },
    {
      id: "K4",
      title: "what readers once failed on, again",
      cases: { pr: 1, nightly: 1, release: 1 },
      run: async (context) => replayCorpus(context, readers),
      missing: () => (readCorpus().size === 0 ? "needs the corpus of a working copy" : undefined),
    },
  ];
}

/** Rows with more readers to try: those of commands, which no row may import. */
export function withReaders(rows: readonly Row[], others: readonly Reader[]): readonly Row[] {
  const more = parserRows(others);
  return rows.map((row) => more.find(({ id }) => id === row.id) ?? row);
}
