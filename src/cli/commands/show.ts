import { join } from "node:path";
import type { Command } from "commander";
import { openRuns } from "../../runs/index.ts";
import type { RunCard, RunFacts, RunStatus, StoreSchema } from "../../types.ts";
import { showEncodings } from "../encodings.ts";
import { folderOption, jsonOption } from "../options.ts";
import { visible, type Output } from "../output.ts";
import { bytes, count, counted, moment } from "../quantities.ts";
import { sizes, sizeText } from "../run-report.ts";
import { invocation, type Shell, shownPath, suggestion } from "../shell.ts";
import { codeOfNone, worldLabel } from "../world-module.ts";

/** What `show --json` prints. */
export interface ShowJson {
  readonly card: RunCard;
  readonly state: RunStatus;
  readonly firstTick: number;
  readonly tick: number;
  readonly historyDigest: string;
  readonly segments: number;
  /** Bytes of history; of derived files; of one whole state; of all states, each written as it is. */
  readonly bytes: number;
  readonly cacheBytes: number;
  readonly stateBytes: number;
  readonly rawBytes: number;
  readonly bytesPerTick: number;
}

export function showCommand(program: Command, shell: Shell): void {
  program
    .command("show")
    .summary("tell everything about one run")
    .description(
      "Tells what a run is, what it holds, how large it is, and what to do with it next.",
    )
    .argument("<run>", "id of the run")
    .option("--encodings", "tell how each column is written, and what it weighs")
    .addOption(folderOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Examples:
  $ ${invocation} show meadow
  $ ${invocation} show meadow --json | jq .historyDigest`,
    )
    .action(async (id: string, options: { readonly dir: string; readonly encodings?: true }) => {
      if (options.encodings === true) await showEncodings(shell, id, options.dir);
      else await show(shell, id, options.dir);
    });
}

async function show({ output }: Shell, id: string, folder: string): Promise<void> {
  await using runs = await openRuns(folder);
  const facts = await runs.facts(id);
  if (output.forMachine) output.document(showJson(facts));
  else printFacts(output, facts, folder);
}

function showJson(facts: RunFacts): ShowJson {
  const { card, status, firstTick, tick, historyDigest, segments, cacheBytes, stateBytes } = facts;
  return {
    card,
    state: status,
    firstTick,
    tick,
    historyDigest,
    segments,
    cacheBytes,
    stateBytes,
    ...sizes(facts),
  };
}

function printFacts(output: Output, facts: RunFacts, folder: string): void {
  const { card, status, firstTick, tick } = facts;
  const { world } = card;
  output.line();
  output.fact(
    "run",
    `${output.paint("bold", card.id)} · ${status} · created ${moment(card.createdAt)}`,
  );
  output.fact("folder", visible(shownPath(join(folder, card.id))));
  output.fact("world", `${visible(world.name)}, version ${world.version}`);
  output.fact("seed", String(card.seed));
  printRecord(output, "params", card.params);
  printRecord(output, "labels", card.labels);
  if (card.parent !== null)
    output.fact("parent", `run ${card.parent.uuid} at tick ${card.parent.tick}`);
  for (const [index, store] of world.stores.entries()) {
    output.fact(index === 0 ? "stores" : "", storeText(store));
  }
  output.fact("ticks", `${count(firstTick)} to ${count(tick)}`);
  output.fact("size", sizeText(facts));
  const history = `${bytes(facts.bytes)} of history in ${counted(facts.segments, "segment")}`;
  output.fact(
    "",
    `${history}; cache ${bytes(facts.cacheBytes)}; one state ${bytes(facts.stateBytes)}`,
  );
  output.fact("digests", `history ${facts.historyDigest} at tick ${count(tick)}`);
  output.fact("", `world   ${card.worldHash}`);
  output.fact("", `code    ${card.codeDigest ?? "unknown"}`);
  output.line();
  output.fact("next", suggestion(folder, "verify", card.id));
  if (status !== "recording") output.fact("", resumeSuggestion(facts, folder));
}

function printRecord(
  output: Output,
  label: string,
  record: { readonly [name: string]: string | number | boolean },
): void {
  for (const [index, [name, value]] of Object.entries(record).entries()) {
    output.fact(index === 0 ? label : "", `${visible(name)} = ${shortened(String(value))}`);
  }
}

/** A pattern can be a parameter of many thousand characters. */
function shortened(text: string): string {
  const shown = visible(text);
  return shown.length <= 60 ? shown : `${shown.slice(0, 57)}… (${count(text.length)} characters)`;
}

function storeText(store: StoreSchema): string {
  const head = `${visible(store.name)}: ${store.kind}`;
  if (store.kind === "grid") {
    const shape = store.shape.join("×");
    return `${head} of ${store.type}, ${shape}, in chunks of ${store.chunk.join("×")}, ${store.role}`;
  }
  const columns = store.columns.map(({ name, type }) => `${visible(name)} ${type}`);
  const key = store.kind === "table" ? `, key ${store.key.map(visible).join(", ")}` : "";
  return `${head} of ${shortened(columns.join(", "))}${key}, ${store.role}`;
}

function resumeSuggestion({ card }: RunFacts, folder: string): string {
  if (card.codeDigest === codeOfNone)
    return suggestion(folder, "record", "--stdin", card.id, "--resume");
  const world = card.labels[worldLabel] === undefined ? ["--world", "./its-module.ts"] : [];
  return suggestion(folder, "resume", card.id, "--steps", "1000", ...world);
}
