/** Section 8 of docs/format.md once more, as plainly as it can be said, from the elements themselves. */
import { createHash } from "node:crypto";
import { createXXHash128 } from "hash-wasm";
import { canonicalJson } from "../../src/format/json.ts";
import { Image } from "../../src/format/image.ts";
import type { WorldSchema } from "../../src/types.ts";
import { differences, type Difference } from "./arbitraries.ts";

const hasher = await createXXHash128();

/** XXH3-128 with seed 0, as 32 hex digits. */
export function xxh3(pieces: readonly Uint8Array[]): string {
  return hasher.init().update(Buffer.concat(pieces)).digest("hex");
}

const u16 = (value: number): Uint8Array => new Uint8Array(Uint16Array.of(value).buffer);
const u32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);
const u64 = (value: number): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);
const fromHex = (hex: string): Uint8Array => Buffer.from(hex, "hex");

/** `d(t, s)` by digest number, for the stores with differences that digests cover. */
export function naiveStoreDigests(image: Image, found: readonly Difference[]): Map<number, string> {
  const digests = new Map<number, string>();
  for (const { number, digestNumber, columns } of image.layout.stores) {
    const own = found.filter(({ store }) => store === number);
    if (digestNumber < 0 || own.length === 0) continue;
    const pieces = columns.flatMap(({ width }, column) => {
      return naiveColumn(
        column,
        width,
        own.filter((one) => one.column === column),
      );
    });
    digests.set(digestNumber, xxh3(pieces));
  }
  return digests;
}

function naiveColumn(column: number, width: number, found: readonly Difference[]): Uint8Array[] {
  const spans = Map.groupBy(found, ({ row }) => Math.floor(row / 65_536));
  return [...spans].flatMap(([span, own]) => [
    u32(column),
    u32(span),
    u32(own.length),
    ...own.map(({ row }) => u16(row - 65_536 * span)),
    ...own.flatMap((one) => {
      const bits = fromHex(one.new);
      return width === 0 ? [u32(bits.length), bits] : [bits];
    }),
  ]);
}

export function naiveSchemaHash(world: WorldSchema): string {
  const stores = world.stores.filter(({ role }) => role === "causal" || role === "static");
  return createHash("sha256").update(canonicalJson(stores, "stores")).digest("hex").slice(0, 32);
}

/** `h(t)`, from `h(t′)` and what the tick changed. */
export function naiveHistoryDigest(
  previous: string,
  tick: number,
  stores: ReadonlyMap<number, string>,
): string {
  return xxh3([fromHex(previous), u64(tick), ...withNumbers(stores)]);
}

export function naiveStateDigest(world: WorldSchema, image: Image): string {
  const nothing = new Image(image.layout);
  const stores = naiveStoreDigests(image, differences(nothing, image));
  return xxh3([fromHex(naiveSchemaHash(world)), ...withNumbers(stores)]);
}

function withNumbers(stores: ReadonlyMap<number, string>): Uint8Array[] {
  return [...stores].flatMap(([number, digest]) => [u32(number), fromHex(digest)]);
}
