import { Readable } from "node:stream";
import { limits } from "../limits.ts";
import type { ByteSource } from "../types.ts";
import type { ByteRange } from "./byte-range.ts";

/** Bytes of a file, read as fast as the client takes them. Closes the file in any case. */
export function byteStream(source: ByteSource, range: ByteRange): Readable {
  return Readable.from(chunks(source, range), { objectMode: false });
}

async function* chunks(source: ByteSource, { begin, end }: ByteRange): AsyncGenerator<Uint8Array> {
  try {
    for (let offset = begin; offset < end;) {
      const bytes = await source.read(offset, Math.min(end - offset, limits.servedChunkBytes));
      // The length is promised already: only a broken connection tells the client that it does not hold.
      if (bytes.length === 0) throw new Error("the file became shorter while it was served");
      offset += bytes.length;
      yield bytes;
    }
  } finally {
    await source.close();
  }
}
