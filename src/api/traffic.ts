import { EverytickError } from "../errors.ts";

/**
 * The answers that are under way. Node closes a connection as idle as soon as its last answer is handed over, though most of it
 * may not have left yet; so whoever ends a server waits here first.
 */
export class Traffic {
  #count = 0;
  #isEnding = false;
  readonly #quiet = Promise.withResolvers<void>();

  /** @throws API_BUSY when the server is about to end */
  enter(): void {
    this.#count++;
    if (!this.#isEnding) return;
    throw new EverytickError("API_BUSY", { found: "a server that is about to end" });
  }

  leave(): void {
    this.#count--;
    if (this.#isEnding && this.#count === 0) this.#quiet.resolve();
  }

  /** Lets nothing more in. Resolves when what is under way has left. */
  async end(): Promise<void> {
    this.#isEnding = true;
    if (this.#count === 0) this.#quiet.resolve();
    await this.#quiet.promise;
  }
}
