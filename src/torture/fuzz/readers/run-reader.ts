import { isEverytickError } from "../../../errors.ts";
import { utf8 } from "../../../format/bytes.ts";
import { fixedBytes, layoutOf } from "../../../format/layout.ts";
import { openRuns, type Run, type Runs } from "../../../runs/index.ts";
import { Chance, ManualClock, seededRandom } from "../../../testing/index.ts";
import type {
  Codecs,
  PlayOptions,
  RunCard,
  Tick,
  VerifyReport,
  WorldSchema,
} from "../../../types.ts";
import { defineWorld } from "../../../world/index.ts";
import { coded } from "../../examine.ts";
import { expect, Violation } from "../../oracle.ts";
import { runId, runsFolder } from "../../workload.ts";
import { definitionOf } from "../definition.ts";
import { forgedRun } from "../forged-run.ts";
import type { Reader } from "../reader.ts";
import { diskOf, type Files, type Recording, type TickShown } from "../recordings.ts";
import { shownState } from "../shown.ts";
import { stateBytesOf } from "../state-bytes.ts";

/** A whole folder, through the door that everyone uses: verified, played both ways, looked into, and resumed. */
export const runReader: Reader = {
  name: "run",
  async make(seed, chance, { recordings, codecs }) {
    const original = await recordings.of(seed, chance);
    const donor = await recordings.of(seed, chance);
    const { files, isFixed } = forgedRun(original.files, donor.files, chance, codecs);
    return isFixed ? { files, forgedFrom: original } : { files, original };
  },
  async read({ files, original, forgedFrom }, { codecs }) {
    const runs = await memoryRuns(files, codecs);
    const run = await runs.open(runId);
    if (fixedBytes(layoutOf(run.card.world)) > gridBytesMax) return run.close();
    const isDistrusted = original !== undefined;
    const report = await coded(async () => run.verify());
    const forwards = await played(run, codecs, {});
    const backwards = await played(run, codecs, { from: run.tick, to: run.firstTick });
    if (isDistrusted) checkOriginal(original, forwards, backwards);
    const isClean = report !== undefined && report.damage.length === 0;
    if (isClean) checkClean(report, forwards, backwards);
    if (isClean && forgedFrom !== undefined) checkDigests(forgedFrom, forwards, run.card.world);
    await lookAround(run, codecs, forwards);
    await run.close();
    await resume(files, codecs, run.card.world, isClean);
  },
  weigh: async ({ files }, { codecs }) => stateBytesOf(files, codecs),
};

/** A card may rightly give grids more than a machine has for all the copies that are made here. */
const gridBytesMax = 2 ** 26;

async function memoryRuns(files: Files, codecs: Codecs): Promise<Runs> {
  const ports = { vfs: diskOf(files), codecs, clock: new ManualClock(), random: seededRandom(1) };
  return openRuns(runsFolder, ports);
}

interface Served {
  readonly ticks: ReadonlyMap<Tick, TickShown>;
  readonly isWhole: boolean;
}

async function played(run: Run, codecs: Codecs, range: PlayOptions): Promise<Served> {
  const ticks = new Map<Tick, TickShown>();
  const whole = await coded(async () => {
    for await (const { tick, state, historyDigest } of run.play({ ...range, reuse: true })) {
      ticks.set(tick, { shown: shownState(state, run.card.world, codecs), historyDigest });
    }
    return true;
  });
  return { ticks, isWhole: whole === true };
}

/** What no checksum vouches for is refused, or it is what was recorded. */
function checkOriginal({ ticks }: Recording, ...served: readonly Served[]): void {
  for (const [tick, { shown }] of served.flatMap((each) => [...each.ticks])) {
    expect(ticks.get(tick)?.shown === shown, `tick ${tick} is served with another state`);
  }
}

/** What `verify` finds nothing against reads alike in both directions. */
function checkClean(report: VerifyReport, forwards: Served, backwards: Served): void {
  expect(forwards.isWhole && backwards.isWhole, "verify finds nothing, and a tick cannot be read");
  expect(
    forwards.ticks.size === report.ticks,
    `verify finds ${report.ticks} ticks, ${forwards.ticks.size} are played`,
  );
  for (const [tick, { shown, historyDigest }] of forwards.ticks) {
    const back = backwards.ticks.get(tick);
    expect(back?.historyDigest === historyDigest, `tick ${tick} has another digest backwards`);
    if (back.shown === shown) continue;
    throw new Violation(`tick ${tick} is another one backwards: ${differing(shown, back.shown)}`);
  }
}

function differing(one: string, other: string): string {
  let at = 0;
  while (one[at] === other[at]) at++;
  const from = Math.max(0, at - 20);
  return `${one.slice(from, at + 30)} | ${other.slice(from, at + 30)}`;
}

/** Equal digests stand for equal causal states, whatever a card says of stores that no digest covers. */
function checkDigests({ ticks, files }: Recording, forwards: Served, world: WorldSchema): void {
  const card = JSON.parse(utf8.decoder.decode(files.get("run.json"))) as RunCard;
  for (const [tick, { shown, historyDigest }] of forwards.ticks) {
    const recorded = ticks.get(tick);
    if (recorded?.historyDigest !== historyDigest) continue;
    const isSame = causalOf(shown, world) === causalOf(recorded.shown, card.world);
    expect(isSame, `tick ${tick}: other states of one digest`);
  }
}

function causalOf(shown: string, { stores }: WorldSchema): string {
  const isCausal = stores.map(({ role }) => role === "causal" || role === "static");
  const causal = shown.split("\n").filter((_, store) => isCausal[store]);
  return causal.join("\n");
}

/** Single looks, each of which may refuse. */
async function lookAround(run: Run, codecs: Codecs, { ticks }: Served): Promise<void> {
  const chance = new Chance(run.tick + ticks.size);
  const known = [...ticks.keys(), run.firstTick, run.tick, 1];
  const tick = chance.pick(known);
  await coded(async () => {
    const { state } = await run.at(tick, { verify: chance.chance(0.5) });
    const shown = shownState(state, run.card.world, codecs);
    const served = ticks.get(tick);
    const isOther = served !== undefined && served.shown !== shown;
    expect(!isOther || !(await isVerified(run)), `tick ${tick} alone is another one`);
  });
  await coded(async () => run.changesAt(chance.pick(known)));
  await coded(async () => run.facts());
  await coded(async () => run.sizes());
  for (const { kind, name } of run.card.world.stores) {
    if (kind !== "log") continue;
    await coded(async () => {
      for await (const _ of run.log(name as never)) void _;
    });
  }
}

async function isVerified(run: Run): Promise<boolean> {
  const report = await coded(async () => run.verify());
  return report !== undefined && report.damage.length === 0;
}

/** A writer goes on, or refuses; what it goes on from without damage has none afterwards. */
async function resume(
  files: Files,
  codecs: Codecs,
  world: WorldSchema,
  isClean: boolean,
): Promise<void> {
  const runs = await memoryRuns(files, codecs);
  try {
    const definition = {
      name: world.name,
      version: world.version,
      params: {},
      eras: world.eras,
      state: definitionOf(world),
    };
    const run = await runs.record(runId, {
      world: defineWorld(definition as never),
      resume: "only",
      sparse: true,
    });
    await run.commit({ tick: run.tick + 1 });
    await run.close();
    const again = await runs.open(runId);
    const { damage } = await again.verify();
    const [first] = damage;
    if (isClean && first) throw new Violation(`damage behind a resume: ${JSON.stringify(first)}`);
    await again.close();
  } catch (error) {
    if (!isEverytickError(error)) throw error;
  } finally {
    await coded(async () => runs.close());
  }
}
