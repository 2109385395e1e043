import { Chance } from "../../testing/index.ts";
import type { Tick } from "../../types.ts";
import {
  type ChildEnd,
  recordTraced,
  recordUntilKilled,
  Scratch,
  simulated,
  straceMissing,
} from "../child-process-node.ts";
import { CrashStates } from "../crash-states.ts";
import { herdWorkload } from "../herd.ts";
import { expect, Oracle } from "../oracle.ts";
import { isDone, none, type Row, type RowContext, type RowResult, Tally } from "../row.ts";
import { lossesOf, replayTrace } from "../strace-replay.ts";

const issuedTo = (lastTick: Tick): Tick[] =>
  Array.from({ length: lastTick + 1 }, (_, tick) => tick);

/** The last tick of a history that is killed again and again until it is done. */
const killedTick = 150;

/** One life for each seed; the next one resumes the same run, or begins another when it was done. */
async function kills(context: RowContext): Promise<RowResult> {
  const tally = new Tally("life");
  const oracle = new Oracle(herdWorkload, context.codecs);
  let scratch = new Scratch();
  let acknowledged = -1;
  try {
    for (const seed of context.seeds) {
      if (isDone(context, tally)) break;
      const chance = new Chance(seed);
      const from = chance.chance(0.4) ? "start" : "first word";
      const kill = { milliseconds: chance.below(300), from } as const;
      let end: ChildEnd | undefined;
      await tally.try(seed, `killed ${kill.milliseconds} ms behind its ${from}`, async () => {
        end = await recordUntilKilled(scratch.runs, killedTick, kill);
        expect(end.isKilled || end.isClosed, end.stderr);
        if (end.isKilled) tally.count("kill");
        if (end.acknowledged < 0) tally.count("kill before the first word");
        acknowledged = Math.max(acknowledged, end.acknowledged);
        const promised = { acknowledged, acknowledgedGap: -1, issued: issuedTo(killedTick) };
        if (acknowledged >= 0) await oracle.check(simulated(scratch.runs), promised);
      });
      if (end?.isClosed === false) continue;
      scratch[Symbol.dispose]();
      scratch = new Scratch();
      acknowledged = -1;
    }
  } finally {
    scratch[Symbol.dispose]();
  }
  return tally.result();
}

/** What a process does to its files. */
const calls = [
  "openat",
  "pwrite64",
  "fdatasync",
  "fsync",
  "rename",
  "ftruncate",
  "mkdir",
  "unlink",
];
const segmentsTick = 12;

/** Where the main thread's n-th call of a kind touches the run. */
interface CallPoint {
  readonly call: string;
  readonly number: number;
}

function callPoints(log: string, folder: string): CallPoint[] {
  const counts = new Map<string, number>();
  const points: CallPoint[] = [];
  for (const line of log.split("\n")) {
    const call = /^(?:\[pid +\d+\] )?(\w+)\(/.exec(line)?.[1];
    if (call === undefined || line.startsWith("[pid")) continue;
    const number = (counts.get(call) ?? 0) + 1;
    counts.set(call, number);
    if (line.includes(folder)) points.push({ call, number });
  }
  return points;
}

/** Calls of which the shortest tier tries so many. */
const sampledCalls = 4;

async function killedCalls(context: RowContext): Promise<RowResult> {
  const tally = new Tally("kill");
  const oracle = new Oracle(herdWorkload, context.codecs);
  const points = ((): CallPoint[] => {
    using scratch = new Scratch();
    const { log } = recordTraced(scratch.runs, segmentsTick, [
      "-y",
      "-qq",
      "-e",
      `trace=${calls.join()}`,
    ]);
    return callPoints(log, scratch.path);
  })();
  const chance = new Chance(context.seed);
  const chosen = context.tier === "pr" ? chance.shuffled(points).slice(0, sampledCalls) : points;
  for (const { call, number } of chosen) {
    if (isDone(context, tally)) break;
    using scratch = new Scratch();
    await tally.try(context.seed, `killed at ${call} ${number}`, async () => {
      const inject = [
        "-qq",
        "-e",
        `trace=${call}`,
        "-e",
        `inject=${call}:signal=KILL:when=${number}`,
      ];
      const { acknowledged, isKilled, log } = recordTraced(scratch.runs, segmentsTick, inject);
      expect(isKilled, `was not killed: ${log.slice(-500)}`);
      const promised = { acknowledged, acknowledgedGap: -1, issued: issuedTo(segmentsTick) };
      await oracle.check(simulated(scratch.runs), promised);
    });
  }
  return tally.result(`of ${points.length} calls of a run of three segments`);
}

async function tracedLosses(context: RowContext): Promise<RowResult> {
  const tally = new Tally("image");
  const oracle = new Oracle(herdWorkload, context.codecs);
  const states = new CrashStates(context.codecs, oracle, tally);
  using scratch = new Scratch();
  const kinds = [...calls, "write", "close"].join();
  // The first recording, then one that resumes: two processes, one log each.
  const options = ["-xx", "-s", "10000000", "-qq", "-e", `trace=${kinds}`];
  const logs = [segmentsTick, 2 * segmentsTick].map(
    (last) => recordTraced(scratch.runs, last, options).log,
  );
  const chance = new Chance(context.seed);
  const perChange = context.tier === "pr" ? 4 : 24;
  const issued = issuedTo(2 * segmentsTick);
  await replayTrace(logs, scratch.path, {
    states,
    issued,
    losses: lossesOf(chance, perChange),
    seed: context.seed,
  });
  tally.count("recovery", states.distinct);
  return tally.result();
}

export const processRows: readonly Row[] = [
  {
    id: "A1",
    title: "processes killed at random moments, the same run resumed by the next",
    cases: { pr: 6, nightly: 2000, release: 10_000 },
    run: kills,
  },
  {
    id: "A2",
    title: "processes killed at each call that touches their files",
    cases: none,
    missing: straceMissing,
    run: killedCalls,
  },
  {
    id: "A7",
    title: "power loss behind each call of a real process, from its trace",
    cases: none,
    missing: straceMissing,
    run: tracedLosses,
  },
];
