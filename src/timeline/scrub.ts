import { isEverytickError, type EverytickError } from "../errors.ts";
import { readFrameHeader } from "../format/frame.ts";
import { readSegmentHeader } from "../format/segment.ts";
import { FrameFetcher } from "../journal/frame-fetcher.ts";
import type { JournalReader } from "../journal/journal-reader.ts";
import { isFrameIntact, type Segment } from "../journal/segment-reader.ts";
import { limits } from "../limits.ts";
import type { Clock, Damage, ScrubEvent, ScrubOptions } from "../types.ts";

/** Sleeps are cut into pieces, so that a scrub ends soon after it is told to. */
const sleepMilliseconds = 250;

/** What a scrub needs of its run. */
export interface ScrubbedRun {
  readonly journal: JournalReader;
  readonly clock: Clock;
  /** Looks for segments that were added since. */
  readonly refresh: () => Promise<void>;
  readonly isClosed: () => boolean;
}

/**
 * Reads all frames again and again, within a budget, and checks their checksums. Digests need a replay: that is `verify`.
 * What the system still holds in memory it answers from there, not from the disk.
 */
export async function* scrub(
  run: ScrubbedRun,
  options: ScrubOptions,
): AsyncGenerator<ScrubEvent, void, undefined> {
  for (let pass = 1; !isOver(run, options); pass++) yield* new Pass(run, options, pass).run();
}

function isOver(run: ScrubbedRun, { signal }: ScrubOptions): boolean {
  return signal?.aborted === true || run.isClosed();
}

/** One way through all segments. */
class Pass {
  readonly #run: ScrubbedRun;
  readonly #options: ScrubOptions;
  readonly #number: number;
  readonly #startedAt: number;
  readonly #fetcher = new FrameFetcher();
  #lastPause: number;
  #bytes = 0;
  #damages = 0;

  constructor(run: ScrubbedRun, options: ScrubOptions, number: number) {
    this.#run = run;
    this.#options = options;
    this.#number = number;
    this.#startedAt = this.#lastPause = run.clock.monotonic();
  }

  async *run(): AsyncGenerator<ScrubEvent, void, undefined> {
    const { journal, refresh } = this.#run;
    yield* this.#trying("journal", refresh);
    for (let number = 0; number < journal.names.length; number++) {
      if (this.#isOver) return;
      const file = `journal/${journal.names[number]?.name ?? ""}`;
      let segment: Segment | undefined;
      yield* this.#trying(file, async () => {
        segment = await journal.segment(number);
      });
      if (segment !== undefined) yield* this.#segment(segment, file);
    }
    await this.#keepTo(limits.scrubPauseMilliseconds);
    if (this.#isOver) return;
    const milliseconds = this.#run.clock.monotonic() - this.#startedAt;
    const facts = { pass: this.#number, bytes: this.#bytes, milliseconds };
    yield { kind: "pass", ...facts, segments: journal.names.length, damages: this.#damages };
  }

  async *#segment(segment: Segment, file: string): AsyncGenerator<ScrubEvent, void, undefined> {
    const { table, header, source, name } = segment;
    yield* this.#trying(file, async () => {
      readSegmentHeader(await source.read(0, header.length), name, this.#run.journal.codecs);
    });
    for (let position = 0; position < table.count; position = table.groupEnd(position)) {
      const end = table.groupEnd(position);
      const offset = table.offset(position);
      yield* this.#trying(
        file,
        async () => {
          for await (const _ of this.#fetcher.group(segment, position, "forward"));
        },
        { offset, ticks: [table.tick(position), table.tick(position)] },
      );
      this.#bytes += table.offset(end - 1) + table.length(end - 1) - offset;
      await this.#keepTo(0);
      if (this.#isOver) return;
    }
    if (segment.end.kind === "sealed") yield* this.#seal(segment, file);
  }

  async *#seal(segment: Segment, file: string): AsyncGenerator<ScrubEvent, void, undefined> {
    const { table, source, checksum } = segment;
    const bytes = await source.read(table.end, (await source.size()) - table.end);
    this.#bytes += bytes.length;
    const frame = readFrameHeader(bytes);
    // A seal that was read as a frame of the table leaves nothing behind it.
    if (bytes.length === 0) return;
    const isIntact =
      frame?.length === bytes.length && isFrameIntact(bytes, frame, checksum, table.end);
    if (isIntact) return;
    const [expected, found] = ["a seal that matches its checksums", "other bytes"];
    yield this.#damage({ file, offset: table.end, expected, found });
  }

  async *#trying(
    file: string,
    work: () => Promise<void>,
    place: Pick<Damage, "offset" | "ticks"> = { offset: 0 },
  ): AsyncGenerator<ScrubEvent, void, undefined> {
    let failure: EverytickError | undefined;
    try {
      await work();
    } catch (error) {
      // A file that is closed or gone with its run is no damage.
      if (this.#isOver) return;
      if (!isEverytickError(error)) throw error;
      failure = error;
    }
    if (failure === undefined) return;
    const { expected = "an intact frame", found = failure.message } = failure.details;
    yield this.#damage({ file, ...place, expected, found });
  }

  #damage(damage: Damage): ScrubEvent {
    this.#damages += 1;
    return { kind: "damage", pass: this.#number, damage };
  }

  get #isOver(): boolean {
    return isOver(this.#run, this.#options);
  }

  /** Waits until the bytes read so far are within the budget, and at least so long since the pass began. */
  async #keepTo(atLeast: number): Promise<void> {
    const { clock } = this.#run;
    const { bytesPerSecond = limits.scrubBytesPerSecond, signal } = this.#options;
    const due = this.#startedAt + Math.max(atLeast, (1000 * this.#bytes) / bytesPerSecond);
    while (!this.#isOver && due - clock.monotonic() > 1) {
      await clock.sleep(Math.min(sleepMilliseconds, due - clock.monotonic()), signal);
      this.#lastPause = clock.monotonic();
    }
    if (clock.monotonic() - this.#lastPause < limits.yieldMilliseconds) return;
    await clock.yield();
    this.#lastPause = clock.monotonic();
  }
}
