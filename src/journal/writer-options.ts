import type { Image } from "../format/image.ts";
import type { Layout } from "../format/layout.ts";
import type { Clock, Codecs, Durability, Tick, Vfs, WorldSchema } from "../types.ts";
import type { SegmentTail } from "./segment-writer.ts";

/** What a writer needs to know of its run. */
export interface WriterIdentity {
  readonly uuid: Uint8Array;
  readonly world: WorldSchema;
  readonly worldHash: Uint8Array;
  readonly schemaHash: Uint8Array;
  readonly layout: Layout;
}
export interface WriterOptions extends JournalSizes {
  readonly vfs: Vfs;
  readonly codecs: Codecs;
  readonly clock: Clock;
  /** The run's folder. */
  readonly directory: string;
  readonly identity: WriterIdentity;
  readonly durability: Durability;
}
/** Sizes of what is written; the limits' own if absent. */
export interface JournalSizes {
  /** A segment is rolled at this size at the earliest. */
  readonly segmentBytesMin?: number;
  /** A frame's body is continued in another frame above this. */
  readonly bodyBytesMax?: number;
}
/** Where a writer goes on: the end of the journal and the state there. */
export interface WriterStart {
  readonly image: Image;
  readonly tick: Tick;
  readonly era: number;
  readonly simTime: number;
  readonly historyDigest: Uint8Array;
  /** The epoch of the last frame. */
  readonly epoch: number;
  /** The last tick that a gap declares missing, if that is behind `tick`, else `tick`. */
  readonly lastGapTick: Tick;
  /** The number of the last segment. */
  readonly segmentNumber: number;
  /** The open segment; absent if the last one is sealed. */
  readonly tail: SegmentTail | undefined;
  /** Bytes of the newest keyframe and of the deltas behind it. */
  readonly keyframeBytes: number;
  readonly deltaBytes: number;
}
