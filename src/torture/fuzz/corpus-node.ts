import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Input } from "./reader.ts";
import type { TickShown } from "./recordings.ts";

/** An input that a reader once failed on, as it is kept in a file. */
export interface Crasher {
  readonly reader: string;
  /** What went wrong with it. */
  readonly what: string;
  /** By name, in base64. */
  readonly files: { readonly [name: string]: string };
  /** What was recorded, where no checksum was made right. */
  readonly ticks?: readonly (readonly [tick: number, shown: TickShown])[];
}

export function crasherOf(reader: string, what: string, { files, original }: Input): Crasher {
  const all = [...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]);
  const kept = { reader, what, files: Object.fromEntries(all) as Crasher["files"] };
  return original === undefined ? kept : { ...kept, ticks: [...original.ticks] };
}

export function inputOfCrasher({ files, ticks }: Crasher): Input {
  const all = Object.entries(files).map(
    ([name, text]) => [name, new Uint8Array(Buffer.from(text, "base64"))] as const,
  );
  const input = { files: new Map(all) };
  return ticks === undefined
    ? input
    : { ...input, original: { files: new Map(), ticks: new Map(ticks) } };
}

/** Where the corpus lies in a working copy; a package has none. */
export const corpusFolder = join(import.meta.dirname, "../../../test/torture/crashers");

/** By the name of the file. */
export function readCorpus(folder = corpusFolder): ReadonlyMap<string, Crasher> {
  const names = filesIn(folder).filter((name) => name.endsWith(".json"));
  return new Map(
    names.map((name) => [name, JSON.parse(readFileSync(join(folder, name), "utf8")) as Crasher]),
  );
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
