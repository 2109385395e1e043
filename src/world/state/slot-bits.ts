import type { ColumnImage } from "../../format/image.ts";
import type { ColumnLayout } from "../../format/layout.ts";
import type { RowBits } from "./live-store.ts";

/** The bits of some slots of a column, rising, copied out of an image. */
export function bitsOfSlots(
  column: number,
  index: Uint32Array,
  image: ColumnImage,
  { width }: ColumnLayout,
): RowBits {
  if (width === 0) {
    const values = Array.from(index, (slot) => image.values[slot] as Uint8Array);
    return { column, index, bytes: new Uint8Array(0), values };
  }
  const bytes = new Uint8Array(index.length * width);
  if (width === 4) {
    const words = new Int32Array(
      image.bytes.buffer,
      image.bytes.byteOffset,
      image.bytes.length >> 2,
    );
    const out = new Int32Array(bytes.buffer);
    for (let i = 0; i < index.length; i++) out[i] = words[index[i] as number] as number;
    return { column, index, bytes, values: [] };
  }
  for (let i = 0, at = 0; i < index.length; i++) {
    const from = (index[i] as number) * width;
    for (let byte = 0; byte < width; byte++) bytes[at++] = image.bytes[from + byte] as number;
  }
  return { column, index, bytes, values: [] };
}
