import type { Tick } from "../../types.ts";
import type { CellMessage } from "./cell-message.ts";
import { refusedInput } from "./input-failure.ts";

/** The message before: of this input, or the last of a run that is resumed. */
export interface LastMessage {
  readonly runId: string | undefined;
  /** `undefined`: it is not known. */
  readonly seq: number | undefined;
  readonly generation: Tick;
}

/** How a message follows the one before. */
export type Following =
  | { readonly kind: "next" }
  /** It was delivered before. */
  | { readonly kind: "repeated" }
  /** Messages between are missing. */
  | { readonly kind: "jump"; readonly reason: string };

/** Holds the messages of one run to their order. A bus delivers at most once, at least once, or not at all. */
export class MessageSequence {
  #last: LastMessage | undefined;

  /** @param last of a run that is resumed behind its end. */
  constructor(last?: LastMessage) {
    this.#last = last;
  }

  /** @throws CLI_INPUT for a message of another run */
  follow(message: CellMessage): Following {
    const last = this.#last;
    const { runId, seq, generation } = message;
    if (last?.runId !== undefined && runId !== last.runId) {
      throw refusedInput(
        `messages of run ${last.runId}`,
        `run ${runId}`,
        "Record each run on its own.",
      );
    }
    if (last?.seq !== undefined && seq <= last.seq) return { kind: "repeated" };
    this.#last = { runId, seq, generation };
    if (last === undefined) return { kind: "next" };
    if (last.seq !== undefined && seq !== last.seq + 1) {
      return { kind: "jump", reason: `seq jumps from ${last.seq} to ${seq}` };
    }
    if (last.seq === undefined && generation > last.generation + 1) {
      return { kind: "jump", reason: `seq ${seq} follows a message that is not known` };
    }
    return { kind: "next" };
  }
}
