import { assert } from "./assert.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/** Every limit of the engine, in one place. Sizes are in bytes. */
export const limits = {
  /** The largest body of a frame that is read. */
  frameBodyBytes: 64 * MiB,
  /** From this size on a body is written, and the tick is continued in another frame. */
  bodyBytes: 1 * MiB,
  /** A part's raw bytes are kept below this, so that parts always fit into frames. */
  valueBytes: 16 * MiB,
  /** A segment is rolled at this size at the earliest. */
  segmentBytesMin: 16 * MiB,
  /** Offsets inside a segment are 32 bits wide; a segment is rolled before it grows further. */
  segmentBytesMax: 2 ** 31,
  /** A segment is rolled when its deltas weigh so many keyframes; also the weight between keyframes. */
  keyframeWeight: 16,
  /** Differences that a reader keeps of the ticks it came over, for the way back. */
  passedBytes: 32 * MiB,
  /** Files of a run that are open at once for reading. */
  openFiles: 64,
  /** Tables of frames that a reader of a run keeps. */
  indexBytes: 32 * MiB,
  /** Frames between two blocks of the index cache. */
  indexBlockFrames: 4096,
  /** Changed elements of a store above which a delta is split by chunk. */
  partRows: 65_536,
  /** Bytes staged before they are written without waiting for a flush. */
  stagedBytes: 1 * MiB,
  /** Between a recorded tick and the next; the base distance of a frame is 32 bits wide. */
  tickDistance: 2 ** 32 - 1,
  /** Writers of a run, one behind the other; epochs are 32 bits wide. */
  epoch: 2 ** 32 - 1,
  /** Ticks that may be unacknowledged at once. */
  window: 65_536,

  gridElements: 2 ** 31,
  /** Slots of a table, and rows that a log takes in one tick. */
  tableRows: 2 ** 24,
  /** Bytes of an element of a fixed width: of a vector, all its numbers. */
  columnBytes: 64 * KiB,
  keyColumns: 16,
  /** Bytes of static stores that a commit looks at, in turn, to see that they still are what they were. */
  staticCheckBytes: 1 * MiB,
  /** All fixed-width columns of a state: its keyframe must fit into a segment that is nearly full. */
  stateBytes: 1536 * MiB,
  gridRank: 8,
  chunkBytes: 16 * MiB,
  stores: 1024,
  columns: 1024,
  eras: 65_536,
  streams: 256,
  nameLength: 128,
  cardBytes: 1 * MiB,
  jsonDepth: 64,
  segmentHeaderBytes: 2 * MiB,
  /** Entries of one index block; refuses absurd counts before anything is allocated. */
  indexEntries: 2 ** 26,
  gapReasonLength: 1024,
  /** Ranges of lost ticks that the card of a recovered run names. */
  lostRangesShown: 20,
  /** A line of JSON that is recorded from standard input. */
  lineBytes: 16 * MiB,

  /** What one server takes on at once: connections, streams of live ticks, and states that are being rebuilt. */
  serverConnections: 256,
  serverLiveStreams: 128,
  serverReads: 4,
  serverReadsWaiting: 64,
  /** Runs that a server holds open between requests; each may hold a whole state. */
  serverOpenRuns: 8,
  /** Of all clients at one address, and how many they may save up. */
  requestsPerSecond: 1000,
  requestsAtOnce: 2000,
  /** Clients whose requests are counted. */
  rateAddresses: 10_000,
  /** The request line and all headers of a request. */
  requestHeadBytes: 16 * KiB,
  /** Until a request has arrived, until a read of state is given up, and until an idle connection is closed. */
  requestMilliseconds: 10_000,
  readMilliseconds: 10_000,
  idleMilliseconds: 60_000,
  /** How long a server that is closed lets answers finish. */
  closeMilliseconds: 5000,
  /** What is read from a file before the client has taken what was read before. */
  servedChunkBytes: 256 * KiB,
  /** Bytes of a state's region or rows in one answer, and cells of a region as JSON. */
  servedStateBytes: 64 * MiB,
  servedJsonCells: 2 ** 20,
  /** Characters of a card that a listing is searched by. */
  searchedText: 16 * KiB,
  /** Rows of a listing, and of a table, in one answer. */
  listedRuns: 1000,
  servedRows: 10_000,
  /** Buckets of a series in one answer. */
  seriesPoints: 10_000,
  /** Between two looks at whether a run is still being recorded. */
  statusMilliseconds: 1000,
  /** Between two signs of life of a stream of live ticks. */
  heartbeatMilliseconds: 15_000,

  /** Milliseconds of uninterrupted commits after which timers and signals get their turn. */
  yieldMilliseconds: 20,
  /** What a scrub reads in a second unless it is told otherwise, and the least that a pass takes. */
  scrubBytesPerSecond: 8 * MiB,
  scrubPauseMilliseconds: 1000,
  /** Milliseconds between two looks at a run that another process writes. */
  followMilliseconds: 50,
} as const;

assert(
  limits.bodyBytes + 2 * limits.chunkBytes <= limits.frameBodyBytes,
  "a body with a whole chunk behind what it held fits into a frame",
);
assert(limits.bodyBytes + 2 * limits.valueBytes + MiB <= limits.frameBodyBytes, "old and new fit");
assert(limits.columnBytes <= limits.valueBytes, "a part holds at least one element");
assert(
  limits.segmentBytesMax + limits.stateBytes + 2 * limits.frameBodyBytes < 2 ** 32,
  "offsets stay within 32 bits after the frame that crosses the limit",
);
assert(limits.indexBlockFrames <= limits.indexEntries, "an index block is within its own limit");
