import { openRuns } from "../../runs/runs.ts";
import { runNode, Scratch } from "../child-process-node.ts";
import { expect } from "../oracle.ts";
import { none, type Row, type RowContext, type RowResult, Tally } from "../row.ts";
import { runId } from "../workload.ts";

const MiB = 2 ** 20;
const MB = 1e6;

export interface Sample {
  /** Since the start. */
  readonly seconds: number;
  readonly tick: number;
  /** Bytes of the process. */
  readonly resident: number;
  /** Bytes of objects and arrays that are no garbage. */
  readonly live: number;
}

/** For how long the tiers record, and how often they look. */
const lengths = {
  pr: { seconds: 8, sampledSeconds: 0.5 },
  nightly: { seconds: 600, sampledSeconds: 5 },
  release: { seconds: 3600, sampledSeconds: 10 },
};
/** A slope says something of a time that is long against the steps in which a process takes memory. */
const slopeSecondsMin = 3500;
const slopeMax = MB;
const liveGrowthMax = 24 * MiB;

async function soak({ tier, seed, codecs }: RowContext): Promise<RowResult> {
  const tally = new Tally("recording");
  const { seconds, sampledSeconds } = lengths[tier];
  using scratch = new Scratch();
  await tally.try(seed, `${seconds} seconds of recording and reading`, async () => {
    const args = [scratch.runs, String(seconds), String(sampledSeconds), String(seed)];
    const { stdout, stderr } = await runNode("soak-child-node", args);
    const samples = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Sample);
    expect(samples.length > 8, `${samples.length} samples: ${stderr}`);
    const last = samples.at(-1) as Sample;
    tally.count("tick", last.tick);
    tally.count("second", Math.round(last.seconds));
    tally.most(
      "MiB of memory",
      Math.round(Math.max(...samples.map(({ resident }) => resident)) / MiB),
    );
    const slope = checkMemory(samples);
    if (slope !== undefined)
      tally.most("MB of memory in an hour", Math.max(0, Number((slope / MB).toFixed(2))));
    const run = await (await openRuns(scratch.runs, { codecs })).open(runId);
    const { damage, ticks } = await run.verify();
    await run.close();
    expect(
      damage.length === 0 && ticks > last.tick,
      `${ticks} ticks, ${JSON.stringify(damage[0])}`,
    );
  });
  return tally.result();
}

/** @returns bytes per hour, where the time is long enough for it. @throws Violation where memory grows */
export function checkMemory(samples: readonly Sample[]): number | undefined {
  // Until then a process fills its caches and compiles its code.
  const settled = samples.slice(samples.length >> 2);
  const [first, last] = [settled[0] as Sample, settled.at(-1) as Sample];
  const grown = last.live - first.live;
  expect(grown < liveGrowthMax, `live memory grew by ${(grown / MiB).toFixed(1)} MiB`);
  if (last.seconds < slopeSecondsMin) return undefined;
  const slope = 3600 * slopeOf(settled);
  expect(slope < slopeMax, `memory grows by ${(slope / MB).toFixed(2)} MB in an hour`);
  return slope;
}

/** Bytes of resident memory per second: the line with the least squares. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [middle, level] = [mean(({ seconds }) => seconds), mean(({ resident }) => resident)];
  const covariance = mean(({ seconds, resident }) => (seconds - middle) * (resident - level));
  return covariance / mean(({ seconds }) => (seconds - middle) ** 2);
}

export const soakRows: readonly Row[] = [
  {
    id: "S1",
    title: "recording and reading at full load: memory stays flat, and all of it is whole",
    cases: none,
    run: soak,
  },
];
