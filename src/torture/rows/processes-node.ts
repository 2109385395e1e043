import { Chance } from "../../testing/index.ts";
import type { Tick } from "../../types.ts";
import type { ChildPlan } from "../child-plan.ts";
import {
  type ChildEnd,
  killOf,
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
import { ticksUpTo } from "../workload.ts";

/** The last tick of a history that is killed again and again until it is done. */
const killedTick = 150;

/** One life for each seed; the next one resumes the same run, or begins another when it was done. */
async function kills(context: RowContext): Promise<RowResult> {
  const tally = new Tally("life");
  const oracle = new Oracle(herdWorkload, context.codecs);
  let scratch = new Scratch();
  let acknowledged = -1;
  try {
    for await (const seed of context.seeds) {
      if (isDone(context, tally)) break;
      const chance = new Chance(seed);
      const kill = killOf(chance);
      let end: ChildEnd | undefined;
      await tally.try(seed, `killed ${kill.milliseconds} ms behind its ${kill.from}`, async () => {
        end = await recordUntilKilled({ folder: scratch.runs, lastTick: killedTick }, kill);
        expect(end.isKilled || end.isClosed, end.stderr);
        if (end.isKilled) tally.count("kill");
        if (end.acknowledged < 0) tally.count("kill before the first word");
        acknowledged = Math.max(acknowledged, end.acknowledged);
        const promised = { acknowledged, acknowledgedGap: -1, issued: ticksUpTo(killedTick) };
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

function planOf(scratch: Scratch): ChildPlan {
  return { folder: scratch.runs, lastTick: segmentsTick };
}

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
    const { log } = recordTraced(planOf(scratch), ["-y", "-qq", "-e", `trace=${calls.join()}`]);
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
      const { acknowledged, isKilled, log } = recordTraced(planOf(scratch), inject);
      expect(isKilled, `was not killed: ${log.slice(-500)}`);
      const promised = { acknowledged, acknowledgedGap: -1, issued: ticksUpTo(segmentsTick) };
      await oracle.check(simulated(scratch.runs), promised);
    });
  }
  return tally.result(`of ${points.length} calls of a run of three segments`);
}

/** At these calls of `fsync` the first process of a history is killed: names that it made are not durable then. */
const killedSyncs = [1, 2, 3];

async function tracedLosses(context: RowContext): Promise<RowResult> {
  const tally = new Tally("image");
  const oracle = new Oracle(herdWorkload, context.codecs);
  const states = new CrashStates(context.codecs, oracle, tally);
  const kinds = [...calls, "write", "close"].join();
  const trace = ["-xx", "-s", "10000000", "-qq", "-e", `trace=${kinds}`];
  const killedAt = (number: number): string[] => {
    return [...trace, "-e", `inject=fsync:signal=KILL:when=${number}`];
  };
  // A recording, then one that resumes: two processes, one log each.
  const histories = [[trace, trace], ...killedSyncs.map((number) => [killedAt(number), trace])];
  for (const [number, history] of histories.entries()) {
    if (isDone(context, tally)) break;
    using scratch = new Scratch();
    const mixtures = context.tier !== "pr" ? 24 : number === 0 ? 4 : 1;
    const lastTickOf = (index: number): Tick => (number === 0 ? segmentsTick * (index + 1) : 1);
    const logs = history.map((options, index) => {
      const plan = { folder: scratch.runs, lastTick: lastTickOf(index) };
      return recordTraced(plan, options).log;
    });
    await replayTrace(logs, scratch.path, {
      states,
      issued: ticksUpTo(2 * segmentsTick),
      losses: lossesOf(new Chance(context.seed), mixtures),
      seed: context.seed,
    });
  }
  tally.count("recovery", states.distinct);
  return tally.result(`of ${histories.length} histories of two traced processes`);
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
