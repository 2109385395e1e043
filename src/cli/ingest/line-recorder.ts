import { isEverytickError } from "../../errors.ts";
import type { LiveRun } from "../../runs/index.ts";
import type { Ack, StateDefinition, Tick } from "../../types.ts";
import { count } from "../quantities.ts";
import { type CellMessage, isCellMessage, readCellMessage } from "./cell-message.ts";
import type { InputSchema } from "./declared-schema.ts";
import { type Fields, tickOf } from "./document.ts";
import { type LineCounting, writeLine } from "./line-writing.ts";
import { refusedInput } from "./input-failure.ts";
import { type LastMessage, MessageSequence } from "./message-sequence.ts";
import { RecordedTicks } from "./recorded-ticks.ts";
import { StateWriter } from "./state-writer.ts";

export interface LineHooks extends LineCounting {
  readonly onAck: (ack: Ack) => void;
  /** Once aborted, the tick under way is the last. */
  readonly signal: AbortSignal;
}

/** Records the ticks that lines tell in a run that is open. */
export class LineRecorder implements AsyncDisposable {
  readonly #run: LiveRun;
  readonly #schema: InputSchema;
  readonly #hooks: LineHooks;
  readonly #sequence: MessageSequence;
  #writer: StateWriter;
  /** While the ticks of the lines are recorded already. */
  #recorded: RecordedTicks | undefined;
  /** The tick under way. */
  #tick: Tick | undefined;
  /** Whether the tick under way was recorded when the run was made. */
  #isMade: boolean;
  #isStopped = false;
  #jump: string | undefined;

  private constructor(
    run: LiveRun,
    schema: InputSchema,
    hooks: LineHooks,
    { recorded, last }: { recorded: RecordedTicks | undefined; last: LastMessage | undefined },
  ) {
    this.#run = run;
    this.#schema = schema;
    this.#hooks = hooks;
    this.#recorded = recorded;
    this.#sequence = new MessageSequence(last);
    this.#isMade = !run.recovery.resumed;
    this.#tick = this.#isMade ? 0 : undefined;
    this.#writer = new StateWriter(
      schema,
      recorded?.state ?? run.state,
      recorded?.isFirst === true,
    );
  }

  /** @param first the tick of the first line. */
  static async start(
    run: LiveRun,
    folder: string,
    schema: InputSchema,
    first: Tick,
    hooks: LineHooks,
  ): Promise<LineRecorder> {
    const { resumed } = run.recovery;
    if (!resumed || first <= run.tick) {
      const directory = `${folder}/${run.id}`;
      const recorded = resumed
        ? await RecordedTicks.open(directory, run.card, schema.definition, first)
        : undefined;
      return new LineRecorder(run, schema, hooks, { recorded, last: undefined });
    }
    const last = await lastMessageOf(run, schema.definition);
    return new LineRecorder(run, schema, hooks, { recorded: undefined, last });
  }

  /** Whether the signal was given and the tick before is recorded. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** A promise only where a tick ends: most lines cost no turn of the loop. @throws CLI_INPUT, RECORDER_CONFLICT, … */
  take(fields: Fields): Promise<void> | undefined {
    const message = isCellMessage(fields) ? readCellMessage(fields) : undefined;
    const tick = message?.generation ?? tickOf(fields);
    if (message !== undefined && this.#isRepeated(message)) return undefined;
    if (tick !== this.#tick) return this.#turnTo(tick, fields, message);
    this.#write(fields, message);
    return undefined;
  }

  /** The same for a line of the tick that was recorded when the run was made. */
  passOver(fields: Fields): void {
    if (isCellMessage(fields)) this.#isRepeated(readCellMessage(fields));
    this.#jump = undefined;
  }

  /** Records the tick under way. */
  async endTick(): Promise<void> {
    if (this.#tick === undefined) return;
    if (this.#isMade) {
      this.#isMade = false;
      return;
    }
    this.#writer.endTick();
    if (this.#recorded === undefined) {
      this.#hooks.onAck(await this.#run.commit({ tick: this.#tick }));
      return;
    }
    await this.#recorded.compare(this.#tick);
    this.#hooks.counts.compared += 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#recorded?.[Symbol.asyncDispose]();
  }

  async #turnTo(tick: Tick, fields: Fields, message: CellMessage | undefined): Promise<void> {
    if (this.#tick !== undefined && tick < this.#tick) {
      throw refusedInput(`a tick from ${count(this.#tick)} on`, `tick ${count(tick)}`);
    }
    await this.endTick();
    if (this.#hooks.signal.aborted) {
      this.#isStopped = true;
      return;
    }
    if (this.#recorded !== undefined && tick > this.#run.tick) {
      await this.#recorded[Symbol.asyncDispose]();
      this.#recorded = undefined;
      this.#writer = new StateWriter(this.#schema, this.#run.state, false);
    }
    if (this.#jump !== undefined) await this.#declareGap(tick, this.#jump);
    this.#tick = tick;
    this.#write(fields, message);
  }

  #write(fields: Fields, message: CellMessage | undefined): void {
    this.#jump = undefined;
    writeLine(this.#writer, fields, message, this.#hooks);
  }

  #isRepeated(message: CellMessage): boolean {
    const following = this.#sequence.follow(message);
    if (following.kind === "jump") {
      this.#jump = following.reason;
      this.#hooks.warn(
        `${following.reason}: messages are missing before generation ${message.generation}`,
      );
    }
    if (following.kind !== "repeated") return false;
    this.#hooks.counts.repeated += 1;
    this.#hooks.warn(`message ${message.seq} came again and is left out`);
    return true;
  }

  /** The ticks before this one are missing, unless they are recorded. */
  async #declareGap(tick: Tick, reason: string): Promise<void> {
    if (tick <= this.#run.tick + 1) return;
    try {
      this.#hooks.onAck(await this.#run.gap({ until: tick - 1, reason }));
      this.#hooks.counts.gaps += 1;
    } catch (error) {
      // A run that ended right behind a gap has it already.
      if (!isEverytickError(error, "RECORDER_TICK")) throw error;
    }
  }
}

/** What a run knows of the messages that it was recorded from. */
async function lastMessageOf(run: LiveRun, definition: StateDefinition): Promise<LastMessage> {
  const { tick: generation } = run;
  const messages = definition["messages"];
  let last: LastMessage = { runId: undefined, seq: undefined, generation };
  if (messages?.kind !== "log" || !("seq" in messages.columns)) return last;
  let found: Tick | undefined;
  for await (const { tick, row } of run.log("messages", { from: generation, to: run.firstTick })) {
    if (tick !== (found ??= tick)) break;
    const { run_id: runId, seq } = row as {
      readonly run_id?: string;
      readonly seq?: number | bigint;
    };
    last = { runId, seq: Number(seq), generation };
  }
  return last;
}
