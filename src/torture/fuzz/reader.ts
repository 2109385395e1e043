import type { Chance } from "../../testing/index.ts";
import type { Codecs } from "../../types.ts";
import type { Files, Recording, Recordings } from "./recordings.ts";

/** What executions share. */
export interface Bench {
  readonly codecs: Codecs;
  readonly recordings: Recordings;
  readonly usage: () => Usage;
}
/** What the process took so far. */
export interface Usage {
  /** Of a processor: other processes make a clock on the wall go faster. */
  readonly milliseconds: number;
  /** The most that the process ever held, in bytes. */
  readonly peak: number;
  /** Memory of arrays now, in bytes. */
  readonly arrays: number;
}
/** What a reader is given: one file, or several by name. */
export interface Input {
  readonly files: Files;
  /** What it was made from, where no checksum was made right: nothing else may be served. */
  readonly original?: Recording | undefined;
  /** What a forgery was made from: where a digest is the same, so is the state. */
  readonly forgedFrom?: Recording | undefined;
}
/** Code that takes bytes of strangers, and how such bytes are made. */
export interface Reader {
  readonly name: string;
  make(seed: number, chance: Chance, bench: Bench): Promise<Input>;
  /** @throws Violation for wrong data; an error with a code is an answer */
  read(input: Input, bench: Bench): Promise<void> | void;
  /** Bytes of what an input rightly makes a reader hold; asked where an execution took much. Default: none. */
  weigh?(input: Input, bench: Bench): Promise<number>;
}

export function oneFile(bytes: Uint8Array): Input {
  return { files: new Map([["bytes", bytes]]) };
}

export function fileOf({ files }: Input, name = "bytes"): Uint8Array {
  return files.get(name) ?? new Uint8Array(0);
}
