import { type Command, InvalidArgumentError, Option } from "commander";
import { nodePorts } from "../../runs/ports-node.ts";
import {
  catalogue,
  type Row,
  type RowReport,
  type Tier,
  tiers,
  torture,
  type TortureOptions as How,
  withReaders,
} from "../../torture/index.ts";
import { exitCodes } from "../exit.ts";
import { inputReaders } from "../fuzz/readers.ts";
import { jsonOption, seedOption } from "../options.ts";
import { visibleLines, type Output } from "../output.ts";
import { invocation, type Shell } from "../shell.ts";
import { keepRow, machine, readReport, reportOf } from "../torture-report.ts";
import { usageError } from "../usage.ts";

interface TortureOptions {
  readonly row?: readonly string[];
  readonly seed?: number;
  readonly minutes?: number;
  readonly tier: Tier;
  readonly report?: string;
}

const marks = { held: "✓", violated: "✗", "not run": "-", "not built": "-" } as const;

export function tortureCommand(program: Command, shell: Shell): void {
  program
    .command("torture")
    .summary("put the engine through the catalogue of faults")
    .description(
      "Loses power, breaks disks, flips bits and kills processes, and checks that what was acknowledged is there.\n\n" +
        "Exits with 1 if a promise was not kept, and prints the command that shows it again.",
    )
    .addOption(
      new Option("--row <ids>", "only these rows, such as A3,A4 or B").argParser((text) =>
        text.split(","),
      ),
    )
    .addOption(seedOption())
    .addOption(
      new Option("--minutes <n>", "go on for so long instead of what the tier says").argParser(
        parseMinutes,
      ),
    )
    .addOption(new Option("--tier <tier>", "how much is tried").choices(tiers).default("pr"))
    .addOption(
      new Option("--report <file>", "go on from this report, and keep what is tried in it"),
    )
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Examples:
  $ ${invocation} torture
  $ ${invocation} torture --row A4 --seed 42 --minutes 10
  $ ${invocation} torture --tier release --report report.json --minutes 60`,
    )
    .action(async (options: TortureOptions) => run(shell, options));
}

function parseMinutes(text: string): number {
  const minutes = Number(text);
  if (Number.isFinite(minutes) && minutes > 0) return minutes;
  throw new InvalidArgumentError("Expected a number above 0.");
}

async function run(shell: Shell, options: TortureOptions): Promise<void> {
  const { output, signal } = shell;
  const rows: RowReport[] = [];
  const chosen = withReaders(chosenRows(options.row), await inputReaders());
  const { seed, ...how } = howToRun(options, signal);
  for await (const row of torture(chosen, { seed, ...how }, await nodePorts({}))) {
    rows.push(row);
    printRow(output, row, options.tier);
  }
  const report = reportOf(options.tier, seed, rows);
  if (output.forMachine) output.document(report);
  if (!report.ok) shell.exitCode = exitCodes.error;
  if (signal.aborted) shell.exitCode = exitCodes.interrupted;
}

function howToRun(options: TortureOptions, signal: AbortSignal): How {
  const { tier, minutes, report: path } = options;
  const milliseconds = minutes === undefined ? undefined : minutes * 60_000;
  const how = { tier, milliseconds, signal, machine: machine() };
  if (path === undefined) return { ...how, seed: options.seed ?? 1 };
  const before = readReport(path);
  const seed = before?.seed ?? options.seed ?? 1;
  // A report counts each seed once, and what is exhaustive in one tier is a sample in another.
  const isOther = (before?.tier ?? tier) !== tier || (options.seed ?? seed) !== seed;
  if (isOther) {
    const expected = `the tier ${before?.tier} and the seed ${seed} of ${path}`;
    throw usageError({ where: "--report", expected, found: `${tier} and ${options.seed ?? seed}` });
  }
  const earlier = new Map(before?.rows.map((row) => [row.id, row]));
  const keep = (row: RowReport): void => keepRow(path, reportOf(tier, seed, []), row);
  return { ...how, seed, earlier, keep };
}

function chosenRows(ids: readonly string[] | undefined): readonly Row[] {
  if (ids === undefined) return catalogue;
  const isChosen = (id: string, wanted: string): boolean =>
    id === wanted || (wanted.length === 1 && id.startsWith(wanted));
  for (const wanted of ids) {
    if (catalogue.some(({ id }) => isChosen(id, wanted))) continue;
    const expected = catalogue.map(({ id }) => id).join(", ");
    throw usageError({ where: "--row", expected, found: wanted });
  }
  return catalogue.filter(({ id }) => ids.some((wanted) => isChosen(id, wanted)));
}

function printRow(output: Output, row: RowReport, tier: Tier): void {
  const { id, title, outcome, figure, seconds, violations } = row;
  const colour = outcome === "held" ? "green" : outcome === "violated" ? "red" : "dim";
  const mark = output.paint(colour, marks[outcome]);
  const isRun = outcome === "held" || outcome === "violated";
  const result = isRun ? `${figure} in ${seconds.toFixed(1)} s` : `${outcome}: ${figure}`;
  output.line(`${mark} ${id.padEnd(3)} ${title}: ${result}`);
  for (const { seed, where, what } of violations.slice(0, 5)) {
    output.line(`      ${where}`);
    output.line(`      ${visibleLines(what).replaceAll("\n", "\n      ")}`);
    output.line(`      ${invocation} torture --row ${id} --seed ${seed} --tier ${tier}`);
  }
  if (violations.length > 5) output.line(`      and ${violations.length - 5} more`);
}
