import type { Chance } from "../testing/index.ts";
import type { Specimen } from "./examine.ts";
import { filesBelow } from "./oracle.ts";
import { runFolder } from "./workload.ts";

/** One file with other bytes in it. */
export interface Damage {
  readonly path: string;
  readonly what: string;
  readonly bytes: Uint8Array;
  /** The first byte that differs. */
  readonly at: number;
}

/** Whether a file of a run holds no history: an index that is made again, or bytes that a recovery cut. */
export function isBesideHistory(path: string): boolean {
  return /\/(cache|torn)\//.test(path);
}

/** Whether damage makes a shorter run, which nothing tells from a crash: the open segment ends where a frame does, or is not there. */
export function isShorterRun(
  { segments, boundaries }: Specimen,
  { path, at, bytes }: Damage,
): boolean {
  const ends = boundaries.get(path) ?? new Set();
  // Within its header, the last segment is one that was never made.
  const isEnd = ends.has(at) || at < Math.min(...ends);
  return path === segments.at(-1) && bytes.length === at && isEnd;
}

/** Files cut short, at each of so many bytes. */
export function* cuts({ vfs }: Specimen, chance: Chance, stride: number): Generator<Damage> {
  for (const path of filesBelow(vfs, runFolder)) {
    const whole = vfs.read(path);
    for (let at = chance.below(stride); at < whole.length; at += stride) {
      yield { path, what: `cut at ${at}`, bytes: whole.slice(0, at), at };
    }
  }
}

/** Files with a bit that is another one, each of so many. */
export function* flippedBits({ vfs }: Specimen, chance: Chance, stride: number): Generator<Damage> {
  for (const path of filesBelow(vfs, runFolder)) {
    const whole = vfs.read(path);
    for (let bit = chance.below(stride); bit < 8 * whole.length; bit += stride) {
      yield { path, what: `bit ${bit}`, bytes: withBit(whole, bit), at: bit >> 3 };
    }
  }
}

/** A burst, or a sector that is zero, filled, swapped, or stands twice; `undefined` if that changes nothing. */
export function brokenSector({ vfs }: Specimen, chance: Chance): Damage | undefined {
  const path = chance.pick(filesBelow(vfs, runFolder));
  const whole = vfs.read(path);
  const size = chance.pick([4, 64, 512, 4096]);
  const count = Math.ceil(whole.length / size);
  const [one, other] = [chance.below(count) * size, chance.below(count) * size];
  const kind = chance.pick(["zeros", "ones", "swap", "copy", "noise"]);
  const bytes = withSector(whole, kind, one, other, size, chance);
  return damageOf(path, `${kind} of ${size} at ${one}, ${other}`, whole, bytes);
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
export function staleBlock(
  { vfs, segments, boundaries }: Specimen,
  chance: Chance,
): Damage | undefined {
  const path = chance.pick(segments);
  const whole = vfs.read(path);
  const size = chance.pick([512, 4096]);
  const begin = chance.below(Math.ceil(whole.length / size)) * size;
  const ends: number[] = [...(boundaries.get(path) ?? [])];
  const until = Math.max(begin, chance.pick(ends));
  const bytes = whole.slice();
  bytes.fill(0, until, Math.max(until, Math.min(begin + size, whole.length)));
  return damageOf(path, `block ${begin} as of ${until}`, whole, bytes);
}

/** One of all kinds; `undefined` if it changes nothing. */
export function anyDamage(specimen: Specimen, chance: Chance): Damage | undefined {
  const kind = chance.below(4);
  if (kind === 0) return brokenSector(specimen, chance);
  if (kind === 1) return staleBlock(specimen, chance);
  const path = chance.pick(filesBelow(specimen.vfs, runFolder));
  const whole = specimen.vfs.read(path);
  const at = chance.below(whole.length);
  if (kind === 2) return { path, what: `cut at ${at}`, bytes: whole.slice(0, at), at };
  const bit = 8 * at + chance.below(8);
  return { path, what: `bit ${bit}`, bytes: withBit(whole, bit), at };
}

function withBit(whole: Uint8Array, bit: number): Uint8Array {
  const bytes = whole.slice();
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  return bytes;
}

function damageOf(
  path: string,
  what: string,
  whole: Uint8Array,
  bytes: Uint8Array,
): Damage | undefined {
  const at = bytes.findIndex((byte, i) => byte !== whole[i]);
  return at < 0 ? undefined : { path, what, bytes, at };
}
