import { ByteReader, ByteWriter } from "../../format/bytes.ts";
import type { Chance } from "../../testing/index.ts";
import type { Codecs } from "../../types.ts";
import { otherBlock } from "./blocks.ts";
import { rearrange } from "./lists.ts";
import { noisy } from "./noise.ts";
import { otherNumber } from "./numbers.ts";

interface ColumnTree {
  column: number;
  block: Uint8Array;
}
interface PartTree {
  store: number;
  chunk: number;
  rows: number;
  index: Uint8Array;
  columns: ColumnTree[];
}
/** A body taken apart (`docs/format.md`, section 5). */
export interface BodyTree {
  digests: { number: number; digest: Uint8Array }[];
  parts: PartTree[];
}

/** `undefined` for what is no body. */
export function parseBody(bytes: Uint8Array): BodyTree | undefined {
  try {
    const reader = new ByteReader(bytes, "a body");
    const digests = Array.from({ length: atMost(reader) }, () => {
      return { number: reader.varint(), digest: reader.borrow(16).slice() };
    });
    const heads = Array.from({ length: atMost(reader) }, () => {
      const [store, chunk, rows] = [reader.varint(), reader.varint(), reader.varint()];
      const indexLength = reader.varint();
      const columns = Array.from({ length: atMost(reader) }, () => {
        return { column: reader.varint(), length: reader.varint() };
      });
      return { store, chunk, rows, indexLength, columns };
    });
    const parts = heads.map(({ indexLength, columns, ...head }) => {
      const index = reader.borrow(indexLength).slice();
      return {
        ...head,
        index,
        columns: columns.map(({ column, length }) => {
          return { column, block: reader.borrow(length).slice() };
        }),
      };
    });
    reader.end();
    return { digests, parts };
  } catch {
    return undefined;
  }
}

function atMost(reader: ByteReader): number {
  const count = reader.varint();
  if (count > reader.remaining) throw reader.damaged("fewer", String(count));
  return count;
}

/** @param lie changes a count or a length on its way into the body. */
export function writeBody(
  { digests, parts }: BodyTree,
  lie: (count: number) => number = (count) => count,
): Uint8Array {
  const out = new ByteWriter();
  out.varint(lie(digests.length));
  for (const { number, digest } of digests) {
    out.varint(number);
    out.bytes(digest);
  }
  out.varint(lie(parts.length));
  for (const { store, chunk, rows, index, columns } of parts) {
    for (const each of [store, chunk, rows, lie(index.length), lie(columns.length)])
      out.varint(each);
    for (const { column, block } of columns) {
      out.varint(column);
      out.varint(lie(block.length));
    }
  }
  for (const { index, columns } of parts) {
    out.bytes(index);
    for (const { block } of columns) out.bytes(block);
  }
  return out.copy();
}

/** Another body: still one in most places, wrong in a few. */
export function otherBody(
  body: Uint8Array,
  chance: Chance,
  codecs: Codecs,
  donor: Uint8Array = body,
): Uint8Array {
  const tree = parseBody(body);
  if (tree === undefined || chance.chance(0.1)) return noisy(body, chance, donor);
  const others = parseBody(donor)?.parts ?? [];
  for (let left = 1 + chance.below(3); left > 0; left--) change(tree, others, chance, codecs);
  if (!chance.chance(0.1)) return writeBody(tree);
  return writeBody(tree, (count) => (chance.chance(0.2) ? otherNumber(chance, count) : count));
}

function change(tree: BodyTree, others: readonly PartTree[], chance: Chance, codecs: Codecs): void {
  const { digests, parts } = tree;
  const kind = chance.below(10);
  if (kind === 0) rearrange(digests, chance);
  if (kind === 1 && digests.length > 0) {
    const digest = chance.pick(digests);
    digest.number = otherNumber(chance, digest.number);
  }
  if (kind === 2) rearrange(parts, chance, others);
  if (kind > 2 && parts.length > 0) changePart(chance.pick(parts), kind, chance, codecs);
}

function changePart(part: PartTree, kind: number, chance: Chance, codecs: Codecs): void {
  if (kind === 3) {
    const field = chance.pick(["store", "chunk", "rows"] as const);
    part[field] = otherNumber(chance, part[field]);
    return;
  }
  if (kind === 4) return rearrange(part.columns, chance);
  if (kind === 5) {
    part.index = chance.chance(0.3) ? new Uint8Array(0) : otherBlock(part.index, chance, codecs);
    return;
  }
  if (part.columns.length === 0) return;
  const column = chance.pick(part.columns);
  if (kind === 6) column.column = otherNumber(chance, column.column);
  else column.block = otherBlock(column.block, chance, codecs);
}
