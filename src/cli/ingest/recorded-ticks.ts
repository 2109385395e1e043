import { schemaHashOf } from "../../format/digest.ts";
import { Image } from "../../format/image.ts";
import { layoutOf } from "../../format/layout.ts";
import type { JournalReader } from "../../journal/journal-reader.ts";
import { nodePorts } from "../../runs/ports-node.ts";
import { firstDifference, refusedState } from "../../runs/recorded-tick.ts";
import { openJournal } from "../../runs/run.ts";
import { Timeline } from "../../timeline/timeline.ts";
import type { RunCard, StateDefinition, Tick } from "../../types.ts";
import { RandomStreams } from "../../world/random.ts";
import { streamsOf } from "../../world/schema.ts";
import { LiveState } from "../../world/state/live-state.ts";

/**
 * Compares lines that come again with the ticks that are recorded already. They are written into a state of their own,
 * which starts as the recorded one before the first of them, and goes along.
 */
export class RecordedTicks implements AsyncDisposable {
  readonly #card: RunCard;
  readonly #journal: JournalReader;
  readonly #timeline: Timeline;
  readonly #live: LiveState;
  /** What the lines lead to. */
  readonly #found: Image;
  #tick: Tick;

  private constructor(
    card: RunCard,
    journal: JournalReader,
    timeline: Timeline,
    live: LiveState,
    tick: Tick,
  ) {
    this.#card = card;
    this.#journal = journal;
    this.#timeline = timeline;
    this.#live = live;
    this.#found = new Image(live.layout);
    this.#tick = tick;
  }

  /** @param first the first tick that comes again. */
  static async open(
    directory: string,
    card: RunCard,
    definition: StateDefinition,
    first: Tick,
  ): Promise<RecordedTicks> {
    const journal = await openJournal(directory, card, await nodePorts({}));
    try {
      const layout = layoutOf(card.world);
      const timeline = new Timeline(journal, { layout, schemaHash: schemaHashOf(card.world) });
      const random = new RandomStreams(streamsOf(card.world));
      const live = new LiveState(definition, card.world, layout, random);
      const before = first === 0 ? undefined : await journal.stepAtOrBefore(first - 1);
      if (before !== undefined) {
        await timeline.seek(before.tick);
        live.load(timeline.image);
        live.endTick();
      }
      return new RecordedTicks(card, journal, timeline, live, before?.tick ?? -1);
    } catch (error) {
      await journal.close();
      throw error;
    }
  }

  /** Where the lines are to be written. */
  get state(): object {
    return this.#live.state;
  }

  /** Whether nothing is recorded before the lines. */
  get isFirst(): boolean {
    return this.#tick === -1;
  }

  /** The lines of a tick are written. @throws RECORDER_CONFLICT with the first difference, JOURNAL_DAMAGED */
  async compare(tick: Tick): Promise<void> {
    const step = await this.#journal.stepAfter(this.#tick);
    if (step?.tick !== tick) {
      const expected = `tick ${step?.tick ?? "none"}, the next that is recorded`;
      throw refusedState(
        "RECORDER_CONFLICT",
        { where: `tick ${tick}`, expected, found: `tick ${tick}` },
        advice,
      );
    }
    await this.#timeline.seek(tick);
    const { layout } = this.#live;
    this.#live.capture().forEach((columns, store) => this.#found.copyStore(store, columns));
    const identity = { layout, schema: this.#card.world };
    const difference = firstDifference(
      identity,
      this.#timeline.image,
      this.#found,
      this.#journal.codecs,
    );
    if (difference !== undefined) {
      const where = `tick ${tick}, ${difference.where}`;
      throw refusedState("RECORDER_CONFLICT", { ...difference, where }, advice);
    }
    this.#live.endTick();
    this.#tick = tick;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#journal.close();
  }
}

const advice =
  "History is never rewritten. Record under another id, or go on behind the last recorded tick.";
