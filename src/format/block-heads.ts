import { ByteReader } from "./bytes.ts";
import type { Layout, StoreLayout } from "./layout.ts";

/** How a part of a body is written, without reading what it holds. */
export interface PartHeads {
  readonly store: StoreLayout;
  /** Of the row list that the columns share. */
  readonly indexBytes: number;
  readonly columns: readonly {
    readonly column: number;
    /** Of the column block; `docs/format.md`, section 5. */
    readonly encoding: number;
    readonly bytes: number;
  }[];
}

/** The parts of a body, in order. @throws FORMAT_DAMAGED */
export function partHeads(body: Uint8Array, layout: Layout): PartHeads[] {
  const reader = new ByteReader(body, "a frame's body");
  for (let digests = reader.count(17); digests > 0; digests--) {
    reader.varint();
    reader.borrow(16);
  }
  const heads = Array.from({ length: reader.count(5) }, () => readHead(reader, layout));
  return heads.map(({ store, indexBytes, lengths }) => {
    reader.borrow(indexBytes);
    const columns = lengths.map(([column, bytes]) => {
      const encoding = reader.borrow(bytes)[0] ?? -1;
      return { column, encoding, bytes };
    });
    return { store, indexBytes, columns };
  });
}

function readHead(
  reader: ByteReader,
  layout: Layout,
): { store: StoreLayout; indexBytes: number; lengths: [column: number, bytes: number][] } {
  const store = layout.stores[reader.varint()];
  if (store === undefined) throw reader.damaged(`one of ${layout.stores.length} stores`, "another");
  // Chunk and rows.
  reader.varint();
  reader.varint();
  const indexBytes = reader.varint();
  const lengths = Array.from({ length: reader.count(2) }, (): [number, number] => {
    return [reader.varint(), reader.varint()];
  });
  return { store, indexBytes, lengths };
}
