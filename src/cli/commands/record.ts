import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { EverytickError, isEverytickError } from "../../errors.ts";
import { type LiveRun, openRuns, type Runs } from "../../runs/index.ts";
import type { Ack, AnyWorld } from "../../types.ts";
import { exitCodes } from "../exit.ts";
import { definitionOf, type InputSchema, readSchema } from "../ingest/declared-schema.ts";
import { parseDocument } from "../ingest/document.ts";
import { Ingestion } from "../ingest/ingestion.ts";
import { chunksOf } from "../ingest/input-stream.ts";
import {
  acksOption,
  durabilityOption,
  folderOption,
  jsonOption,
  labelOption,
  type RecordingOptions,
  windowOption,
} from "../options.ts";
import { visible, type Output } from "../output.ts";
import { ProgressLine } from "../progress.ts";
import { counted } from "../quantities.ts";
import { printRecorded, recordJson, recordProgressText } from "../record-report.ts";
import { printOpening } from "../run-report.ts";
import { invocation, type Shell, suggestion } from "../shell.ts";
import { milliseconds } from "../stopwatch.ts";
import { usageError } from "../usage.ts";
import { codeOfNone } from "../world-module.ts";

interface RecordOptions extends RecordingOptions {
  readonly stdin?: true;
  readonly schema?: string;
  readonly whole?: true;
  readonly resume?: true;
  readonly label: ReadonlyMap<string, string>;
}

const warningsMax = 10;

export function recordCommand(program: Command, shell: Shell): void {
  program
    .command("record")
    .summary("record a simulation in any language, from lines of JSON")
    .description(
      "Records what another program prints: one JSON object in a line, read from standard input.",
    )
    .argument("<run>", "name of the run")
    .option("--stdin", "read the lines from standard input")
    .option("--schema <file>", "the stores and the types of their columns, as JSON")
    .option("--whole", "a tick lists all rows of its tables: those that it does not list are gone")
    .option("--resume", "continue the run if it exists; ticks that it has are compared")
    .addOption(folderOption())
    .addOption(durabilityOption())
    .addOption(windowOption())
    .addOption(labelOption())
    .addOption(jsonOption())
    .addOption(acksOption())
    .addHelpText("after", helpText)
    .action(async (id: string, options: RecordOptions) => record(shell, id, options));
}

const helpText = `
Lines:
  {"tick": 5, "store": "sheep", "key": 7, "x": 1.5}           a row: made, or changed where it is given
  {"tick": 5, "store": "sheep", "key": 7, "deleted": true}    the row is gone
  {"tick": 5, "store": "deaths", "cause": "wolf"}             without a key: appended to a log
  {"tick": 5}                                                 the tick happened
  Ticks may be left out, but never fall. A line of a later tick, or the end of the input, ends a tick. A run begins
  with tick 0, which is empty if the input begins later.

Types:
  Without a schema they follow from the first tick that has rows: numbers are f64, strings utf8, all else json, keys
  u32, i64 or utf8; what comes later must fit. A schema stands in the first line, or in a file (--schema):
  {"schema": {"sheep": {"kind": "table", "key": "id", "columns": {"id": "u32", "x": "f64"}},
              "trust": {"kind": "edges", "from": "sheep", "to": "sheep", "columns": {"level": "f32"}},
              "deaths": {"kind": "log", "columns": {"cause": "utf8"}},
              "weather": {"kind": "value", "columns": {"rain": "f64"}},
              "soil": {"kind": "grid", "type": "u8", "shape": [64, 64]}}, "rows": "changed"}
  Column types: u8 i8 u16 i16 u32 i32 u64 i64 f16 f32 f64, vectors such as f32[3], utf8, json, bytes, uuid, h3.
  "rows": "whole" is --whole. A key is "key", or its columns by name; of several columns a list. A value store is
  changed by columns, a grid by {"values": […]} or {"index": […], "values": […]}.
  64-bit numbers from 2^53 on are strings, bytes base64, vectors lists; "NaN", "Infinity" and "-Infinity" are strings.
  A column that is called tick, store or deleted is written as $tick, $store, $deleted.

Cellular automata:
  {"run_id": "a", "seq": 3, "generation": 12, "cells": [{"coord": {"x": 1, "y": 2}, "old": 0, "new": 1}]}
  The generation is the tick. Cells go into a grid "cells" of the schema, x along its last axis; without one into a
  table, where 0 deletes the row, and each message into a log "messages". A jump of seq is told, and ticks that it
  leaves out are recorded as a gap; a message that comes again is left out.

A line that cannot be recorded ends the recording: everything up to the tick before it is durable, and --resume
continues with the corrected input. Ctrl-C records up to the last tick that is known to be over.

Examples:
  $ python3 walkers.py | ${invocation} record --stdin walkers
  $ python3 walkers.py | ${invocation} record --stdin walkers --resume
  $ ./simulation | ${invocation} record --stdin --schema stores.json --label model=v3 trial-1`;

async function record(shell: Shell, id: string, options: RecordOptions): Promise<void> {
  const { output, signal } = shell;
  const { dir: folder, durability } = options;
  if (options.stdin !== true) {
    throw usageError({
      expected: "--stdin, which is where lines are read from",
      found: "no --stdin",
      next: `./simulation | ${invocation} record --stdin ${id}`,
    });
  }
  if (process.stdin.isTTY) output.aside("reading lines from the terminal; Ctrl-D ends them");
  await using runs = await openRuns(folder);
  using progress = new ProgressLine(output);
  const counts = { rows: 0, messages: 0, compared: 0, gaps: 0, repeated: 0, different: 0 };
  const warnings = new Warnings(output);
  const startedAt = milliseconds();
  await using ingestion = new Ingestion({
    folder: runs.folder,
    declared: await schemaFile(options.schema),
    recorded: options.resume === true ? await recordedSchema(runs, id) : undefined,
    isWhole: options.whole === true,
    signal,
    counts,
    warn: (text) => warnings.add(text),
    open: (world) => openRun(runs, id, world, shell, options),
    onAck: ({ tick, durableTick }: Ack) => {
      if (options.acks === true) output.documentLine({ ack: { tick, durableTick } });
      progress.update(() => recordProgressText(ingestion.run, counts, milliseconds() - startedAt));
    },
  });
  try {
    await ingestion.record(chunksOf(process.stdin, signal));
  } finally {
    progress.clear();
    warnings.end();
    // Closed also after a bad line: what came before it is a run in good order.
    await ingestion.run?.close();
  }
  const elapsed = milliseconds() - startedAt;
  if (signal.aborted) shell.exitCode = exitCodes.interrupted;
  const { run } = ingestion;
  if (run === undefined) {
    output.aside("stopped before the first tick was over; nothing is recorded");
    return;
  }
  const facts = await runs.facts(id);
  const input = { folder, durability, counts, interrupted: signal.aborted, elapsed };
  const report = recordJson(run, facts, input);
  if (output.forMachine) output.document(options.acks === true ? { report } : report);
  printRecorded(output, report, facts, folder);
}

async function openRun(
  runs: Runs,
  id: string,
  world: AnyWorld,
  { output }: Shell,
  { dir, durability, window, label, resume, acks }: RecordOptions,
): Promise<LiveRun> {
  const labels = Object.fromEntries(label);
  try {
    const run = await runs.record(id, {
      world,
      durability,
      window,
      labels,
      sparse: true,
      codeDigest: codeOfNone,
      resume: resume === true ? "auto" : "never",
    });
    printOpening(output, run, dir, `${durability}, at most ${window} ticks unacknowledged`);
    if (acks === true) {
      output.documentLine({ ack: { tick: run.tick, durableTick: run.durableTick } });
    }
    return run;
  } catch (error) {
    if (!isEverytickError(error, "RUNS_EXISTS")) throw error;
    const next = `${suggestion(dir, "record", "--stdin", id, "--resume")}, or another name`;
    throw new EverytickError(error.code, { ...error.details, next }, { cause: error });
  }
}

async function schemaFile(path: string | undefined): Promise<InputSchema | undefined> {
  if (path === undefined) return undefined;
  const where = `--schema ${path}`;
  try {
    return readSchema(parseDocument(await readFile(path, { encoding: "utf8" })));
  } catch (error) {
    if (!isEverytickError(error)) throw error;
    const { expected, found } = error.details;
    const place = error.code === "CLI_INPUT" ? where : `${where}, ${error.details.where ?? ""}`;
    throw usageError({ where: place, expected: expected ?? "a schema", found: found ?? "none" });
  }
}

/** The stores of a run that is there already. */
async function recordedSchema(runs: Runs, id: string): Promise<InputSchema | undefined> {
  try {
    await using run = await runs.open(id);
    // The last store holds the random streams.
    return { definition: definitionOf(run.card.world.stores.slice(0, -1)), isWhole: false };
  } catch (error) {
    if (isEverytickError(error, "RUNS_MISSING")) return undefined;
    throw error;
  }
}

/** Tells the first warnings, and how many there were. */
class Warnings {
  readonly #output: Output;
  #count = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  add(text: string): void {
    this.#count += 1;
    if (this.#count <= warningsMax) this.#output.aside(`warning: ${visible(text)}`);
  }

  end(): void {
    const more = this.#count - warningsMax;
    if (more > 0) this.#output.aside(`warning: and ${counted(more, "warning")} more`);
  }
}
