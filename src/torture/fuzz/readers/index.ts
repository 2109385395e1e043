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

/** The readers of everything that the engine writes. */
export const engineReaders: readonly Reader[] = [
  segmentHeaderReader,
  frameHeaderReader,
  segmentReader,
  bodyReader,
  withMissing(deltaReader),
  indexReader,
  cacheReader,
  cardReader,
  runReader,
];
