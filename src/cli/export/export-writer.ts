import type { Tick } from "../../types.ts";
import type { ExportTarget } from "./export-target.ts";

/** What has been written. */
export interface ExportFacts {
  /** The first and the last tick; `null` if there is none. */
  readonly fromTick: Tick | null;
  readonly tick: Tick | null;
  readonly ticks: number;
  readonly bytes: number;
}

const pieceLength = 65_536;

/** Collects lines to pieces that are worth a write. */
export class ExportWriter {
  readonly #target: ExportTarget;
  #text = "";
  #fromTick: number | null = null;
  #tick: number | null = null;
  #ticks = 0;
  #bytes = 0;

  constructor(target: ExportTarget) {
    this.#target = target;
  }

  get facts(): ExportFacts {
    return { fromTick: this.#fromTick, tick: this.#tick, ticks: this.#ticks, bytes: this.#bytes };
  }

  /** @returns whether there is room for more. */
  add(text: string): boolean {
    this.#text += text;
    return this.#text.length < pieceLength;
  }

  endTick(tick: number): void {
    this.#fromTick ??= tick;
    this.#tick = tick;
    this.#ticks += 1;
  }

  async flush(): Promise<void> {
    const text = this.#text;
    this.#text = "";
    this.#bytes += Buffer.byteLength(text);
    await this.#target.write(text);
  }

  async end(): Promise<void> {
    await this.flush();
    await this.#target.finish();
  }
}
