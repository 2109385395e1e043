import { isEverytickError } from "../../errors.ts";
import type { LiveRun } from "../../runs/index.ts";
import type { AnyWorld, Tick } from "../../types.ts";
import { defineWorld } from "../../world/index.ts";
import { isCellMessage } from "./cell-message.ts";
import { type InputSchema, readSchema } from "./declared-schema.ts";
import { type Fields, parseDocument, tickOf } from "./document.ts";
import { InferredSchema } from "./inferred-schema.ts";
import { failureOfLine, refusedInput } from "./input-failure.ts";
import { type InputLine, InputLines } from "./input-lines.ts";
import { type LineHooks, LineRecorder } from "./line-recorder.ts";
import { type NumberedFields, writeFirstTick } from "./line-writing.ts";

export interface IngestionOptions extends LineHooks {
  readonly folder: string;
  /** Declared beside the input. */
  readonly declared: InputSchema | undefined;
  /** Of the run that is resumed. */
  readonly recorded: InputSchema | undefined;
  /** The lines of a tick give all rows of its tables. */
  readonly isWhole: boolean;
  /** Opens the run; the world is for one that is new. */
  readonly open: (world: AnyWorld) => Promise<LiveRun>;
}

/** Records lines of JSON as the ticks of a run. */
export class Ingestion implements AsyncDisposable {
  readonly #options: IngestionOptions;
  readonly #lines = new InputLines();
  readonly #inferred = new InferredSchema();
  #declared: InputSchema | undefined;
  /** Lines that wait for the first tick to be over: a run begins with a whole tick, and with all its stores. */
  #waiting: NumberedFields[] = [];
  /** The line that is looked at, if it is not the last one that came. */
  #earlier: InputLine | undefined;
  #recorder: LineRecorder | undefined;
  #run: LiveRun | undefined;

  constructor(options: IngestionOptions) {
    this.#options = options;
    this.#declared = options.declared;
  }

  /** The run, as soon as its first tick is over. */
  get run(): LiveRun | undefined {
    return this.#run;
  }

  /**
   * Records what comes until it ends, or until the signal: then up to the tick that a line of a later one shows to be
   * whole.
   * @throws CLI_INPUT with everything up to the tick before recorded and durable, RECORDER_CONFLICT, JOURNAL_WRITE, …
   */
  async record(chunks: AsyncIterable<Buffer>): Promise<void> {
    try {
      for await (const chunk of chunks) {
        if (await this.#takeAll(this.#lines.of(chunk))) return;
      }
      if (await this.#takeAll(this.#lines.rest())) return;
      // Whoever sends may have been stopped by the same signal, in the middle of a tick.
      if (!this.#options.signal.aborted) await this.#end();
    } catch (error) {
      const recordedTick = await this.#save(error);
      throw failureOfLine(error, this.#earlier ?? this.#lines.line, recordedTick);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#recorder?.[Symbol.asyncDispose]();
  }

  /** @returns whether it was stopped. */
  async #takeAll(lines: Iterable<string>): Promise<boolean> {
    for (const text of lines) {
      if (text === "" || text.trim() === "") continue;
      const fields = parseDocument(text);
      const turn = this.#recorder === undefined ? this.#await(fields) : this.#recorder.take(fields);
      if (turn !== undefined) await turn;
      if (this.#recorder?.isStopped === true) return true;
    }
    return false;
  }

  /** What is recorded is made durable; whatever fails now comes after the error that is on its way. */
  async #save(error: unknown): Promise<Tick | undefined> {
    const run = this.#run;
    const isOfDisk = isEverytickError(error) && error.code.startsWith("JOURNAL_");
    if (run === undefined || isOfDisk) return undefined;
    return (await run.flush()).durableTick;
  }

  // --- The first tick ------------------------------------------------------------------------------------------

  #await(fields: Fields): Promise<void> | undefined {
    const line = { ...this.#lines.line };
    if (fields["schema"] !== undefined && fields["tick"] === undefined) {
      this.#declare(fields);
      return undefined;
    }
    const tick = tickOfLine(fields);
    const last = this.#waiting.at(-1);
    const before = last === undefined ? tick : tickOfLine(last.fields);
    if (tick < before) throw refusedInput(`a tick from ${before} on`, `tick ${tick}`);
    const isKnown = this.#givenSchema !== undefined;
    const isOver = tick > before && (isKnown || !this.#inferred.isEmpty);
    this.#waiting.push({ line, fields });
    if (isOver) return this.#begin();
    if (!isKnown) this.#inferred.see(fields);
    return undefined;
  }

  #declare(fields: Fields): void {
    if (this.#declared !== undefined || this.#waiting.length > 0) {
      throw refusedInput("one schema, in front of all ticks", "another");
    }
    this.#declared = readSchema(fields);
  }

  /** Opens the run, and records the lines that have waited. */
  async #begin(): Promise<void> {
    const waiting = this.#waiting;
    const [first] = waiting;
    if (first === undefined) throw refusedInput("at least one tick", "none");
    const schema = this.#wholeSchema();
    const { folder, open } = this.#options;
    const run = await open(this.#worldOf(schema));
    this.#run = run;
    const firstTick = tickOfLine(first.fields);
    const recorder = await LineRecorder.start(run, folder, schema, firstTick, this.#options);
    this.#recorder = recorder;
    this.#waiting = [];
    for (const { line, fields } of waiting) {
      if (recorder.isStopped) return;
      this.#earlier = line;
      // Tick 0 of a new run is in it since it was made.
      const isMade = !run.recovery.resumed && tickOfLine(fields) === 0;
      if (isMade) recorder.passOver(fields);
      else await recorder.take(fields);
    }
    this.#earlier = undefined;
  }

  get #givenSchema(): InputSchema | undefined {
    return this.#declared ?? this.#options.recorded;
  }

  #wholeSchema(): InputSchema {
    const { isWhole } = this.#options;
    const given = this.#givenSchema;
    if (given !== undefined) return { ...given, isWhole: isWhole || given.isWhole };
    if (this.#inferred.isEmpty) {
      throw refusedInput("a row, or a schema", "neither", "Nothing says what there is to record.");
    }
    return { definition: this.#inferred.definition(), isWhole };
  }

  /** A run begins with tick 0: its rows are there when the run is made, and are refused before anything is on disk. */
  #worldOf(schema: InputSchema): AnyWorld {
    const lines = this.#waiting.filter(({ fields }) => tickOfLine(fields) === 0);
    const world = {
      name: "unnamed",
      version: 0,
      state: schema.definition,
      init: ({ state }: { readonly state: object }) => {
        writeFirstTick(schema, state, lines, {
          ...this.#options,
          onLine: (line) => (this.#earlier = line),
        });
        this.#earlier = undefined;
      },
    };
    return defineWorld(world as never);
  }

  async #end(): Promise<void> {
    if (this.#recorder === undefined) await this.#begin();
    await this.#recorder?.endTick();
  }
}

function tickOfLine(fields: Fields): Tick {
  return tickOf(fields, isCellMessage(fields) ? "generation" : "tick");
}
