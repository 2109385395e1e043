import { stripVTControlCharacters, styleText } from "node:util";
import type { Output } from "./output.ts";
import { bytes, count, duration, threeDigits } from "./quantities.ts";
import { milliseconds } from "./stopwatch.ts";

const refreshMilliseconds = 250;

/** One line on stderr that is rewritten a few times per second; nothing at all unless stderr is a terminal. */
export class ProgressLine implements Disposable {
  readonly #shown: boolean;
  /** Not at once: the speed of the first milliseconds says nothing. */
  #nextAt = milliseconds() + refreshMilliseconds;

  constructor(output: Output) {
    this.#shown = process.stderr.isTTY && !output.forMachine;
  }

  /** Builds the text only when it is time to show it. */
  update(text: () => string): void {
    if (!this.#shown || milliseconds() < this.#nextAt) return;
    this.#nextAt = milliseconds() + refreshMilliseconds;
    const width = (process.stderr.columns || 80) - 1;
    const line = stripVTControlCharacters(text()).slice(0, width);
    process.stderr.write(`\r${styleText("dim", line, { stream: process.stderr })}\x1b[K`);
  }

  clear(): void {
    if (this.#shown) process.stderr.write("\r\x1b[K");
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}

export interface StepProgress {
  readonly from: number;
  readonly tick: number;
  readonly until: number;
  readonly durableTick: number;
  readonly bytesWritten: number;
  readonly elapsed: number;
}

export function stepProgressText(progress: StepProgress): string {
  const { from, tick, until, durableTick, bytesWritten, elapsed } = progress;
  const done = tick - from;
  const perSecond = (done / Math.max(elapsed, 1)) * 1000;
  const left = perSecond > 0 ? duration(1000 * Math.ceil((until - tick) / perSecond)) : "unknown";
  return [
    `  ${count(tick)} of ${count(until)} ticks`,
    `${threeDigits(perSecond)}/s`,
    `ETA ${left}`,
    `${bytes(bytesWritten)}, ${bytes(bytesWritten / Math.max(done, 1))}/tick`,
    `queue ${count(tick - durableTick)}`,
  ].join(" · ");
}
