import { cutToWidth } from "../text-width.ts";
import { keysIn, type Key } from "./keys.ts";
import type { Room } from "./picture.ts";

/** A screen of its own, no cursor, and lines that are too long end where the screen does. */
const enter = "\u001B[?1049h\u001B[?25l\u001B[?7l";
const leave = "\u001B[0m\u001B[?7h\u001B[?25h\u001B[?1049l";
const home = "\u001B[H";
const toLineEnd = "\u001B[K";
const below = "\u001B[J";
/** Of a terminal that does not know its size. */
const usualRoom = { columns: 80, rows: 24 };

/** The whole terminal: what was on it comes back in the end, however that comes. */
export class Screen implements Disposable {
  readonly #onKey: (key: Key) => void;
  /** Ends what waits for a change. */
  #wake = (): void => {};
  #hasChanged = false;
  #isEntered = false;
  #generation = 0;

  constructor(onKey: (key: Key) => void) {
    this.#onKey = onKey;
    process.stdin.on("data", this.#onData);
    process.stdin.on("end", this.#onEnd);
    process.stdout.on("resize", this.#onResize);
    // An error that nobody catches, or a second signal, ends the process without disposing of anything.
    process.on("exit", this.#leave);
    this.#enter();
  }

  /** Room for a picture; below it stand an empty line and two of text. */
  get room(): Room {
    const { columns, rows } = this.#size;
    return { columns, rows: Math.max(1, rows - 3) };
  }

  /** Another number means that everything is to be shown anew. */
  get generation(): number {
    return this.#generation;
  }

  get #size(): Room {
    const { columns, rows } = process.stdout;
    return { columns: columns || usualRoom.columns, rows: rows || usualRoom.rows };
  }

  /** Shows lines at the top and texts at the bottom; each is written over what was there, so that nothing flickers. */
  show(picture: readonly string[], texts: readonly string[]): void {
    const { columns, rows } = this.#size;
    const space = Math.max(0, rows - texts.length - picture.length);
    const bottom = texts.map((text) => cutToWidth(text, columns));
    const lines = [...picture, ...Array<string>(space).fill(""), ...bottom].slice(0, rows);
    const text = lines.map((line) => `${line}${toLineEnd}`).join("\r\n");
    process.stdout.write(`${home}${text}${below}`);
  }

  /** Resolves at the next key or change of size, at the latest after so many milliseconds. */
  async change(milliseconds: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, this.#hasChanged ? 0 : milliseconds);
    const wake = (): void => resolve();
    signal.addEventListener("abort", wake);
    await promise;
    signal.removeEventListener("abort", wake);
    clearTimeout(timer);
    this.#hasChanged = false;
  }

  [Symbol.dispose](): void {
    process.stdin.off("data", this.#onData);
    process.stdin.off("end", this.#onEnd);
    process.stdout.off("resize", this.#onResize);
    process.off("exit", this.#leave);
    process.stdin.pause();
    this.#leave();
  }

  readonly #onData = (chunk: Buffer): void => {
    for (const key of keysIn(chunk.toString("utf8"))) {
      if (key.name === "suspend") this.#suspend();
      else this.#onKey(key);
    }
    this.#changed();
  };

  /** A terminal that is gone presses no more keys. */
  readonly #onEnd = (): void => {
    this.#onKey({ name: "quit" });
    this.#changed();
  };

  readonly #onResize = (): void => {
    this.#generation += 1;
    this.#changed();
  };

  /** Ctrl-Z, which a raw terminal leaves to the program. It goes on here when the shell brings it back. */
  #suspend(): void {
    this.#leave();
    process.kill(process.pid, "SIGTSTP");
    this.#enter();
  }

  #changed(): void {
    this.#hasChanged = true;
    this.#wake();
  }

  #enter(): void {
    process.stdin.setRawMode(true);
    process.stdin.resume();
    process.stdout.write(enter);
    this.#isEntered = true;
    this.#generation += 1;
  }

  readonly #leave = (): void => {
    if (!this.#isEntered) return;
    this.#isEntered = false;
    process.stdin.setRawMode(false);
    process.stdout.write(leave);
  };
}
