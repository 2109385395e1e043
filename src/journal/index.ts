export { JournalReader, type SegmentSource, type Step } from "./journal-reader.ts";
export { recoverJournal, type Recovered } from "./recovery.ts";
export { segmentName, segmentsAmong, type SegmentName } from "./segment-name.ts";
export type { Segment, SegmentEnd } from "./segment-reader.ts";
export { Writer } from "./writer.ts";
export type { JournalSizes, WriterIdentity, WriterOptions, WriterStart } from "./writer-options.ts";
