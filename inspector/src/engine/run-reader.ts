import { bytesOfHex } from "../../../src/format/bytes.ts";
import { isGrowing, layoutOf, type Layout } from "../../../src/format/layout.ts";
import { segmentHeaderBytes } from "../../../src/format/segment.ts";
import { JournalReader, type SegmentSource } from "../../../src/journal/journal-reader.ts";
import { Timeline, type TimelineIdentity } from "../../../src/timeline/timeline.ts";
import type { RunCard } from "../../../src/types.ts";
import { readingCodecs } from "./codecs.ts";
import { answered, HttpSegments, type Fetch } from "./http-segments.ts";
import type { StoreContent, TickState } from "./protocol.ts";

/** A run as a server shows it: its card, its journal and a timeline over it. */
export class RunReader {
  readonly card: RunCard;
  readonly layout: Layout;
  readonly journal: JournalReader;
  readonly identity: TimelineIdentity;
  readonly timeline: Timeline;

  private constructor(card: RunCard, journal: JournalReader) {
    this.card = card;
    this.layout = layoutOf(card.world);
    this.journal = journal;
    // Digests are never asked for here, so the hash that they begin with is not either.
    this.identity = { layout: this.layout, schemaHash: new Uint8Array(16) };
    this.timeline = new Timeline(journal, this.identity);
  }

  static async open(card: RunCard, segments: SegmentSource): Promise<RunReader> {
    const identity = {
      uuid: bytesOfHex(card.uuid),
      headerBytes: segmentHeaderBytes(card.world),
    };
    return new RunReader(card, await JournalReader.open(segments, identity, readingCodecs()));
  }

  /** The state where a timeline stands: copies of the chosen stores. */
  stateOf({ header, image }: Timeline, stores: readonly number[]): TickState {
    return {
      tick: header.tick,
      simTime: header.simTime,
      wallTime: header.wallTime,
      era: this.card.world.eras[header.era],
      historyDigest: hexOf(header.historyDigest),
      stores: stores.map((store) => this.#content(store, image)),
    };
  }

  #content(store: number, image: Timeline["image"]): StoreContent {
    const layout = this.layout.stores[store];
    const columns = image.stores[store] ?? [];
    if (layout === undefined || columns.length === 0) return { store, columns: [] };
    const rows = isGrowing(layout) ? columns[0]!.bytes.lastIndexOf(1) + 1 : layout.rows;
    return {
      store,
      columns: columns.map(({ bytes, values }, i) => ({
        bytes: bytes.slice(0, rows * layout.columns[i]!.width),
        values: values.slice(0, rows),
      })),
    };
  }
}

/** What the service says of a run: the card, and where it stands. */
export interface RunAnswer extends RunCard {
  /** `null` where the journal cannot be read. */
  readonly firstTick: number | null;
  readonly tick: number | null;
  readonly isRecording: boolean;
  readonly bytes: number;
  readonly state: string;
  readonly error: unknown;
}

/** @throws JOURNAL_READ */
export async function runAt(
  run: string,
  fetchPort: Fetch,
): Promise<{ answer: RunAnswer; segments: HttpSegments }> {
  const base = `/v1/runs/${encodeURIComponent(run)}`;
  const answer = (await (await answered(fetchPort, base)).json()) as RunAnswer;
  return { answer, segments: new HttpSegments(base, answer.uuid, fetchPort) };
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
