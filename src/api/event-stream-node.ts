import { Readable } from "node:stream";

/** Texts as a stream that asks for the next one only when the client has taken the one before. */
export function textStream(texts: AsyncIterable<string>): Readable {
  return Readable.from(texts, { objectMode: false, highWaterMark: 1 });
}
