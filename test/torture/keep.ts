/**
 * Keeps what a reader failed on, made small, in the corpus that tests replay:
 * `node --conditions=source test/torture/keep.ts READER SEED NAME`
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inputReaders } from "../../src/cli/fuzz/readers.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { type Crasher, corpusFolder, crasherOf } from "../../src/torture/fuzz/corpus-node.ts";
import { execute, inputOf } from "../../src/torture/fuzz/execute.ts";
import { minimised } from "../../src/torture/fuzz/minimise.ts";
import type { Bench, Input, Reader } from "../../src/torture/fuzz/reader.ts";
import { engineReaders } from "../../src/torture/fuzz/readers/index.ts";
import { Recordings } from "../../src/torture/fuzz/recordings.ts";
import { processUsage } from "../../src/torture/fuzz/usage-node.ts";

/** The smallest input that was found on which the reader fails in the same way; `undefined` if it does not fail. */
export async function crasherAt(
  reader: Reader,
  seed: number,
  bench: Bench,
): Promise<Crasher | undefined> {
  const failure = async (given: Input): Promise<string | undefined> => {
    try {
      await execute(reader, given, bench);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const input = await inputOf(reader, seed, bench);
  const first = await failure(input);
  if (first === undefined) return undefined;
  const fails = async (given: Input): Promise<boolean> => {
    const what = await failure(given);
    return what !== undefined && kindOf(what) === kindOf(first);
  };
  const kept = await minimised(input, fails, bench.codecs);
  return crasherOf(reader.name, first.split("\n")[0] as string, kept);
}

/** The failure without the numbers in it. */
function kindOf(what: string): string {
  return what.replaceAll(/\d+/g, "0").slice(0, 60);
}

if (import.meta.main) {
  const [reader, seed, name] = process.argv.slice(2);
  const readers = [...engineReaders, ...(await inputReaders())];
  const chosen = readers.find((each) => each.name === reader);
  if (chosen === undefined || name === undefined) throw new Error("READER SEED NAME");
  const codecs = await nodeCodecs();
  const recordings = new Recordings(codecs);
  const bench = { codecs, recordings, usage: processUsage };
  const crasher = await crasherAt(chosen, Number(seed), bench);
  if (crasher === undefined) throw new Error("the reader does not fail on it");
  mkdirSync(corpusFolder, { recursive: true });
  writeFileSync(join(corpusFolder, `${name}.json`), `${JSON.stringify(crasher, null, 2)}\n`);
}
