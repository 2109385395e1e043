import type { ColumnChanges, StoreChanges } from "../format/changes.ts";
import type { ColumnImage } from "../format/image.ts";
import type { ColumnLayout, StoreLayout } from "../format/layout.ts";
import { gatherRows, rowsNotZero, xorInto } from "../format/row-bytes.ts";
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
  // Behind the end of the replica lies nothing.
  const xor = gatherRows(old, index, width);
  xorInto(xor, bytes);
  const kept = rowsNotZero(xor, width);
  const none = { oldValues: [], newValues: [] };
  if (kept === undefined) return { column, index, xor, bits: bytes, ...none };
  const pick = (from: Uint8Array): Uint8Array => gatherRows(from, kept, width);
  const rows = kept.map((at) => index[at] as number);
  return { column, index: rows, xor: pick(xor), bits: pick(bytes), ...none };
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
