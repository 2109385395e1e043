import {
  Chance,
  nothingSurvives,
  onlyContentSurvives,
  SimFs,
  type SimFsOptions,
} from "../../testing/index.ts";
import type { Codecs } from "../../types.ts";
import { CrashStates, type Losses } from "../crash-states.ts";
import { herdWorkload } from "../herd.ts";
import { runMutant } from "../mutant-process-node.ts";
import { mutations } from "../mutations.ts";
import { expect, Oracle, Violation } from "../oracle.ts";
import {
  isDone,
  none,
  type Row,
  type RowContext,
  type RowResult,
  seedsFrom,
  Tally,
} from "../row.ts";
import { playAndLose } from "../sequences.ts";
import { type Action, Session } from "../workload.ts";
import { corruptionRows } from "./corruption.ts";
import { tickRows } from "./ticks.ts";

/** Where in the sources a sync is called, such as `journal/segment-writer.ts:67`. */
function callSite(): string | undefined {
  const stack = new Error().stack ?? "";
  return /\/src\/((?!testing|torture)[\w-]+\/[\w/-]+\.[jt]s:\d+)/.exec(stack)?.[1];
}

/** Sessions that come by every sync: recording, rolling, closing, resuming, and tails that are cut. */
const sessions: readonly (readonly Action[])[] = [
  ["commit", "rotate", "commit"],
  ["rotate", "close", "resume", "commit"],
  ["commit", "resume", "commit", "resume", "commit"],
  ["gap", "commit", "resume", "rotate", "commit"],
];
const losses: Losses = () => [
  ["nothing unsynced survives", nothingSurvives],
  ["content without names", onlyContentSurvives],
];

/** What a disk with such options makes of everything; the first violation, if any. */
async function firstViolation(codecs: Codecs, options: SimFsOptions): Promise<string | undefined> {
  const tally = new Tally("session");
  const oracle = new Oracle(herdWorkload, codecs);
  const states = new CrashStates(codecs, oracle, tally);
  for (const actions of sessions) {
    await tally.try(0, actions.join(" "), async () => {
      await playAndLose(codecs, states, {
        workload: herdWorkload,
        actions,
        losses,
        seed: 0,
        options: {},
        disk: new SimFs(options),
      });
    });
    if (tally.violations.length > 0) break;
    await tally.try(0, "torn tails", async () => tearAndResume(codecs, options, oracle));
    if (tally.violations.length > 0) break;
    await tally.try(0, "kills", async () => killAndLose(codecs, options, oracle));
    if (tally.violations.length > 0) break;
  }
  const [violation] = tally.violations;
  return violation === undefined ? undefined : `${violation.where}: ${violation.what}`;
}

/** A tail is torn in each way; what a recovery keeps aside and cuts must survive the next loss of power. */
async function tearAndResume(codecs: Codecs, options: SimFsOptions, oracle: Oracle): Promise<void> {
  const session = new Session(new SimFs({ ...options, blockBytes: 64 }), herdWorkload, codecs, {
    window: 2,
  });
  await session.open();
  for (let i = 0; i < 9; i++) await session.commit();
  for (const parity of [0, 1, 2]) {
    const torn = session.disk.afterPowerLoss((_, number) =>
      number % 3 === parity ? "lost" : "kept",
    );
    await oracle.check(torn, session.promised);
  }
}

/** A process is killed behind each change; power is lost when the next one has acknowledged what it found. */
async function killAndLose(codecs: Codecs, options: SimFsOptions, oracle: Oracle): Promise<void> {
  for (let killAt = 1, isKilled = true; isKilled; killAt++) {
    const session = new Session(new SimFs(options), herdWorkload, codecs);
    const { disk } = session;
    let changes = 0;
    disk.onChange = () => {
      changes += 1;
      if (changes >= killAt) throw new Error("killed");
    };
    const work = async (): Promise<void> => {
      for (const action of ["resume", "commit", "rotate", "commit"] as const)
        await session.do(action);
    };
    isKilled = await work().then(
      () => false,
      () => true,
    );
    disk.onChange = () => undefined;
    session.kill();
    await session.open();
    await oracle.check(disk.afterPowerLoss(nothingSurvives), session.promised);
    await session.commit();
    await oracle.check(disk.afterPowerLoss(nothingSurvives), session.promised);
  }
}

interface Mutant {
  readonly name: string;
  /** The first violation that it causes; `undefined` if it lives. */
  readonly kill: (context: RowContext) => Promise<string | undefined>;
}

/** Every call of a sync that the sessions come by, each left out in turn. */
async function syncMutants(codecs: Codecs): Promise<Mutant[]> {
  const sites = new Set<string>();
  const clean = await firstViolation(codecs, {
    swallows: (operation) => {
      sites.add(`${operation} at ${callSite()}`);
      return false;
    },
  });
  if (clean !== undefined) throw new Error(`without a mutant: ${clean}`);
  return [...sites].sort().map((name) => ({
    name,
    kill: async (context) =>
      firstViolation(context.codecs, {
        swallows: (operation) => `${operation} at ${callSite()}` === name,
      }),
  }));
}

/** So many checks are left out where time is short. */
const checksSampled = 3;

/** Checksums, digests and comparisons that are always right. */
const codecMutants: readonly [
  name: string,
  rows: readonly Row[],
  mutate: (codecs: Codecs) => Codecs,
][] = [
  ["every checksum matches", corruptionRows, (codecs) => ({ ...codecs, crc32: () => 7 })],
  ["every digest matches", tickRows, withConstantDigest],
  ["all bytes are equal", tickRows, (codecs) => ({ ...codecs, equal: () => true })],
];

function withConstantDigest(codecs: Codecs): Codecs {
  const digest = {
    reset: () => undefined,
    update: () => undefined,
    digest: () => new Uint8Array(16),
  };
  return { ...codecs, xxh3: () => digest };
}

/** Checks of the engine's sources: all of them where there is time, else some. */
function checkMutants({ tier, seed }: RowContext): Mutant[] {
  const all = new Chance(seed).shuffled(mutations);
  return (tier === "pr" ? all.slice(0, checksSampled) : all).map((mutation) => ({
    name: `${mutation.file}: ${mutation.check}`,
    kill: async () => {
      const { violation, problem } = runMutant(mutation, seed);
      if (problem !== undefined) throw new Violation(problem);
      return Promise.resolve(violation);
    },
  }));
}

async function mutants(context: RowContext): Promise<RowResult> {
  const tally = new Tally("mutant");
  const all: Mutant[] = [...(await syncMutants(context.codecs)), ...checkMutants(context)];
  for (const [name, rows, mutate] of codecMutants) {
    all.push({ name, kill: async () => redRow(rows, context, mutate) });
  }
  tally.count("killed mutant", 0);
  for (const { name, kill } of all) {
    if (isDone(context, tally)) break;
    await tally.try(context.seed, name, async () => {
      expect((await kill(context)) !== undefined, "no row turns red without it");
      tally.count("killed mutant");
    });
  }
  return tally.result();
}

/** The first violation of the first row that turns red with other codecs. */
async function redRow(
  rows: readonly Row[],
  context: RowContext,
  mutate: (codecs: Codecs) => Codecs,
): Promise<string | undefined> {
  for (const { run, cases } of rows) {
    const small = {
      ...context,
      tier: "pr",
      seeds: seedsFrom(context.seed, cases.pr),
      isContinued: false,
      codecs: mutate(context.codecs),
    } as const;
    const violation = (await run?.(small))?.violations[0];
    if (violation !== undefined) return violation.what;
  }
  return undefined;
}

export const mutantRows: readonly Row[] = [
  {
    id: "M1",
    title: "durability mutants: without each sync and check some row turns red",
    cases: none,
    run: mutants,
  },
];
