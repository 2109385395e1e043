/**
 * Writes the vectors anew, over those that are there. Run it only when the format changes on purpose:
 * `node --conditions=source test/vectors/generate.ts`
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { filesUnder } from "../journal/small-run.ts";
import { expectedOf } from "./expected.ts";
import { historyOf } from "./recording.ts";
import { recordings } from "./recordings.ts";

let total = 0;
for (const [name, record] of Object.entries(recordings)) {
  const history = historyOf(await record());
  const folder = join(import.meta.dirname, name);
  rmSync(folder, { recursive: true, force: true });
  for (const path of filesUnder(history, "runs/a")) {
    const target = join(folder, path.slice("runs/a/".length));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, history.read(path));
    total += history.stat(path)!.size;
  }
  const expected = await expectedOf(history, "runs", "a");
  writeFileSync(`${folder}.json`, `${JSON.stringify(expected, null, 1)}\n`);
}
writeFileSync(join(import.meta.dirname, "zstd-version.txt"), `${process.versions["zstd"]}\n`);
console.log(`${Object.keys(recordings).length} vectors, ${total} bytes`);
