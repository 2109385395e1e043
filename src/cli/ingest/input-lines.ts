import { isAscii, isUtf8 } from "node:buffer";
import { limits } from "../../limits.ts";
import { refusedInput } from "./input-failure.ts";

export interface InputLine {
  /** The first line is 1. */
  readonly number: number;
  readonly text: string;
}

const lineFeed = 10;
const byteOrderMark = "\uFEFF";

/** Splits bytes into lines, wherever the chunks that they come in begin and end. */
export class InputLines {
  #number = 0;
  #text = "";
  /** The beginning of a line whose end has not come yet. */
  #begun: Buffer[] = [];
  #begunBytes = 0;

  /** The line that was given last. */
  get line(): InputLine {
    return { number: this.#number, text: this.#text };
  }

  /** The lines that end in a chunk. @throws CLI_INPUT for a line that is too long or not UTF-8 */
  *of(chunk: Buffer): Generator<string, void, undefined> {
    let begin = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, begin)) {
      const bytes = chunk.subarray(begin, end);
      begin = end + 1;
      yield this.#textOf(this.#begunBytes === 0 ? bytes : this.#joined(bytes));
    }
    this.#keep(chunk.subarray(begin));
  }

  /** The last line, if it does not end in a line feed. */
  *rest(): Generator<string, void, undefined> {
    if (this.#begunBytes > 0) yield this.#textOf(this.#joined(Buffer.alloc(0)));
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#begun.push(bytes);
    this.#begunBytes += bytes.length;
    if (this.#begunBytes > limits.lineBytes) this.#textOf(this.#joined(Buffer.alloc(0)));
  }

  #joined(end: Buffer): Buffer {
    const joined = Buffer.concat([...this.#begun, end]);
    this.#begun = [];
    this.#begunBytes = 0;
    return joined;
  }

  #textOf(bytes: Buffer): string {
    this.#number += 1;
    // Most lines are ASCII, whose text is made several times faster.
    const ascii = isAscii(bytes);
    this.#text = bytes.toString(ascii ? "latin1" : "utf8");
    if (bytes.length > limits.lineBytes) {
      const found = `more than ${limits.lineBytes} bytes without the end of a line`;
      throw refusedInput(`lines of at most ${limits.lineBytes} bytes`, found);
    }
    if (!ascii && !isUtf8(bytes)) throw refusedInput("text in UTF-8", "bytes that are not UTF-8");
    // Some editors and shells put one in front of the first line.
    if (this.#number === 1 && this.#text.startsWith(byteOrderMark))
      this.#text = this.#text.slice(1);
    return this.#text;
  }
}
