import { type Command, Option } from "commander";
import { limits } from "../../limits.ts";
import { openRuns, type Run } from "../../runs/index.ts";
import type { PlayOptions, StoreSchema } from "../../types.ts";
import { exitCodes } from "../exit.ts";
import { chosenStore, openFor } from "../export/chosen-store.ts";
import { checkOptions, type ExportOptions, formatOf } from "../export/export-options.ts";
import { FileTarget, StandardOutput } from "../export/export-target.ts";
import { type ExportFacts, ExportWriter } from "../export/export-writer.ts";
import type { ExportFormat } from "../export/row-format.ts";
import { checkPlane, rleText } from "../export/rle.ts";
import { schemaLine } from "../export/schema-line.ts";
import { storeLines } from "../export/store-lines.ts";
import { folderOption, jsonOption } from "../options.ts";
import { visible } from "../output.ts";
import { ProgressLine } from "../progress.ts";
import { bytes, count, counted, duration } from "../quantities.ts";
import { invocation, type Shell, shownPath } from "../shell.ts";
import { milliseconds } from "../stopwatch.ts";
import { parseCount, parsePositiveCount } from "../usage.ts";

/** What `export --json` prints. */
export interface ExportJson extends ExportFacts {
  readonly id: string;
  readonly store: string;
  readonly format: ExportFormat | "rle";
  readonly out: string;
  /** Rows, or cells of a grid. */
  readonly rows: number;
  readonly seconds: number;
}

export function exportCommand(program: Command, shell: Shell): void {
  program
    .command("export")
    .summary("write a store over any ticks as JSONL or CSV, or a tick of cells as RLE")
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
      new Option(
        "--every <n>",
        "each n-th recorded tick, from the first on (default: 1)",
      ).argParser(parsePositiveCount),
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
    .option("--rle", "one tick of a grid of u8 as a pattern, as Life programs exchange them")
    .option("--tick <n>", "the tick, with --rle (default: the last recorded)", parseCount)
    .option("--slice <n>", "the plane of a 3-D grid, with --rle", parseCount)
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

RLE, a pattern file, with --rle or a file that ends with .rle: a grid of u8 with 2 axes, or a plane of one with 3.
  Of an automaton in the plane it has the rule, the size and the edge too: run automaton --pattern starts from these cells.
  x = 64, y = 48, rule = B3/S23:T64,48                         T: a torus, P: dead edges

A column called tick, store or deleted is written as $tick, $store, $deleted. A file gets its name when it is whole.

Examples:
  $ ${invocation} export meadow --store sheep --out sheep.csv
  $ ${invocation} export meadow --store sheep --from 1000 --to 2000 --every 10 --out sheep.jsonl
  $ ${invocation} export meadow --store sheep --changes --with-schema --out sheep.jsonl
  $ ${invocation} export life --rle --tick 400 --out life-400.rle`;

async function exportStore(shell: Shell, id: string, options: ExportOptions): Promise<void> {
  const format = formatOf(options);
  checkOptions(options, format);
  await using runs = await openRuns(options.dir);
  await using run = await openFor(runs, id, options);
  const store = chosenStore(run.card, options.store);
  const write =
    format === "rle"
      ? patternWriting(run, store, options)
      : ticksWriting(shell, run, store, format, options);
  const startedAt = milliseconds();
  const { force } = options;
  const out = options.out === "-" ? undefined : options.out;
  await using target =
    out === undefined
      ? new StandardOutput(shell.output)
      : await FileTarget.open(out, force === true);
  const writer = new ExportWriter(target);
  const rows = await write(writer);
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
    rows,
    seconds: (milliseconds() - startedAt) / 1000,
  });
}

/** Writes everything, and tells how many rows or cells that are. */
type Writing = (writer: ExportWriter) => Promise<number>;

function patternWriting(run: Run, store: StoreSchema, { tick, slice }: ExportOptions): Writing {
  const plane = checkPlane(store, slice);
  return async (writer) => {
    const at = tick ?? run.tick;
    writer.add(await rleText(run, at, plane));
    writer.endTick(at);
    return plane.width * plane.height;
  };
}

function ticksWriting(
  { output, signal }: Shell,
  run: Run,
  store: StoreSchema,
  format: ExportFormat,
  { from, to, every = 1, changes, withSchema }: ExportOptions,
): Writing {
  const lines = storeLines(store, format, changes === true);
  const range: PlayOptions = {
    reuse: true,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
  return async (writer) => {
    using progress = new ProgressLine(output);
    if (withSchema === true) writer.add(schemaLine(store, changes === true));
    writer.add(lines.head);
    let position = 0;
    for await (const { tick, state } of run.play(range)) {
      if (signal.aborted) break;
      if (position++ % every !== 0) continue;
      const content = (state as { readonly [store: string]: unknown })[store.name];
      for (const text of lines.tick(tick, content)) {
        if (writer.add(text)) continue;
        await writer.flush();
        if (signal.aborted) return lines.count;
      }
      writer.endTick(tick);
      progress.update(() => `  tick ${count(tick)} · ${bytes(writer.facts.bytes)}`);
    }
    return lines.count;
  };
}

function report({ output }: Shell, document: ExportJson): void {
  if (output.forMachine) return output.document(document);
  const { format, rows, ticks, seconds } = document;
  const [store, out] = [visible(document.store), visible(shownPath(document.out))];
  const [first, last] = [count(document.fromTick ?? 0), count(document.tick ?? 0)];
  const size = `${bytes(document.bytes)} in ${duration(seconds * 1000)}`;
  if (format === "rle") {
    output.check(`tick ${last} of ${store} written to ${out}`);
    output.fact("cells", count(rows));
  } else {
    output.check(`${counted(rows, "row")} of ${store} written to ${out}`);
    output.fact("ticks", `${counted(ticks, "tick")}, ${first} to ${last}`);
  }
  output.fact("size", size);
  if (format === "rle" && document.bytes > limits.cardBytes) {
    output.fact("note", `run --pattern takes at most ${bytes(limits.cardBytes)}; others read it`);
  }
}
