import {
  Chance,
  everythingIsTorn,
  everythingSurvives,
  mixture,
  nothingSurvives,
  onlyContentSurvives,
  onlyLengthsSurvive,
  type SimFs,
  subset,
  type Survival,
} from "../../testing/index.ts";
import { CrashStates, type Losses } from "../crash-states.ts";
import { herdWorkload } from "../herd.ts";
import { Oracle } from "../oracle.ts";
import { isDone, type Row, type RowContext, type RowResult, Tally } from "../row.ts";
import { playAndLose, randomActions, randomSession, sequencesUpTo } from "../sequences.ts";
import { openWorkload, portsOn, type Promised } from "../workload.ts";

/** Up to so many unsynced changes every subset is tried. */
const exhaustiveChanges = 12;
/** Random mixtures at a change that has more. */
const mixturesPerChange = 16;

interface Setting {
  readonly context: RowContext;
  readonly tally: Tally;
  readonly oracle: Oracle;
  readonly states: CrashStates;
}

function settingOf(context: RowContext, unit = "state"): Setting {
  const tally = new Tally(unit);
  const oracle = new Oracle(herdWorkload, context.codecs);
  return { context, tally, oracle, states: new CrashStates(context.codecs, oracle, tally) };
}

/** Equal states are recovered from once. */
function statesResult({ tally, states }: Setting, played = 0): RowResult {
  tally.count("recovery", states.distinct);
  if (played > 0) tally.count("short session", played);
  return tally.result();
}

/** Random sessions, each with these losses at every change. */
async function playRandomly(
  { context, tally, states }: Setting,
  lossesOf: (chance: Chance) => Losses,
): Promise<void> {
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) return;
    const chance = new Chance(seed);
    const actions = randomActions(chance, 3 + chance.below(10));
    const losses = lossesOf(chance);
    const session = { workload: herdWorkload, actions, losses, seed, ...randomSession(chance) };
    await tally.guard(seed, actions.join(" "), async () => {
      await playAndLose(context.codecs, states, session);
    });
  }
}

/** Every short session, each with these losses at every change. @returns how many */
async function playAll({ context, tally, states }: Setting, losses: Losses): Promise<number> {
  let played = 0;
  if (context.isContinued) return played;
  for (const actions of sequencesUpTo(context.tier === "pr" ? 2 : 3)) {
    if (isDone(context, tally)) break;
    played += 1;
    await context.clock.yield();
    await tally.guard(context.seed, actions.join(" "), async () => {
      const session = { workload: herdWorkload, actions, losses, seed: context.seed };
      await playAndLose(context.codecs, states, session);
    });
  }
  return played;
}

const always = (name: string, survival: Survival): Losses => {
  return () => [[name, survival]];
};

async function nothingUnsynced(context: RowContext): Promise<RowResult> {
  const setting = settingOf(context);
  await playRandomly(setting, () => always("nothing unsynced survives", nothingSurvives));
  return statesResult(setting);
}

/** Every subset where there are few, else a sample; and what tears. */
function* subsets(disk: SimFs, chance: Chance): Generator<readonly [string, Survival]> {
  const count = disk.unsynced.length;
  yield ["every write is torn", everythingIsTorn];
  if (count <= exhaustiveChanges) {
    for (let bits = 0; bits < 2 ** count; bits++)
      yield [`subset ${bits} of ${count}`, subset(bits)];
    return;
  }
  yield ["nothing", nothingSurvives];
  yield ["everything", everythingSurvives];
  for (let i = 0; i < mixturesPerChange; i++) yield [`mixture ${i}`, mixture(chance)];
}

async function anySubset(context: RowContext): Promise<RowResult> {
  const setting = settingOf(context);
  const chance = new Chance(context.seed);
  const played = await playAll(setting, (disk) => subsets(disk, chance));
  await playRandomly(
    setting,
    (own) =>
      function* (disk) {
        yield ["nothing", nothingSurvives];
        for (let i = 0; i < mixturesPerChange; i++) yield [`mixture ${i}`, mixture(own)];
        if (disk.unsynced.length <= 6) yield* subsets(disk, own);
      },
  );
  return statesResult(setting, played);
}

async function lostNames(context: RowContext): Promise<RowResult> {
  const setting = settingOf(context);
  const losses: Losses = (disk) => namesOnly(disk);
  const played = await playAll(setting, losses);
  await playRandomly(setting, () => losses);
  return statesResult(setting, played);
}

/** All content is there; every subset of the names is. */
function* namesOnly(disk: SimFs): Generator<readonly [string, Survival]> {
  const names = disk.unsynced.flatMap((change, number) => (change === "names" ? [number] : []));
  yield ["no name", onlyContentSurvives];
  for (let bits = 1; bits < 2 ** Math.min(names.length, exhaustiveChanges); bits++) {
    const survival: Survival = (change, number) => {
      return change !== "names" || (bits >>> names.indexOf(number)) & 1 ? "kept" : "lost";
    };
    yield [`names ${bits} of ${names.length}`, survival];
  }
}

async function zeroTails(context: RowContext): Promise<RowResult> {
  const setting = settingOf(context);
  await playRandomly(setting, (chance) => () => [
    ["lengths without data", onlyLengthsSurvive],
    ["lengths and some data", someZeros(chance)],
  ]);
  return statesResult(setting);
}

function someZeros(chance: Chance): Survival {
  return (change) => (change === "data" && chance.chance(0.5) ? "lost" : "kept");
}

/** How deep recoveries are interrupted by a loss of power. */
const depth = 3;

/** Loses power at each change of a recovery, and of the recovery of what that leaves. */
async function lostInRecovery(context: RowContext): Promise<RowResult> {
  const setting = settingOf(context, "nested state");
  const { tally, codecs } = { ...setting, codecs: context.codecs };
  const nested = new CrashStates(codecs, setting.oracle, tally);
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) break;
    const chance = new Chance(seed);
    const start: { disk: SimFs; promised: Promised }[] = [];
    const collected = new CrashStates(codecs, setting.oracle, new Tally("state"));
    collected.onDistinct = ({ disk, promised }) => {
      if (chance.chance(0.1))
        start.push({ disk: disk.afterPowerLoss(everythingSurvives), promised });
    };
    const actions = randomActions(chance, 2 + chance.below(4));
    const losses: Losses = () => [["mixture", mixture(chance)]];
    const session = { workload: herdWorkload, actions, losses, seed, ...randomSession(chance) };
    await tally.guard(seed, actions.join(" "), async () => {
      await playAndLose(codecs, collected, session);
    });
    for (const { disk, promised } of start.slice(0, 4)) {
      await recoverAndLose(disk, promised, { chance, seed, level: 1, nested, context });
      await nested.check();
    }
  }
  return tally.result();
}

interface Nesting {
  readonly chance: Chance;
  readonly seed: number;
  readonly level: number;
  readonly nested: CrashStates;
  readonly context: RowContext;
}

async function recoverAndLose(disk: SimFs, promised: Promised, nesting: Nesting): Promise<void> {
  const { chance, seed, level, nested, context } = nesting;
  const left: SimFs[] = [];
  let points = 0;
  disk.onChange = (operation, path) => {
    points += 1;
    const after = disk.afterPowerLoss(mixture(chance));
    left.push(after.afterPowerLoss(everythingSurvives));
    nested.add(after, promised, `level ${level}, change ${points}, ${operation} ${path}`, seed);
  };
  const resume = promised.acknowledged < 0 ? "auto" : "only";
  await openWorkload(herdWorkload, portsOn(disk, context.codecs), resume).catch(() => undefined);
  if (level === depth) return;
  for (const one of chance.shuffled(left).slice(0, 2)) {
    await recoverAndLose(one, promised, { ...nesting, level: level + 1 });
  }
}

export const powerLossRows: readonly Row[] = [
  {
    id: "A3",
    title: "power loss: nothing that was not synced survives",
    cases: { pr: 15, nightly: 2000, release: 20_000 },
    run: nothingUnsynced,
  },
  {
    id: "A4",
    title: "power loss: any subset of unsynced blocks and names, torn and reordered",
    cases: { pr: 2, nightly: 1000, release: 10_000 },
    run: anySubset,
  },
  {
    id: "A5",
    title: "power loss: names that no sync of their folder covers are gone",
    cases: { pr: 10, nightly: 1000, release: 5000 },
    run: lostNames,
  },
  {
    id: "A6",
    title: "power loss: files are as long as they should be, and zero",
    cases: { pr: 10, nightly: 1000, release: 5000 },
    run: zeroTails,
  },
  {
    id: "A9",
    title: "power loss during a recovery, three deep",
    cases: { pr: 8, nightly: 1000, release: 5000 },
    run: lostInRecovery,
  },
];
