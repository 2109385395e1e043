/** A check of the engine that is left out, to see that a row turns red without it. */
export interface Mutation {
  /** Below `src`, without its ending. */
  readonly file: string;
  /** Stands in the file exactly once, on one line and without types, so that it stands in the build, too. */
  readonly check: string;
  readonly without: string;
  /** The row that turns red. */
  readonly row: string;
}

type Check = readonly [check: string, without: string, row: string];

/**
 * Comparisons of checksums and digests, bounds of lengths and offsets, order, the lock, and what ends a writer: each with a row that
 * was seen to turn red. A check that is not listed has no such row yet, or something else compares the same.
 */
const checks: Readonly<Record<string, readonly Check[]>> = {
  "format/frame": [
    ["bytes.length - start < frameHeaderSize", "false", "E3"],
    ["place.of(covered, header.epoch, offset) === header.checksum", "true", "B2"],
  ],
  "format/segment": [
    ["!segmentMagic.every((byte, i) => bytes[i] === byte)", "false", "K6"],
    ["version > formatVersion", "false", "K6"],
    ["length < fixedSize + 4 || ", "", "K6"],
    [" || length > bytes.length", "", "K6"],
    ["stored !== checksum", "false", "B2"],
    ["layout !== 0", "false", "K6"],
    ["view.getUint32(at.worldLength, true) !== length - fixedSize - 4", "false", "K6"],
  ],
  "journal/frame-checker": [
    ["start + header.length > bytes.length", "false", "K6"],
    ["checksum !== header.bodyChecksum", "false", "B2"],
    ["!isHeaderIntact(bytes, start, header, this.#place, offset)", "false", "B2"],
    ["header.previousChecksum !== state.previousChecksum", "false", "K6"],
    ["header.epoch < state.epoch", "false", "K6"],
    ["!isKnownKind(kind) || flags > knownFlags", "false", "K6"],
    ["continued === undefined || isSameGroup(continued, header)", "true", "K6"],
    [
      "kind === FrameKind.delta && (tick <= state.lastGapTick || from !== state.lastTick)",
      "false",
      "K6",
    ],
    ["kind === FrameKind.keyframe && !isStep(header) && tick > state.lastTick", "false", "K6"],
  ],
  "journal/frame-fetcher": [
    ["header.tick === table.tick(position) &&", "", "K6"],
    ["isFrameIntact(bytes, header, segment.checksum, offset)", "true", "B2"],
  ],
  "journal/journal-reader": [
    ['!hasSuccessor || segment.end.kind !== "open"', "true", "B2"],
    ["header.number === expected", "true", "B5"],
  ],
  "journal/recovery": [
    ["if (missing !== undefined) throw missing;", "", "B5"],
    ["await writeAgain(segment, frames?.durableOffset ?? 0, vfs, directory);", "", "C2"],
  ],
  "journal/segment-reader": [
    ["!isFrameIntact(bytes, frame, checksum, sealOffset)", "false", "B2"],
    ["checksum.of(body, frame.epoch, offset) === frame.bodyChecksum", "true", "B2"],
    ["!uuid.every((byte, i) => header.uuid[i] === byte)", "false", "B5"],
    ["header.firstTick !== firstTick || ", "", "K6"],
    ["checker.state.continued !== undefined", "false", "B2"],
  ],
  "journal/survey": [
    ["(await window.isIntact(frame, offset, this.#place))", "true", "B8"],
    ["header?.length === next - offset && ", "", "B8"],
  ],
  "journal/writer": [
    ["if (this.#failure !== undefined) throw poisoned(this.#failure);", "", "C2"],
    ["this.#failure = cause;", "", "C2"],
    ["if (this.#failure === undefined) this.#acknowledge();", "this.#acknowledge();", "C2"],
  ],
  "recorder/recorder": [
    ["!Number.isSafeInteger(tick) || tick < 0", "false", "E2"],
    ["tick <= this.#position.tick", "false", "E1"],
  ],
  "runs/card": [["checksum !== computed", "false", "B6"]],
  "runs/runs": [
    ["const lock = this.#lock(directory);", "const lock = { release: () => undefined };", "C11"],
  ],
  "timeline/named-states": [
    ["step === -1 || table.tick(table.step(step)) !== tick", "false", "K6"],
  ],
  "timeline/scrub": [
    ["if (failure === undefined) return;", "return;", "B10"],
    ["if (isIntact) return;", "return;", "B10"],
  ],
  "timeline/state-digests": [
    ['checkEqual("state digest", this.ofState(image), header.stateDigest, where);', "", "K6"],
    ['checkEqual("history digest", chained, header.historyDigest, where);', "", "E3"],
    ["computed.length !== recorded.length", "false", "K6"],
  ],
  "timeline/verify": [
    ['end.kind === "damaged"', "false", "K6"],
    ["this.#digests.checkFirst(this.#image, bodies, header, where);", "", "K6"],
    ["this.#named.check(segment, header.tick, image);", "", "K6"],
  ],
  "format/bytes": [["count * bytesEach <= this.remaining", "true", "K1"]],
  "format/body": [["column >= store.columns.length", "false", "K1"]],
};

export const mutations: readonly Mutation[] = Object.entries(checks).flatMap(([file, each]) =>
  each.map(([check, without, row]) => ({ file, check, without, row })),
);
