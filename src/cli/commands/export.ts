import { extname } from "node:path";
import { type Command, Option } from "commander";
import { EverytickError } from "../../errors.ts";
import { openRuns, type Run, type Runs } from "../../runs/index.ts";
import type { AnyWorld, PlayOptions, RunCard, StoreSchema } from "../../types.ts";
import { exitCodes } from "../exit.ts";
import { FileTarget, StandardOutput } from "../export/export-target.ts";
import { type ExportFacts, ExportWriter } from "../export/export-writer.ts";
import type { ExportFormat } from "../export/row-format.ts";
import { schemaLine } from "../export/schema-line.ts";
import { type StoreLines, storeLines } from "../export/store-lines.ts";
import { nearest } from "../nearest.ts";
import { folderOption, jsonOption } from "../options.ts";
import { visible } from "../output.ts";
import { ProgressLine } from "../progress.ts";
import { bytes, count, counted, duration } from "../quantities.ts";
import { invocation, type Shell, shownPath, suggestion } from "../shell.ts";
import { milliseconds } from "../stopwatch.ts";
import { parseCount, parsePositiveCount, usageError } from "../usage.ts";
import { builtInNames, loadWorld, worldLabel } from "../world-module.ts";

/** What `export --json` prints. */
export interface ExportJson extends ExportFacts {
  readonly id: string;
  readonly store: string;
  readonly format: ExportFormat;
  readonly out: string;
  /** Rows, or cells of a grid. */
  readonly rows: number;
  readonly seconds: number;
}

interface ExportOptions {
  readonly store?: string;
  readonly from?: number;
  readonly to?: number;
  readonly every: number;
  readonly format?: ExportFormat;
  readonly out?: string;
  readonly force?: true;
  readonly changes?: true;
  readonly withSchema?: true;
  readonly world?: string;
  readonly dir: string;
  readonly json?: true;
}

export function exportCommand(program: Command, shell: Shell): void {
  program
    .command("export")
    .summary("write a store over any ticks as JSONL or CSV")
    .description("Writes what a store held at each tick, as lines of JSON or as a table (CSV).")
    .argument("<run>", "id of the run")
    .option("--store <name>", "the store; needed if there are several")
    .addOption(
      new Option("--from <tick>", "first tick (default: the first recorded)").argParser(parseCount),
    )
    .addOption(
      new Option("--to <tick>", "last tick (default: the last recorded)").argParser(parseCount),
    )
    .addOption(
      new Option("--every <n>", "each n-th recorded tick, from the first on")
        .argParser(parsePositiveCount)
        .default(1),
    )
    .addOption(
      new Option("--format <format>", "default: what --out ends with, else jsonl").choices([
        "jsonl",
        "csv",
      ]),
    )
    .option("--out <file>", "a file instead of standard output, which is -")
    .option("--force", "replace the file if it is there")
    .option("--changes", "the first tick whole, then only what changed")
    .option("--with-schema", "a first line with all types, for record --stdin (jsonl)")
    .option("--world <module>", "the world, which computes a derived store")
    .addOption(folderOption())
    .addOption(jsonOption())
    .addHelpText("after", helpText)
    .action(async (id: string, options: ExportOptions) => exportStore(shell, id, options));
}

const helpText = `
JSONL, a line for each row; a tick without rows is {"tick": 5}:
  {"tick":5,"store":"sheep","id":7,"x":1.5}                    tables, edges, logs, values
  {"tick":5,"store":"sheep","id":7,"deleted":true}             a row that is gone, with --changes
  {"tick":5,"store":"soil","values":[0,1,…]}                   a grid: all its cells, row-major
  {"tick":5,"store":"soil","index":[9],"values":[1]}           its changed cells, with --changes
  64-bit numbers from 2^53 on are strings, so are "NaN", "Infinity" and "-Infinity"; bytes are base64, vectors lists.
  With --with-schema it is what record --stdin reads: the same states come out. A NaN is a NaN, whatever its payload.

CSV (RFC 4180), the tick in front; vectors and JSON stand in one cell:
  tick,id,x                                                    tables, edges, logs, values
  tick,id,x,deleted                                            tables and edges, with --changes
  tick,index,value                                             a grid: its cells that are not 0, or that changed
  A text that begins with = + - @, a tab or a carriage return gets a ' in front, so that no spreadsheet runs it.

A column called tick, store or deleted is written as $tick, $store, $deleted. A file gets its name when it is whole.

Examples:
  $ ${invocation} export meadow --store sheep --out sheep.csv
  $ ${invocation} export meadow --store sheep --from 1000 --to 2000 --every 10 --out sheep.jsonl
  $ ${invocation} export meadow --store sheep --changes --with-schema --out sheep.jsonl`;

async function exportStore(shell: Shell, id: string, options: ExportOptions): Promise<void> {
  const format = formatOf(options);
  checkOptions(options, format);
  await using runs = await openRuns(options.dir);
  await using run = await openFor(runs, id, options);
  const store = chosenStore(run.card, options.store);
  const lines = storeLines(store, format, options.changes === true);
  const startedAt = milliseconds();
  const { force } = options;
  const out = options.out === "-" ? undefined : options.out;
  await using target =
    out === undefined
      ? new StandardOutput(shell.output)
      : await FileTarget.open(out, force === true);
  const head = options.withSchema === true ? schemaLine(store, options.changes === true) : "";
  const writer = new ExportWriter(target, head + lines.head);
  await writeTicks(shell, run, store.name, lines, writer, options);
  if (shell.signal.aborted) {
    // Who reads no further has what he wants.
    if (shell.output.unread.aborted) return;
    shell.exitCode = exitCodes.interrupted;
    shell.output.aside(out === undefined ? "stopped" : `stopped; ${visible(out)} is not written`);
    return;
  }
  await writer.end();
  if (out === undefined) return;
  report(shell, {
    id,
    store: store.name,
    format,
    out,
    ...writer.facts,
    rows: lines.count,
    seconds: (milliseconds() - startedAt) / 1000,
  });
}

async function writeTicks(
  { output, signal }: Shell,
  run: Run,
  name: string,
  lines: StoreLines,
  writer: ExportWriter,
  { from, to, every }: ExportOptions,
): Promise<void> {
  using progress = new ProgressLine(output);
  const range: PlayOptions = {
    reuse: true,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
  let position = 0;
  for await (const { tick, state } of run.play(range)) {
    if (signal.aborted) return;
    if (position++ % every !== 0) continue;
    const store = (state as { readonly [store: string]: unknown })[name];
    for (const text of lines.tick(tick, store)) {
      if (writer.add(text)) continue;
      await writer.flush();
      if (signal.aborted) return;
    }
    writer.endTick(tick);
    progress.update(() => `  tick ${count(tick)} · ${bytes(writer.facts.bytes)}`);
  }
}

function report({ output }: Shell, document: ExportJson): void {
  if (output.forMachine) return output.document(document);
  const { store, out, rows, ticks, seconds } = document;
  const size = `${bytes(document.bytes)} in ${duration(seconds * 1000)}`;
  const range = `${counted(ticks, "tick")}, ${count(document.fromTick ?? 0)} to ${count(document.tick ?? 0)}`;
  output.check(
    `${counted(rows, "row")} of ${visible(store)} written to ${visible(shownPath(out))}`,
  );
  output.fact("ticks", range);
  output.fact("size", size);
}

function formatOf({ format, out }: ExportOptions): ExportFormat {
  if (format !== undefined) return format;
  return out !== undefined && extname(out).toLowerCase() === ".csv" ? "csv" : "jsonl";
}

function checkOptions(options: ExportOptions, format: ExportFormat): void {
  const { json, out, withSchema, from, to } = options;
  if (json === true && out === undefined) {
    throw usageError({
      where: "--json",
      expected: "--out, since both would go to standard output",
      found: "no --out",
    });
  }
  if (withSchema === true && format === "csv") {
    throw usageError({ where: "--with-schema", expected: "--format jsonl", found: "csv" });
  }
  if (from !== undefined && to !== undefined && from > to) {
    throw usageError({
      where: "--from and --to",
      expected: "ticks that do not fall",
      found: `${from} to ${to}`,
    });
  }
}

function chosenStore({ id, world }: RunCard, name: string | undefined): StoreSchema {
  // The last store holds the random streams.
  const stores = world.stores.slice(0, -1);
  const found =
    name === undefined && stores.length === 1
      ? stores[0]
      : stores.find((each) => each.name === name);
  if (found !== undefined) return found;
  const listed = stores.map(
    (each) => `${visible(each.name)} (${each.role === "derived" ? "derived " : ""}${each.kind})`,
  );
  if (name === undefined) {
    throw usageError({
      where: `run ${id}`,
      expected: `--store, one of ${listed.join(", ")}`,
      found: "no --store",
    });
  }
  const meant = nearest(
    name,
    stores.map((each) => each.name),
  );
  throw new EverytickError("RUNS_STORE", {
    where: `run ${id}`,
    expected: `one of ${listed.join(", ")}`,
    found: name,
    next: meant === undefined ? undefined : `did you mean --store ${meant}?`,
  });
}

/** Only a derived store needs the world, whose code then runs. */
async function openFor(runs: Runs, id: string, options: ExportOptions): Promise<Run> {
  const run = await runs.open(id);
  const store = chosenStore(run.card, options.store);
  if (store.role !== "derived") return run;
  await run.close();
  return runs.open(id, { world: await worldOf(run.card, store, options) });
}

async function worldOf(
  card: RunCard,
  store: StoreSchema,
  options: ExportOptions,
): Promise<AnyWorld> {
  const origin = options.world ?? card.labels[worldLabel];
  // A module at a path is somebody's code: it runs only if it is named here.
  if (origin !== undefined && (options.world !== undefined || builtInNames.includes(origin))) {
    return (await loadWorld(origin)).world;
  }
  const where = `run ${card.id}, store ${store.name}`;
  const words = [
    "export",
    card.id,
    "--store",
    store.name,
    "--world",
    origin ?? "./path/to/its/module.ts",
  ];
  throw new EverytickError("WORLD_DERIVED", { where, next: suggestion(options.dir, ...words) });
}
