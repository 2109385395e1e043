import { type Command, InvalidArgumentError, Option } from "commander";
import { nodePorts } from "../../runs/ports-node.ts";
import {
  catalogue,
  type Row,
  type RowReport,
  type Tier,
  tiers,
  torture,
  withReaders,
} from "../../torture/index.ts";
import { exitCodes } from "../exit.ts";
import { inputReaders } from "../fuzz/readers.ts";
import { jsonOption, seedOption } from "../options.ts";
import { visibleLines, type Output } from "../output.ts";
import { invocation, type Shell } from "../shell.ts";
import { usageError } from "../usage.ts";

interface TortureOptions {
  readonly row?: readonly string[];
  readonly seed?: number;
  readonly minutes?: number;
  readonly tier: Tier;
}
/** What `torture --json` prints. */
interface TortureJson {
  readonly ok: boolean;
  readonly tier: Tier;
  readonly seed: number;
  readonly node: string;
  readonly platform: string;
  readonly rows: readonly RowReport[];
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
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Examples:
  $ ${invocation} torture
  $ ${invocation} torture --row A4 --seed 42 --minutes 10
  $ ${invocation} torture --tier nightly --json > report.json`,
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
  const { tier, seed = 1, minutes } = options;
  const milliseconds = minutes === undefined ? undefined : minutes * 60_000;
  const rows: RowReport[] = [];
  const chosen = withReaders(chosenRows(options.row), await inputReaders());
  for await (const row of torture(
    chosen,
    { tier, seed, milliseconds, signal },
    await nodePorts({}),
  )) {
    rows.push(row);
    printRow(output, row, tier);
  }
  const ok = rows.every(({ outcome }) => outcome !== "violated");
  if (output.forMachine) {
    const platform = `${process.platform} ${process.arch}`;
    const document: TortureJson = { ok, tier, seed, node: process.version, platform, rows };
    output.document(document);
  }
  if (!ok) shell.exitCode = exitCodes.error;
  if (signal.aborted) shell.exitCode = exitCodes.interrupted;
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
