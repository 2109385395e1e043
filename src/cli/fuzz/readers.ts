import type { Reader } from "../../torture/index.ts";
import { linesReader, schemaReader } from "./line-readers.ts";
import { patternReaders } from "./pattern-readers.ts";

/** The readers of what commands take from strangers. */
export async function inputReaders(): Promise<readonly Reader[]> {
  return [linesReader, schemaReader, ...(await patternReaders())];
}
