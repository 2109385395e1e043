import { Chance } from "../../testing/index.ts";
import type { Tick } from "../../types.ts";
import { type Examined, examine, makeSpecimen, putFile, type Specimen } from "../examine.ts";
import { expect, filesBelow } from "../oracle.ts";
import { isDone, none, type Row, type RowContext, type RowResult, Tally } from "../row.ts";
import { runFolder } from "../workload.ts";

/** One file with other bytes in it. */
interface Damage {
  readonly path: string;
  readonly what: string;
  readonly bytes: Uint8Array;
  /** The first byte that differs. */
  readonly at: number;
}

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
  const { facts, places, boundaries, segments } = specimen;
  const { right, isReported, isRefused } = examined;
  const { path, at, bytes } = damage;
  const isWhole = right.size === facts.length;
  if (path.includes("/cache/")) return expect(isWhole, "a cache changes what is read");
  const isLast = path === segments.at(-1);
  // Within its header, the last segment is one that was never made.
  const ends = boundaries.get(path) ?? new Set();
  const isShorter = isLast && bytes.length === at && (ends.has(at) || at < Math.min(...ends));
  expect(isReported || isShorter, "nothing reports it");
  if (isRefused) return;
  for (const { tick, path: own, end } of places) {
    const isUntouched = own === path ? end <= at : true;
    if (isUntouched) expect(right.has(tick), `tick ${tick} is lost, which lies elsewhere`);
  }
}

async function bothSpecimens({ codecs }: RowContext): Promise<readonly Specimen[]> {
  return [await makeSpecimen(codecs, "closed"), await makeSpecimen(codecs, "killed")];
}

/** Runs a row over damages of both kinds of specimen. */
async function examineAll(
  context: RowContext,
  what: string,
  damages: (specimen: Specimen, chance: Chance) => Iterable<Damage>,
): Promise<RowResult> {
  const tally = new Tally(what);
  const losses = new Losses();
  for (const specimen of await bothSpecimens(context)) {
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
  damageOf: (specimen: Specimen, chance: Chance) => Damage,
): Promise<RowResult> {
  const tally = new Tally(what);
  const losses = new Losses();
  const specimens = await bothSpecimens(context);
  for (const seed of context.seeds) {
    if (isDone(context, tally)) break;
    const chance = new Chance(seed);
    const specimen = chance.pick(specimens);
    const damage = damageOf(specimen, chance);
    // Zeros over zeros damage nothing.
    if (damage.at < 0) continue;
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

function placesOf({ vfs }: Specimen): number {
  return files(vfs).reduce((sum, path) => sum + (vfs.stat(path)?.size ?? 0), 0);
}

const files = (vfs: Specimen["vfs"]): string[] => filesBelow(vfs, runFolder);

async function truncations(context: RowContext): Promise<RowResult> {
  return examineAll(context, "cut", function* (specimen, chance) {
    const stride = strideOf(context, placesOf(specimen));
    for (const path of files(specimen.vfs)) {
      const whole = specimen.vfs.read(path);
      for (let at = chance.below(stride); at < whole.length; at += stride) {
        yield { path, what: `cut at ${at}`, bytes: whole.slice(0, at), at };
      }
    }
  });
}

async function flips(context: RowContext): Promise<RowResult> {
  return examineAll(context, "flipped bit", function* (specimen, chance) {
    const stride = strideOf(context, 8 * placesOf(specimen));
    for (const path of files(specimen.vfs)) {
      const whole = specimen.vfs.read(path);
      for (let bit = chance.below(stride); bit < 8 * whole.length; bit += stride) {
        const bytes = whole.slice();
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        yield { path, what: `bit ${bit}`, bytes, at: bit >> 3 };
      }
    }
  });
}

/** Bursts, sectors that are zero, filled, swapped, or stand twice. */
async function sectors(context: RowContext): Promise<RowResult> {
  return examineSeeds(context, "sector", ({ vfs }, chance) => {
    const path = chance.pick(files(vfs));
    const whole = vfs.read(path);
    const size = chance.pick([4, 64, 512, 4096]);
    const count = Math.ceil(whole.length / size);
    const [one, other] = [chance.below(count) * size, chance.below(count) * size];
    const kind = chance.pick(["zeros", "ones", "swap", "copy", "noise"]);
    const bytes = withSector(whole, kind, one, other, size, chance);
    const at = bytes.findIndex((byte, i) => byte !== whole[i]);
    return { path, what: `${kind} of ${size} at ${one}, ${other}`, bytes, at };
  });
}

function withSector(
  whole: Uint8Array,
  kind: string,
  one: number,
  other: number,
  size: number,
  chance: Chance,
): Uint8Array {
  const bytes = whole.slice();
  const place = bytes.subarray(one, one + size);
  if (kind === "zeros") place.fill(0);
  if (kind === "ones") place.fill(0xff);
  if (kind === "noise") place.forEach((_, i) => (place[i] = chance.below(256)));
  const source = whole.subarray(other, other + size);
  if (kind === "swap" || kind === "copy") place.set(source.subarray(0, place.length));
  if (kind === "swap") {
    bytes.set(whole.subarray(one, one + source.length).subarray(0, source.length), other);
  }
  return bytes;
}

/** A block that an earlier moment left: zeros behind what was written until then. */
async function staleBlocks(context: RowContext): Promise<RowResult> {
  return examineSeeds(context, "stale block", (specimen, chance) => {
    const path = chance.pick(specimen.segments);
    const whole = specimen.vfs.read(path);
    const size = chance.pick([512, 4096]);
    const begin = chance.below(Math.ceil(whole.length / size)) * size;
    const ends: number[] = [...(specimen.boundaries.get(path) ?? [])];
    const until = Math.max(begin, chance.pick(ends));
    const bytes = whole.slice();
    bytes.fill(0, until, Math.max(until, Math.min(begin + size, whole.length)));
    const at = bytes.findIndex((byte, i) => byte !== whole[i]);
    return { path, what: `block ${begin} as of ${until}`, bytes, at };
  });
}

/** Damage in the first third: both sides of it are read, and a writer refuses. */
async function goodTails(context: RowContext): Promise<RowResult> {
  const tally = new Tally("damage");
  const specimens = await bothSpecimens(context);
  for (const seed of context.seeds) {
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
