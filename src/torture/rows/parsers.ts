import { acceptedForgery } from "../fuzz/accepted-forgery.ts";
import { inputOfCrasher, readCorpus } from "../fuzz/corpus-node.ts";
import { differential, pythonMissing } from "../fuzz/differential-node.ts";
import { execute, inputOf } from "../fuzz/execute.ts";
import type { Bench, Reader } from "../fuzz/reader.ts";
import { engineReaders, fileReaders, runReader } from "../fuzz/readers/index.ts";
import { record, Recordings } from "../fuzz/recordings.ts";
import { roundTrip } from "../fuzz/round-trips.ts";
import { processUsage } from "../fuzz/usage-node.ts";
import { Chance } from "../../testing/index.ts";
import { isDone, none, type Row, type RowContext, type RowResult, Tally } from "../row.ts";

const MiB = 2 ** 20;

function benchOf({ codecs }: RowContext): Bench {
  return { codecs, recordings: new Recordings(codecs), usage: processUsage };
}

/** Gives forged bytes to each reader in turn. A seed replays its own execution first. */
export async function fuzz(context: RowContext, readers: readonly Reader[]): Promise<RowResult> {
  const tally = new Tally("execution");
  const bench = benchOf(context);
  const before = bench.usage().peak;
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) break;
    for (const reader of readers) {
      await tally.try(seed, `the reader ${reader.name}`, async () => {
        const input = await inputOf(reader, seed, bench);
        if ((await execute(reader, input, bench)) === "taken") tally.count("accepted input");
      });
    }
  }
  tally.most("MiB of memory", Math.round((bench.usage().peak - before) / MiB));
  return tally.result(
    readers.length > 1 ? `the same of each of ${readers.length} readers` : undefined,
  );
}

async function roundTrips(context: RowContext): Promise<RowResult> {
  const tally = new Tally("world");
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) break;
    await tally.try(seed, `world ${seed}`, () => {
      tally.count("value", roundTrip(new Chance(seed), context.codecs));
    });
  }
  return tally.result();
}

async function differentials(context: RowContext): Promise<RowResult> {
  const tally = new Tally("recording");
  const bench = benchOf(context);
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) break;
    await tally.try(seed, `recording ${seed}`, async () => {
      const recording = await record(seed, context.codecs);
      differential(recording);
      tally.count("tick", recording.ticks.size);
      const forged = await acceptedForgery(seed, bench);
      if (forged === undefined) return;
      differential(forged);
      tally.count("accepted forgery");
    });
  }
  return tally.result();
}

/** Replays what readers once failed on. */
export async function replayCorpus(
  context: RowContext,
  readers: readonly Reader[],
): Promise<RowResult> {
  const tally = new Tally("crasher");
  const bench = benchOf(context);
  for (const [name, crasher] of readCorpus()) {
    const reader = readers.find((each) => each.name === crasher.reader);
    if (reader === undefined) continue;
    await tally.try(context.seed, name, async () => {
      await execute(reader, inputOfCrasher(crasher), bench);
    });
  }
  return tally.result();
}

/** The rows of all that reads bytes of strangers: of the engine, and what a command adds. */
export function parserRows(others: readonly Reader[] = []): readonly Row[] {
  const files = [...fileReaders, ...others];
  return [
    {
      id: "K1",
      title: "every reader of a file, on bytes forged behind their checksums",
      cases: { pr: 2000, nightly: 100_000, release: 1_000_000 },
      run: async (context) => fuzz(context, files),
    },
    {
      id: "K2",
      title: "what is written reads back the same, and is written the same again",
      cases: { pr: 60, nightly: 5000, release: 50_000 },
      run: roundTrips,
    },
    {
      id: "K3",
      title: "an independent reader finds the same ticks, and takes what verify takes",
      cases: { pr: 3, nightly: 200, release: 2000 },
      run: differentials,
      missing: pythonMissing,
    },
    {
      id: "K4",
      title: "what readers once failed on, again",
      cases: none,
      run: async (context) => replayCorpus(context, [...engineReaders, ...others]),
      missing: () => (readCorpus().size === 0 ? "needs the corpus of a working copy" : undefined),
    },
    {
      id: "K5",
      title: "whole runs, forged behind their checksums: verified, played, looked into, resumed",
      cases: { pr: 200, nightly: 20_000, release: 1_000_000 },
      run: async (context) => fuzz(context, [runReader]),
    },
  ];
}

/** Rows with more readers to try: those of commands, which no row may import. */
export function withReaders(rows: readonly Row[], others: readonly Reader[]): readonly Row[] {
  const more = parserRows(others);
  return rows.map((row) => more.find(({ id }) => id === row.id) ?? row);
}
