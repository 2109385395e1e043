import { Chance } from "../../testing/index.ts";
import type { Tick } from "../../types.ts";
import {
  brokenSector,
  cuts,
  type Damage,
  flippedBits,
  isBesideHistory,
  isShorterRun,
  staleBlock,
} from "../damages.ts";
import {
  type Examined,
  examine,
  makeSpecimens,
  placesOf,
  putFile,
  type Specimen,
} from "../examine.ts";
import { expect } from "../oracle.ts";
import { isDone, none, type Row, type RowContext, type RowResult, Tally } from "../row.ts";

/** What was found over all damages of a row. */
class Losses {
  readonly lost: number[] = [];
  refused = 0;

  add({ right, isRefused }: Examined, { facts }: Specimen): void {
    if (isRefused) this.refused += 1;
    else this.lost.push(facts.length - right.size);
  }

  /** Tells what was lost. */
  tell(tally: Tally): void {
    tally.count("refusal at the door", this.refused);
    tally.count(
      "lost tick",
      this.lost.reduce((sum, lost) => sum + lost, 0),
    );
    for (const lost of this.lost) tally.most("lost tick at once", lost);
  }
}

/** Damages a file, examines the run, and puts the file back. @throws Violation */
async function examineDamaged(specimen: Specimen, damage: Damage): Promise<Examined> {
  const { vfs } = specimen;
  const before = vfs.read(damage.path);
  putFile(vfs, damage.path, damage.bytes);
  try {
    const examined = await examine(specimen);
    checkExamined(specimen, damage, examined);
    return examined;
  } finally {
    putFile(vfs, damage.path, before);
  }
}

function checkExamined(specimen: Specimen, damage: Damage, examined: Examined): void {
  const { facts, places } = specimen;
  const { right, isReported, isRefused } = examined;
  const { path, at } = damage;
  const isWhole = right.size === facts.length;
  if (isBesideHistory(path)) return expect(isWhole, "what is no history changes what is read");
  expect(isReported || isShorterRun(specimen, damage), "nothing reports it");
  if (isRefused) return;
  for (const { tick, path: own, end } of places) {
    const isUntouched = own === path ? end <= at : true;
    if (isUntouched) expect(right.has(tick), `tick ${tick} is lost, which lies elsewhere`);
  }
}

/** Runs a row over damages of each kind of specimen. */
async function examineAll(
  context: RowContext,
  what: string,
  damages: (specimen: Specimen, chance: Chance) => Iterable<Damage>,
): Promise<RowResult> {
  const tally = new Tally(what);
  const losses = new Losses();
  for (const specimen of await makeSpecimens(context.codecs)) {
    for (const damage of damages(specimen, new Chance(context.seed))) {
      if (isDone(context, tally)) break;
      await tally.try(context.seed, `${damage.path}, ${damage.what}`, async () => {
        losses.add(await examineDamaged(specimen, damage), specimen);
      });
    }
  }
  losses.tell(tally);
  return tally.result();
}

/** Runs a row over one damage for each seed. */
async function examineSeeds(
  context: RowContext,
  what: string,
  damageOf: (specimen: Specimen, chance: Chance) => Damage | undefined,
): Promise<RowResult> {
  const tally = new Tally(what);
  const losses = new Losses();
  const specimens = await makeSpecimens(context.codecs);
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) break;
    const chance = new Chance(seed);
    const specimen = chance.pick(specimens);
    const damage = damageOf(specimen, chance);
    // Zeros over zeros damage nothing.
    if (damage === undefined) continue;
    await tally.try(seed, `${damage.path}, ${damage.what}`, async () => {
      losses.add(await examineDamaged(specimen, damage), specimen);
    });
  }
  losses.tell(tally);
  return tally.result();
}

/** Places that the shortest tier tries of those that the others try all of. */
const sampledPlaces = 300;

function strideOf({ tier }: RowContext, places: number): number {
  return tier === "pr" ? Math.max(1, Math.floor(places / sampledPlaces)) : 1;
}

async function truncations(context: RowContext): Promise<RowResult> {
  return examineAll(context, "cut", (specimen, chance) =>
    cuts(specimen, chance, strideOf(context, placesOf(specimen))),
  );
}

async function flips(context: RowContext): Promise<RowResult> {
  return examineAll(context, "flipped bit", (specimen, chance) =>
    flippedBits(specimen, chance, strideOf(context, 8 * placesOf(specimen))),
  );
}

async function sectors(context: RowContext): Promise<RowResult> {
  return examineSeeds(context, "sector", brokenSector);
}

async function staleBlocks(context: RowContext): Promise<RowResult> {
  return examineSeeds(context, "stale block", staleBlock);
}

/** Damage in the first third: both sides of it are read, and a writer refuses. */
async function goodTails(context: RowContext): Promise<RowResult> {
  const tally = new Tally("damage");
  const specimens = await makeSpecimens(context.codecs);
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) break;
    const chance = new Chance(seed);
    const specimen = chance.pick(specimens);
    const { vfs, segments, places, facts } = specimen;
    const path = segments[0] as string;
    const bytes = vfs.read(path).slice();
    const at = chance.below(bytes.length);
    bytes[at]! ^= 1 + chance.below(255);
    await tally.try(seed, `${path}, byte ${at}`, async () => {
      const examined = await examineDamaged(specimen, { path, what: "a byte", bytes, at });
      const { right, isRefused } = examined;
      if (isRefused) return tally.count("refusal at the door");
      const behind: Tick[] = places.filter((place) => place.path !== path).map(({ tick }) => tick);
      expect(
        behind.every((tick) => right.has(tick)),
        "a later segment is lost, too",
      );
      tally.count("salvaged tick", right.size);
      tally.count("lost tick", facts.length - right.size);
    });
  }
  return tally.result();
}

export const corruptionRows: readonly Row[] = [
  {
    id: "B1",
    title: "every file cut at every byte",
    cases: none,
    run: truncations,
  },
  {
    id: "B2",
    title: "every bit of every file flipped",
    cases: none,
    run: flips,
  },
  {
    id: "B3",
    title: "sectors zeroed, filled, swapped, written twice; bursts",
    cases: { pr: 150, nightly: 10_000, release: 50_000 },
    run: sectors,
  },
  {
    id: "B4",
    title: "blocks as an earlier moment left them",
    cases: { pr: 100, nightly: 5000, release: 20_000 },
    run: staleBlocks,
  },
  {
    id: "B7",
    title: "damage early in a run: both sides of it are read",
    cases: { pr: 60, nightly: 5000, release: 20_000 },
    run: goodTails,
  },
];
