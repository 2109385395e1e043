import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { textWidth } from "../../../src/cli/text-width.ts";
import { compileCache } from "../everytick-process.ts";

const main = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));
const python = "python3";
export const hasPython = spawnSync(python, ["--version"]).status === 0;

interface Size {
  readonly rows: number;
  readonly columns: number;
}

/** What a person sees: the few sequences that are used, applied to lines of text. Anything else is an error. */
class Display {
  /** Of the main screen, and of the one that programs take for themselves. */
  lines: string[] = [];
  isAlternate = false;
  isCursorShown = true;
  size: Size;
  #row = 0;
  #column = 0;
  #rest = "";

  constructor(size: Size) {
    this.size = size;
  }

  write(text: string): void {
    this.#rest += text;
    for (;;) {
      // eslint-disable-next-line no-control-regex -- it reads what terminals read
      const found = /^(?:\u001B\[(\??)([\d;]*)([A-Za-z])|[\r\n]|[^\u001B\r\n]+)/.exec(this.#rest);
      if (found === null) return;
      const [whole, isPrivate, parameters = "", letter] = found;
      this.#rest = this.#rest.slice(whole.length);
      if (letter === undefined) this.#text(whole);
      else if (isPrivate === "?") this.#mode(parameters, letter === "h");
      else this.#sequence(letter);
    }
  }

  #text(text: string): void {
    if (text === "\n") this.#row += 1;
    else if (text === "\r") this.#column = 0;
    else {
      const line = (this.lines[this.#row] ?? "").padEnd(this.#column);
      const end = this.#column + text.length;
      this.lines[this.#row] = line.slice(0, this.#column) + text + line.slice(end);
      this.#column = end;
    }
    if (!this.isAlternate || text === "\n") return;
    assert(this.#row < this.size.rows, "no line is below the screen");
    assert(textWidth(this.lines[this.#row] ?? "") <= this.size.columns, `too wide: ${text}`);
  }

  #mode(mode: string, isOn: boolean): void {
    if (mode === "25") this.isCursorShown = isOn;
    if (mode !== "1049") return;
    this.isAlternate = isOn;
    this.lines = [];
    [this.#row, this.#column] = [0, 0];
  }

  #sequence(letter: string): void {
    if (letter === "K") {
      this.lines[this.#row] = (this.lines[this.#row] ?? "").slice(0, this.#column);
    }
    if (letter === "J") this.lines.length = Math.min(this.lines.length, this.#row + 1);
    if (letter !== "H") return;
    // Each frame writes all lines anew.
    this.lines = [];
    [this.#row, this.#column] = [0, 0];
  }
}

interface Ended {
  readonly code: number;
  /** Whether the terminal reads lines again, and shows what is typed. */
  readonly isCooked: boolean;
}

const patience = 20_000;

/** `everytick play` on a terminal, with somebody before it. */
export class Terminal {
  readonly display: Display;
  readonly ended: Promise<Ended>;
  /** Everything that was written. */
  written = "";
  readonly #child: ChildProcess;
  #onWrite = (): void => {};

  constructor(t: TestContext, cwd: string, args: readonly string[], size: Size, program = main) {
    this.display = new Display(size);
    const script = join(import.meta.dirname, "pseudo-terminal.py");
    const command = [process.execPath, "--conditions=source", program, ...args];
    const environment = { ...process.env, ...compileCache, NO_COLOR: "1", TERM: "xterm" };
    this.#child = spawn(python, [script, String(size.rows), String(size.columns), ...command], {
      cwd,
      env: environment,
      stdio: ["pipe", "pipe", "pipe"],
    });
    t.after(() => this.#child.kill());
    const { promise, resolve, reject } = Promise.withResolvers<Ended>();
    let said = "";
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.written += text;
      this.display.write(text);
      this.#onWrite();
    });
    this.#child.on("error", reject);
    this.#child.on("close", () => {
      if (said === "") reject(new Error("the terminal did not say how it ended"));
      else resolve(JSON.parse(said) as Ended);
    });
    this.ended = promise;
    // A test that fails earlier does not wait for the end.
    this.ended.catch(() => {});
  }

  get text(): string {
    return this.display.lines.join("\n");
  }

  press(keys: string): void {
    this.#order(`keys ${Buffer.from(keys).toString("hex")}`);
  }

  resize(size: Size): void {
    // A frame of the size before may be on its way.
    const { rows, columns } = this.display.size;
    this.display.size = {
      rows: Math.max(rows, size.rows),
      columns: Math.max(columns, size.columns),
    };
    this.#order(`size ${size.rows} ${size.columns}`);
  }

  signal(number: number): void {
    this.#order(`signal ${number}`);
  }

  /** Resolves when the screen shows it. */
  async sees(wanted: RegExp): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error(`no ${wanted} in\n${this.text}`)), patience);
    this.#onWrite = () => {
      if (wanted.test(this.text)) resolve();
    };
    this.#onWrite();
    await promise.finally(() => clearTimeout(timer));
  }

  #order(order: string): void {
    this.#child.stdin?.write(`${order}\n`);
  }
}
