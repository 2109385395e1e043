import { EverytickError } from "../errors.ts";
import { sha256 } from "../format/sha256.ts";
import type { RandomStream } from "../types.ts";
import { cos, log } from "./math.ts";

/** u32 words of a stream's state: a, b, c, counter. */
export const streamWords = ["a", "b", "c", "counter"] as const;
export const mainStream = "main";

/**
 * The seeded random streams of a run: sfc32 (Chris Doty-Humphrey, PractRand). The state words lie in one array, which
 * is recorded as the store `$random`; `docs/format.md`, section 11.
 */
export class RandomStreams {
  readonly names: readonly string[];
  /** Four words for each stream, in the order of `names`. */
  readonly words: Uint32Array;
  readonly main: RandomStream;
  readonly #streams: ReadonlyMap<string, Sfc32>;

  constructor(names: readonly string[]) {
    this.names = names;
    this.words = new Uint32Array(streamWords.length * names.length);
    const find = (name: string): RandomStream => this.#find(name);
    this.#streams = new Map(
      names.map((name, i) => [name, new Sfc32(this.words.subarray(4 * i, 4 * i + 4), find)]),
    );
    this.main = find(mainStream);
  }

  /** Starts every stream from the seed and its own name. */
  seed(seed: number): void {
    this.names.forEach((name, i) => {
      const digest = sha256(`everytick random\n${seed}\n${name}`);
      const view = new DataView(digest.buffer, digest.byteOffset);
      const words = [0, 4, 8].map((offset) => view.getUint32(offset, true));
      this.words.set([...words, 1], 4 * i);
      for (let draw = 0; draw < 12; draw++) this.#find(name).uint32();
    });
  }

  #find(name: string): RandomStream {
    const stream = this.#streams.get(name);
    if (stream !== undefined) return stream;
    throw new EverytickError("WORLD_STREAM", {
      expected: this.names.join(", "),
      found: name,
      next: "Declare it in `streams` of the world or of `record`.",
    });
  }
}

class Sfc32 implements RandomStream {
  readonly #words: Uint32Array;
  readonly #find: (name: string) => RandomStream;

  constructor(words: Uint32Array, find: (name: string) => RandomStream) {
    this.#words = words;
    this.#find = find;
  }

  uint32(): number {
    const words = this.#words;
    const a = words[0] as number;
    const b = words[1] as number;
    const c = words[2] as number;
    const counter = words[3] as number;
    const result = (a + b + counter) >>> 0;
    words[0] = b ^ (b >>> 9);
    words[1] = c + (c << 3);
    words[2] = ((c << 21) | (c >>> 11)) + result;
    words[3] = counter + 1;
    return result;
  }

  float(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  int(end: number): number {
    if (!Number.isInteger(end) || end < 1 || end > 2 ** 32) {
      const expected = "a whole number from 1 to 2^32";
      throw new EverytickError("WORLD_VALUE", {
        where: "random.int(end)",
        expected,
        found: String(end),
      });
    }
    const fair = 2 ** 32 - (2 ** 32 % end);
    let draw = this.uint32();
    while (draw >= fair) draw = this.uint32();
    return draw % end;
  }

  chance(probability: number): boolean {
    return this.float() < probability;
  }

  /** Box and Muller (1958). The second value is not kept: it would be state that nothing records. */
  normal(): number {
    const radius = Math.sqrt(-2 * log(1 - this.float()));
    return radius * cos(2 * Math.PI * this.float());
  }

  shuffle<T extends { length: number; [index: number]: unknown }>(list: T): T {
    for (let last = list.length - 1; last > 0; last--) {
      const other = this.int(last + 1);
      const item = list[last];
      list[last] = list[other];
      list[other] = item;
    }
    return list;
  }

  stream(name: string): RandomStream {
    return this.#find(name);
  }
}
