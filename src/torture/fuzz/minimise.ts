import type { Codecs } from "../../types.ts";
import { joined } from "./noise.ts";
import type { Input } from "./reader.ts";
import { allFixed, parseSegment, writeSegment } from "./segment-tree.ts";

/** Leaves out of an input what its failure does not need: files, frames, and bytes of single files. */
export async function minimised(
  input: Input,
  fails: (input: Input) => Promise<boolean>,
  codecs: Codecs,
): Promise<Input> {
  let best = input;
  const attempt = async (files: ReadonlyMap<string, Uint8Array>): Promise<boolean> => {
    const other = { ...best, files };
    if (!(await fails(other))) return false;
    best = other;
    return true;
  };
  for (const name of [...best.files.keys()].reverse()) {
    const files = new Map(best.files);
    files.delete(name);
    if (files.size > 0) await attempt(files);
  }
  for (const name of best.files.keys()) {
    if (name.endsWith(".seg")) await fewerFrames(best, name, attempt, codecs);
    else if (name === "bytes") await fewerBytes(() => best, name, attempt);
  }
  return best;
}

type Attempt = (files: ReadonlyMap<string, Uint8Array>) => Promise<boolean>;

async function fewerFrames(
  { files }: Input,
  name: string,
  attempt: Attempt,
  codecs: Codecs,
): Promise<void> {
  const tree = parseSegment(files.get(name) as Uint8Array);
  if (tree === undefined) return;
  for (let place = tree.frames.length - 1; place > 0; place--) {
    const frames = tree.frames.toSpliced(place, 1);
    const fixes = { ...allFixed, lengths: false };
    const bytes = writeSegment({ ...tree, frames }, codecs, fixes);
    if (await attempt(new Map(files).set(name, bytes))) tree.frames = frames;
  }
}

async function fewerBytes(best: () => Input, name: string, attempt: Attempt): Promise<void> {
  for (let length = 256; length >= 1; length >>= 1) {
    for (let at = 0; at < (best().files.get(name)?.length ?? 0);) {
      const bytes = best().files.get(name) as Uint8Array;
      const fewer = joined(bytes.subarray(0, at), bytes.subarray(at + length));
      if (!(await attempt(new Map(best().files).set(name, fewer)))) at += length;
    }
  }
}
