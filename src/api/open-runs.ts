import { limits } from "../limits.ts";
import type { Run, Runs } from "../runs/index.ts";
import { Gate } from "./gate.ts";
import type { Clock } from "../types.ts";

interface Held {
  readonly uuid: string;
  readonly opening: Promise<Run>;
  users: number;
  isDropped: boolean;
}

/** Runs that stay open between requests, since a seek from where the last one ended is cheap. Few: each may hold a state. */
export class OpenRuns {
  readonly #runs: Runs;
  readonly #gate: Gate;
  /** The one used last stands at the end. */
  readonly #held = new Map<string, Held>();

  constructor(runs: Runs, clock: Clock) {
    this.#runs = runs;
    const [width, waiting] = [limits.serverReads, limits.serverReadsWaiting];
    this.#gate = new Gate({ width, waiting, milliseconds: limits.readMilliseconds }, clock);
  }

  /** @throws API_BUSY, API_DEADLINE, what `runs.open` throws, and what the work throws */
  async use<T>(id: string, work: (run: Run) => Promise<T>): Promise<T> {
    // Looked at each time: the id may have been given to another run.
    const { uuid } = this.#runs.files(id).card();
    return this.#gate.run(async () => {
      const held = this.#take(id, uuid);
      try {
        await this.#makeRoom();
        return await work(await held.opening);
      } catch (error) {
        // Whatever it was, the next one looks at the files anew.
        await this.#drop(id, held);
        throw error;
      } finally {
        held.users--;
        if (held.isDropped && held.users === 0) await closed(held);
      }
    });
  }

  async close(): Promise<void> {
    for (const [id, held] of this.#held) await this.#drop(id, held);
  }

  #take(id: string, uuid: string): Held {
    const known = this.#held.get(id);
    const isSame = known?.uuid === uuid;
    const held = isSame
      ? known
      : { uuid, opening: this.#runs.open(id), users: 0, isDropped: false };
    if (known !== undefined && !isSame) known.isDropped = true;
    held.users++;
    this.#held.delete(id);
    this.#held.set(id, held);
    return held;
  }

  async #makeRoom(): Promise<void> {
    for (const [id, held] of this.#held) {
      if (this.#held.size <= limits.serverOpenRuns) return;
      await this.#drop(id, held);
    }
  }

  /** Closed by whoever uses it last. */
  async #drop(id: string, held: Held): Promise<void> {
    if (this.#held.get(id) === held) this.#held.delete(id);
    held.isDropped = true;
    if (held.users === 0) await closed(held);
  }
}

/** A run that could not be opened has nothing to close, and was reported to whoever asked for it. */
async function closed({ opening }: Held): Promise<void> {
  const run = await opening.catch(() => undefined);
  await run?.close();
}
