export { runReader } from "./run-reader.ts";
import type { Reader } from "../reader.ts";
import { bodyReader, deltaReader, withMissing } from "./body-readers.ts";
import { cardReader } from "./card-reader.ts";
import { runReader } from "./run-reader.ts";
import {
  cacheReader,
  frameHeaderReader,
  indexReader,
  segmentHeaderReader,
  segmentReader,
} from "./segment-readers.ts";

/** The readers of each kind of file that the engine writes. */
export const fileReaders: readonly Reader[] = [
  segmentHeaderReader,
  frameHeaderReader,
  segmentReader,
  bodyReader,
  withMissing(deltaReader),
  indexReader,
  cacheReader,
  cardReader,
];

/** The same, and the whole folder of a run. */
export const engineReaders: readonly Reader[] = [...fileReaders, runReader];
