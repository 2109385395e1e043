/** A process in which one check of the engine is left out. It puts a row to the test and says what turned red. */
import { registerHooks } from "node:module";
import { extname } from "node:path";
import { writeSync } from "node:fs";
import type { Mutation } from "./mutations.ts";

const [given = "", firstSeed = "1"] = process.argv.slice(2);
const { file, check, without, row: id } = JSON.parse(given) as Mutation;
const urlOf = (path: string): string =>
  new URL(`../${path}${extname(import.meta.url)}`, import.meta.url).href;
/** Text that is replaced while its module is loaded, by the module's address. The first violation is enough. */
const replaced: ReadonlyMap<string, readonly [text: string, by: string]> = new Map([
  [urlOf("torture/row"), ["keptViolations = 20", "keptViolations = 1"]],
  [urlOf(file), [check, without]],
]);
/** A row that draws by chance, or takes every fifth, may need a few rounds. */
const rounds = 5;
const roundSeeds = 1001;

function say(said: object): void {
  writeSync(1, JSON.stringify(said));
}

let isLoaded = false;
registerHooks({
  load(loaded, context, nextLoad) {
    const module = nextLoad(loaded, context);
    const replacement = replaced.get(loaded);
    if (replacement === undefined) return module;
    const [text, by] = replacement;
    isLoaded ||= text === check;
    const { source = "" } = module;
    const pieces = (
      typeof source === "string" ? source : Buffer.from(source as Uint8Array).toString()
    ).split(text);
    if (pieces.length !== 2) {
      say({ problem: `"${text}" stands ${pieces.length - 1} times in ${loaded}` });
      process.exit();
    }
    return { ...module, source: pieces.join(by) };
  },
});

// Nothing of the engine is loaded before the hook is there.
const { catalogue } = await import("./catalogue.ts");
const { nodePorts } = await import("../runs/ports-node.ts");
const { seedsFrom } = await import("./row.ts");

const row = catalogue.find((each) => each.id === id);
const missing = isLoaded ? row?.missing?.() : `${file} is not loaded`;
if (row?.run === undefined || missing !== undefined) {
  say({ problem: missing ?? `the row ${id} is not built` });
  process.exit();
}
const ports = await nodePorts({});
let violation: string | undefined;
for (let round = 0; round < rounds && violation === undefined; round++) {
  const seed = Number(firstSeed) + roundSeeds * round;
  const seeds = seedsFrom(seed, row.cases.pr);
  const context = { ...ports, tier: "pr", seed, seeds, isContinued: false } as const;
  violation = await row.run({ ...context, isOver: () => false }).then(
    ({ violations }) => violations[0]?.what,
    // What the row does to make its cases fails without the check, too.
    (error: unknown) => String(error),
  );
}
say(violation === undefined ? {} : { violation });
process.exit();
