import { Console } from "node:console";
import { styleText } from "node:util";
import { padToWidth, textWidth } from "./text-width.ts";

export type Style = Parameters<typeof styleText>[0];

const labelWidth = 10;

/**
 * Where a command writes. Text for people goes to stdout unless a machine reads it (`--json`, `--acks`): then
 * stdout carries documents only, and even a world's own `console.log` is moved to stderr.
 */
export class Output {
  readonly forMachine: boolean;
  /** Aborted when nobody reads stdout any more, as in `everytick verify x | head -1`. */
  readonly unread: AbortSignal;
  readonly #indent: number;
  #hasDocument = false;

  constructor({ json, lines }: { readonly json: boolean; readonly lines: boolean }) {
    this.forMachine = json || lines;
    this.#indent = lines ? 0 : 2;
    const unread = new AbortController();
    this.unread = unread.signal;
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      unread.abort();
    });
    if (this.forMachine) globalThis.console = new Console(process.stderr, process.stderr);
  }

  get hasDocument(): boolean {
    return this.#hasDocument;
  }

  line(text = ""): void {
    if (!this.forMachine) this.#write(`${text}\n`);
  }

  fact(label: string, text: string): void {
    this.line(`  ${this.paint("dim", label.padEnd(labelWidth))}${text}`);
  }

  check(text: string): void {
    this.line(`${this.paint("green", "✓")} ${text}`);
  }

  cross(text: string): void {
    this.line(`${this.paint("red", "✗")} ${text}`);
  }

  /** The one machine-readable document of a command, or the last of a stream of lines. */
  document(value: unknown): void {
    this.#hasDocument = true;
    this.#write(`${JSON.stringify(value, undefined, this.#indent)}\n`);
  }

  /** A machine-readable line before the document. */
  documentLine(value: unknown): void {
    this.#write(`${JSON.stringify(value)}\n`);
  }

  /** Text for people beside the result: warnings and errors. */
  aside(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  /** `styleText` respects NO_COLOR, FORCE_COLOR and whether stdout is a terminal. */
  paint(style: Style, text: string): string {
    return styleText(style, text, { stream: process.stdout });
  }

  /** Whether the terminal shows colours, and is wanted to. */
  get hasColours(): boolean {
    return this.paint("red", "x") !== "x";
  }

  /** Resolves when everything written has left the process. */
  async flushed(): Promise<void> {
    if (this.unread.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    process.stdout.write("", () => resolve());
    await promise;
  }

  #write(text: string): void {
    if (!this.unread.aborted) process.stdout.write(text);
  }
}

/** Rows under headings. Columns whose heading starts with a space are aligned to the right. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const names = headings.map((heading) => heading.trimStart());
  const widths = names.map((name, column) =>
    Math.max(textWidth(name), ...rows.map((row) => textWidth(row[column] ?? ""))),
  );
  return [names, ...rows].map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return padToWidth(cell, width, headings[column]?.startsWith(" ") ? "right" : "left");
      })
      .join("   ")
      .trimEnd(),
  );
}

/** Text from a recording as a terminal may show it: control characters could otherwise move the cursor or worse. */
export function visible(text: string): string {
  return text.replaceAll(/\p{Cc}|\p{Cf}/gu, escaped);
}

/** The same for text of several lines. */
export function visibleLines(text: string): string {
  return text.split("\n").map(visible).join("\n");
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
