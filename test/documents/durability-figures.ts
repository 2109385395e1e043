import type { TortureReport } from "../../src/cli/torture-report.ts";
import { catalogue, type RowReport } from "../../src/torture/index.ts";

/** Between these lines the page is made from the report. */
export const begin = "<!-- made from durability.json -->";
export const end = "<!-- until here -->";

/** A promise of the page, and what of the report speaks for it. */
interface Headline {
  readonly what: string;
  readonly rows: readonly string[];
  /** What is counted in these rows. Default: every case. */
  readonly count?: string;
}

const headlines: readonly Headline[] = [
  {
    what: "processes killed at random moments, each run resumed by the next",
    rows: ["A1"],
    count: "kill",
  },
  {
    what: "processes killed at a call of the system, every one of a run of three segments",
    rows: ["A2"],
  },
  {
    what: "states that a loss of power could leave: subsets of unsynced blocks, names and lengths",
    rows: ["A3", "A4", "A5", "A6", "A7", "A9"],
  },
  {
    what: "every session of up to three operations, with every subset at every change",
    rows: ["A4"],
    count: "short session",
  },
  { what: "files cut, at every byte of each kind", rows: ["B1"] },
  { what: "bits flipped, every one of each kind of file", rows: ["B2"] },
  {
    what: "damaged runs given to `recover` and `verify`, each answer compared with what was recorded",
    rows: ["B8", "B9"],
  },
  { what: "whole lives of the engine on a failing disk, one seed each", rows: ["D6"] },
  {
    what: "syncs, checks, bounds and locks left out; the rows must turn red",
    rows: ["M1"],
    count: "killed mutant",
  },
  { what: "executions of readers of files, on bytes forged behind their checksums", rows: ["K1"] },
  { what: "whole runs forged the same way: verified, played, looked into, resumed", rows: ["K5"] },
  {
    what: "seconds of recording and reading at full load, memory looked at",
    rows: ["S1"],
    count: "second",
  },
];

/** The part of `docs/durability.md` that a report makes. */
export function figuresOf({ tier, rows }: TortureReport): string {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const lines = [
    begin,
    "",
    "| what was tried | so far | not held |",
    "|---|--:|--:|",
    ...headlines.flatMap((headline) => headlineRow(headline, byId)),
    "",
    "Row by row:",
    "",
    "| row | what is done to the engine | what was tried | of what the tier asks |",
    "|---|---|---|---|",
    ...rows.map(tableRow),
    "",
    ...missingFrom(byId),
    `Found with \`everytick torture --tier ${tier} --report docs/durability.json\` ${whereAndWhen(rows)}. It goes on where the`,
    "report ends, and a row that was violated begins anew.",
    "",
    end,
  ];
  return lines.join("\n");
}

function missingFrom(byId: ReadonlyMap<string, RowReport>): string[] {
  const missing = catalogue.filter(({ id }) => !byId.has(id)).map(({ id }) => id);
  return missing.length === 0 ? [] : [`Not in this report yet: ${missing.join(", ")}.`, ""];
}

function headlineRow(
  { what, rows: ids, count }: Headline,
  byId: ReadonlyMap<string, RowReport>,
): string[] {
  const rows = ids.flatMap((id) => byId.get(id) ?? []);
  if (rows.length === 0) return [];
  const tried = rows.reduce(
    (sum, row) => sum + (count === undefined ? row.tried : (row.counts[count] ?? 0)),
    0,
  );
  const broken = rows.reduce((sum, { violations }) => sum + violations.length, 0);
  return [`| ${what} | ${tried.toLocaleString("en")} | ${broken} |`];
}

function tableRow({ id, title, outcome, figure, ...row }: RowReport): string {
  const isRun = outcome === "held" || outcome === "violated";
  const tried = outcome === "violated" ? `**violated**: ${figure}` : figure;
  return `| ${id} | ${title} | ${isRun ? tried : `*${outcome}*: ${figure}`} | ${isRun ? shareOf(row) : ""} |`;
}

type Progress = Pick<RowReport, "cases" | "casesAsked" | "isComplete">;

function shareOf({ cases, casesAsked, isComplete }: Progress): string {
  if (isComplete) return "all";
  return `${cases.toLocaleString("en")} of ${casesAsked.toLocaleString("en")} seeds`;
}

function whereAndWhen(rows: readonly RowReport[]): string {
  const parts = rows.flatMap((row) => row.parts);
  const dates = parts.map(({ date }) => date).sort();
  const machines = [...new Set(parts.map(({ machine }) => machine))].sort();
  const [first, last] = [dates[0], dates.at(-1)];
  const hours = (rows.reduce((sum, { seconds }) => sum + seconds, 0) / 3600).toFixed(1);
  const when = first === last ? `on ${first}` : `from ${first} to ${last}`;
  return `${when}, in ${hours} hours on ${machines.join("; ")}`;
}
