import type { FrameHeader } from "../format/frame.ts";
import type { FrameTable } from "../format/frame-table.ts";
import { limits } from "../limits.ts";
import type { Tick, Vfs, VfsFile } from "../types.ts";
import { FrameFetcher } from "./frame-fetcher.ts";
import { damagedError, type JournalReader } from "./journal-reader.ts";
import { segmentsAmong } from "./segment-name.ts";
import type { Segment } from "./segment-reader.ts";
import { guardWrites } from "./write-failure.ts";
import type { SegmentTail } from "./segment-writer.ts";

/** Where a writer can go on, and what had to be cut for it. */
export interface Recovered {
  readonly tick: Tick;
  readonly lastGapTick: Tick;
  readonly epoch: number;
  readonly segmentNumber: number;
  /** The open segment; absent if the last one is sealed. */
  readonly tail: SegmentTail | undefined;
  readonly keyframeBytes: number;
  readonly deltaBytes: number;
  readonly tornBytes: number;
  readonly keptAt: string | undefined;
}

/**
 * Prepares a journal for a writer: keeps a torn tail aside and says where to go on. Damage is refused.
 * @returns `undefined` if no tick was ever recorded.
 * @throws JOURNAL_DAMAGED
 */
export async function recoverJournal(
  journal: JournalReader,
  vfs: Vfs,
  directory: string,
): Promise<Recovered | undefined> {
  let lastGapTick = -1;
  for (let number = 0; number < journal.names.length; number++) {
    const { end, name, table } = await journal.segment(number);
    if (end.kind === "damaged") throw damagedError(name, table, end.offset, end.problem);
    const missing = await journal.missingAfter(number - 1);
    if (missing !== undefined) throw missing;
    lastGapTick = Math.max(lastGapTick, table.lastGapTick());
  }
  guardWrites(directory, () => moveTornCreation(journal, vfs, directory));
  const last = await journal.lastStep();
  if (last === undefined) return undefined;
  const segment = await journal.segment(journal.names.length - 1);
  const frames = await lastHeader(segment);
  const sealed = segment.end.kind === "sealed";
  const torn = sealed
    ? { tornBytes: 0, keptAt: undefined }
    : await keepTorn(segment, vfs, directory);
  await writeAgain(segment, frames?.durableOffset ?? 0, vfs, directory);
  return {
    tick: last.tick,
    lastGapTick: Math.max(last.tick, lastGapTick),
    epoch: frames?.epoch ?? segment.header.epoch,
    segmentNumber: segment.header.number,
    tail: sealed ? undefined : tailOf(segment, frames?.checksum ?? 0),
    ...weights(segment.table),
    ...torn,
  };
}

/**
 * Writes what nothing proves to be durable once more, and syncs it. Whoever wrote it may have been killed before its sync; or the
 * sync failed, and the system shows pages that it will never write again by itself.
 */
async function writeAgain(
  { name, source, table, end }: Segment,
  from: number,
  vfs: Vfs,
  directory: string,
): Promise<void> {
  const until = end.kind === "sealed" ? await source.size() : table.end;
  const guard = (work: () => void): void => guardWrites(directory, work);
  let file: VfsFile | undefined;
  guard(() => (file = vfs.open(`${directory}/journal/${name}`, "update")));
  try {
    for (let offset = from; offset < until; offset += limits.stagedBytes) {
      const bytes = await source.read(offset, Math.min(limits.stagedBytes, until - offset));
      guard(() => file?.write(bytes, offset));
    }
    // A writer that goes on in an open segment syncs it together with the cut.
    if (end.kind === "sealed") guard(() => file?.sync());
  } finally {
    file?.close();
  }
}

/** Moves away a file that was to become a segment, so that its name is free again. */
function moveTornCreation({ tornCreation }: JournalReader, vfs: Vfs, directory: string): void {
  if (tornCreation !== undefined) moveAside(vfs, directory, [tornCreation]);
}

/** Moves away the segments of a run whose first tick was never acknowledged. */
export function clearJournal(vfs: Vfs, directory: string): void {
  const names = segmentsAmong(vfs.list(`${directory}/journal`) ?? []).map(({ name }) => name);
  if (names.length > 0) guardWrites(directory, () => moveAside(vfs, directory, names));
}

function moveAside(vfs: Vfs, directory: string, names: readonly string[]): void {
  const journal = `${directory}/journal`;
  vfs.makeDirectory(`${journal}/torn`);
  for (const name of names) {
    const kept = freeName(vfs, `${journal}/torn`, name.replace(/\.seg$/, ""), ".seg");
    vfs.rename(`${journal}/${name}`, `${journal}/torn/${kept}`);
  }
  vfs.syncDirectory(`${journal}/torn`);
  vfs.syncDirectory(journal);
}

async function lastHeader(segment: Segment): Promise<FrameHeader | undefined> {
  const { table } = segment;
  if (table.count === 0) return undefined;
  return new FrameFetcher().header(segment, table.count - 1, "back");
}

function tailOf({ name, header, table }: Segment, previousChecksum: number): SegmentTail {
  // The reader's own table must not move when the writer appends.
  return { name, header, table: table.copy(), previousChecksum };
}

/** Copies what follows the last valid frame to a file beside the journal, unless it is all zeros. */
async function keepTorn(
  { name, table, source }: Segment,
  vfs: Vfs,
  directory: string,
): Promise<{ tornBytes: number; keptAt: string | undefined }> {
  const bytes = await source.read(table.end, (await source.size()) - table.end);
  if (bytes.every((byte) => byte === 0)) return { tornBytes: 0, keptAt: undefined };
  const keptAt = freeName(vfs, directory, `journal/torn/${name}-${table.end}`, ".bin");
  guardWrites(directory, () => keepAside(vfs, directory, keptAt, bytes));
  return { tornBytes: bytes.length, keptAt };
}

/** What was kept earlier, of a tail at the same place, stays. */
function freeName(vfs: Vfs, directory: string, name: string, ending: string): string {
  for (let copy = 1; ; copy++) {
    const path = copy === 1 ? `${name}${ending}` : `${name}-${copy}${ending}`;
    if (vfs.stat(`${directory}/${path}`) === undefined) return path;
  }
}

/** Writes bytes to a new durable file under the run's folder. */
function keepAside(vfs: Vfs, directory: string, path: string, bytes: Uint8Array): void {
  const full = `${directory}/${path}`;
  vfs.makeDirectory(`${directory}/journal/torn`);
  const file = vfs.open(full, "create");
  try {
    file.write(bytes, 0);
    file.sync();
  } finally {
    file.close();
  }
  vfs.syncDirectory(`${directory}/journal/torn`);
  vfs.syncDirectory(`${directory}/journal`);
}

/** Bytes of the newest keyframe and of the deltas behind it. */
function weights(table: FrameTable): { keyframeBytes: number; deltaBytes: number } {
  let newest: number | undefined;
  for (const position of table.keyframes()) newest = position;
  if (newest === undefined) return { keyframeBytes: 0, deltaBytes: table.end - table.begin };
  const groupEnd = table.groupEnd(newest);
  const behind = groupEnd < table.count ? table.offset(groupEnd) : table.end;
  return { keyframeBytes: behind - table.offset(newest), deltaBytes: table.end - behind };
}
