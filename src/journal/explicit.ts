import { wordsOf } from "../format/changed-rows.ts";
import type { ColumnChanges, StoreChanges } from "../format/changes.ts";
import type { ColumnImage } from "../format/image.ts";
import type { ColumnLayout, StoreLayout } from "../format/layout.ts";
import type { RowBits } from "../world/state/live-store.ts";
import type { Codecs } from "../types.ts";

const noBytes = new Uint8Array(0);

/** Turns new bits of some rows into changes; rows whose bits stay the same are dropped. */
export function explicitStoreChanges(
  store: StoreLayout,
  replica: readonly ColumnImage[],
  inputs: readonly RowBits[],
  codecs: Codecs,
): StoreChanges {
  const columns = inputs
    .map((input) => {
      const { width } = store.columns[input.column] as ColumnLayout;
      const { bytes, values } = replica[input.column] as ColumnImage;
      return width === 0 ? variable(input, values, codecs) : fixed(input, bytes, width);
    })
    .filter(({ index }) => index.length > 0);
  return { store, columns };
}

function fixed({ column, index, bytes }: RowBits, old: Uint8Array, width: number): ColumnChanges {
  const kept = new Uint32Array(index.length);
  const xor = new Uint8Array(bytes.length);
  const bits = new Uint8Array(bytes.length);
  const unit = width % 4 === 0 && (old.byteOffset | bytes.byteOffset) % 4 === 0 ? 4 : 1;
  const words = width / unit;
  const before = wordsOf(old, unit);
  const given = wordsOf(bytes, unit);
  const flips = wordsOf(xor, unit);
  const news = wordsOf(bits, unit);
  let count = 0;
  for (let i = 0; i < index.length; i++) {
    const row = index[i] as number;
    const to = count * words;
    let difference = 0;
    for (let word = 0; word < words; word++) {
      const now = given[i * words + word] as number;
      // Behind the end of the replica lies nothing.
      const flip = (before[row * words + word] ?? 0) ^ now;
      flips[to + word] = flip;
      news[to + word] = now;
      difference |= flip;
    }
    if (difference !== 0) kept[count++] = row;
  }
  return {
    column,
    index: kept.subarray(0, count),
    xor: xor.subarray(0, count * width),
    bits: bits.subarray(0, count * width),
    oldValues: [],
    newValues: [],
  };
}

function variable(
  { column, index, values }: RowBits,
  old: readonly Uint8Array[],
  codecs: Codecs,
): ColumnChanges {
  const changed = Array.from(index, (row, i) => [row, values[i]] as [number, Uint8Array]).filter(
    ([row, value]) => {
      const before = old[row] ?? noBytes;
      return before.length !== value.length || !codecs.equal(before, value);
    },
  );
  return {
    column,
    index: Uint32Array.from(changed, ([row]) => row),
    xor: new Uint8Array(0),
    oldValues: changed.map(([row]) => old[row] ?? noBytes),
    newValues: changed.map(([, value]) => value),
  };
}
