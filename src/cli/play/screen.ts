import { keysIn, type Key } from "./keys.ts";
import type { Room } from "./cells.ts";

const enter = "\u001B[?1049h\u001B[?25l";
const leave = "\u001B[?25h\u001B[?1049l";
const home = "\u001B[H";
const toLineEnd = "\u001B[K";
const below = "\u001B[J";

/** The whole terminal: what was on it comes back in the end, however that comes. */
export class Screen implements Disposable {
  readonly #onKeys: (chunk: Buffer) => void;

  constructor(onKey: (key: Key) => void) {
    this.#onKeys = (chunk) => {
      for (const key of keysIn(chunk.toString("utf8"))) onKey(key);
    };
    process.stdin.setRawMode(true);
    process.stdin.resume();
    process.stdin.on("data", this.#onKeys);
    process.stdout.write(enter);
  }

  /** Room for a picture, below it two lines of facts. */
  get room(): Room {
    const { columns, rows } = process.stdout;
    return { columns, rows: Math.max(1, rows - 3) };
  }

  /** Shows lines from the top; each is written over what was there, so that nothing flickers. */
  show(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}${toLineEnd}`).join("\r\n");
    process.stdout.write(`${home}${text}${below}`);
  }

  [Symbol.dispose](): void {
    process.stdin.off("data", this.#onKeys);
    process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stdout.write(leave);
  }
}
