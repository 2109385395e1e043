import { type EverytickError, sha256Hex } from "everytick";
import { paramError } from "./param-error.ts";

export type Neighbourhood = "moore" | "von-neumann";

/** What a rule is read for: it bounds the counts, and decides how the canonical form is written. */
export interface Space {
  readonly dimensions: 2 | 3;
  readonly neighbourhood: Neighbourhood;
}

/**
 * An outer-totalistic rule: what a cell becomes depends on its own state and on how many neighbours are in state 1.
 * With more than two states (Generations) a cell that does not survive passes through 2, 3, … before it is dead.
 */
export interface Rule extends Space {
  /** Sorted counts of living neighbours at which a dead cell comes to life. */
  readonly birth: readonly number[];
  /** Sorted counts of living neighbours at which a living cell stays alive. */
  readonly survival: readonly number[];
  /** 2 to 256. */
  readonly states: number;
}

const statesMax = 256;
/** The longest rule in use, all counts of 3-D one by one, has some 160 characters. */
const ruleLengthMax = 1000;

const lifeSpace: Space = { dimensions: 2, neighbourhood: "moore" };

export function neighbourCount({ dimensions, neighbourhood }: Space): number {
  return neighbourhood === "moore" ? 3 ** dimensions - 1 : 2 * dimensions;
}

/** The definition of a step; the tables of `step.ts` are made from it. */
export function nextState(rule: Rule, state: number, neighbours: number): number {
  if (state === 0) return rule.birth.includes(neighbours) ? 1 : 0;
  if (state === 1 && rule.survival.includes(neighbours)) return 1;
  return (state + 1) % rule.states;
}

/**
 * Reads `B3/S23`, `S23/B3`, `23/3` (survival first), `B2/S/3`, `345/2/4`, `4-7/6-8/10`, `B5/S4,5`, each optionally with
 * a neighbourhood behind it (`B2/S013V`, `4/4/5/M`), which must then be the space's own.
 *
 * Without a comma or a range anywhere in the rule, each digit is a count of its own, in 3-D too: `B3/S23` means 2 and 3
 * whatever the size of the world. With one, all counts are decimal: `B10/S6-10` is born at ten. A rule of lone two-digit
 * counts is therefore written with ranges: `B13-13/S14-14`.
 * @throws WORLD_PARAM
 */
export function parseRule(text: string, space: Space = lifeSpace): Rule {
  refuseOtherFamilies(text);
  const { body, neighbourhood, behindSlash } = splitNeighbourhood(text);
  if (neighbourhood !== undefined && neighbourhood !== space.neighbourhood) {
    throw ruleError(text, `a rule for the ${space.neighbourhood} neighbourhood`, {
      next: `Set neighbourhood to ${neighbourhood}, or leave the suffix out.`,
    });
  }
  const { birth, survival, states } = splitParts(body, text);
  // The notation that ends in `/M` or `/VN` comes from 3-D programs, which write decimal counts only.
  const decimal = behindSlash || /[,-]/.test(birth + survival);
  const counts = (list: string) => parseCounts(list, { decimal, space, text });
  return {
    dimensions: space.dimensions,
    neighbourhood: space.neighbourhood,
    birth: counts(birth),
    survival: counts(survival),
    states: parseStates(states, text),
  };
}

/** The neighbourhood that the rule names by its suffix, if it names one. */
export function namedNeighbourhood(text: string): Neighbourhood | undefined {
  return text.length > ruleLengthMax ? undefined : splitNeighbourhood(text).neighbourhood;
}

/**
 * The one way to write a rule. In 2-D `B36/S23`; in 3-D `B5/S4,5` and `B6-8/S4-7/10`, where three counts in a row or
 * more become a range. It reads back as the same rule in the same space.
 */
export function canonicalRule(rule: Rule): string {
  const states = rule.states === 2 ? "" : `/${rule.states}`;
  if (rule.dimensions === 2) return `B${rule.birth.join("")}/S${rule.survival.join("")}${states}`;
  const written = `B${ranges(rule.birth)}/S${ranges(rule.survival)}`;
  if (/[,-]/.test(written)) return written + states;
  // Only lone counts are left, and a bare 13 would read as 1 and 3.
  return written.replaceAll(/\d\d/g, "$&-$&") + states;
}

/** 16 hexadecimal digits that name the rule; kept in the run's card, and never changed without a new version of the world. */
export function ruleHash(rule: Rule): string {
  const { dimensions, neighbourhood } = rule;
  return sha256Hex(`${canonicalRule(rule)} ${dimensions}d ${neighbourhood}`).slice(0, 16);
}

function refuseOtherFamilies(text: string): void {
  const next = "Use an outer-totalistic rule, such as B3/S23.";
  if (text.trim() === "" || text.length > ruleLengthMax) {
    throw ruleError(text, "a rule such as B3/S23");
  }
  if (/^\s*R\d/i.test(text) || text.includes("..") || /^[\d\s]+(,[\d\s]+){3,}$/.test(text)) {
    throw ruleError(text, "a rule that looks one cell far, not Larger than Life", { next });
  }
  if (/\d\s*-?\s*[aceijknqrtwyz]/i.test(text)) {
    const expected = "an outer-totalistic rule; this one also asks where the neighbours are";
    throw ruleError(text, expected, { next });
  }
  if (/^\s*W\d+\s*$/i.test(text)) throw ruleError(text, "a rule in 2 or 3 dimensions", { next });
  if (/\dH\s*$/i.test(text)) throw ruleError(text, "a square or cubic grid", { next });
}

interface SplitRule {
  readonly body: string;
  readonly neighbourhood: Neighbourhood | undefined;
  readonly behindSlash: boolean;
}

function splitNeighbourhood(text: string): SplitRule {
  const [, body, suffix] = /^(.*?)\s*(\/\s*M|\/\s*VN|\/\s*N|V)\s*$/i.exec(text) ?? [];
  if (body === undefined || suffix === undefined) {
    return { body: text, neighbourhood: undefined, behindSlash: false };
  }
  const neighbourhood = /M$/i.test(suffix) ? "moore" : "von-neumann";
  return { body, neighbourhood, behindSlash: suffix.startsWith("/") };
}

function splitParts(body: string, text: string) {
  const parts = body.split("/").map((part) => part.trim());
  const [first = "", second, states] = parts;
  if (second === undefined) {
    const [, birth, survival] = /^B([\d,-]*)S([\d,-]*)$/i.exec(first) ?? [];
    const next = birth === undefined ? {} : { next: `Write B${birth}/S${survival}.` };
    throw ruleError(text, "birth and survival, separated by a slash", next);
  }
  if (parts.length > 3) throw ruleError(text, "at most three parts: birth, survival, states");
  const marks = (first.charAt(0) + second.charAt(0)).toUpperCase().replaceAll(/[^BS]/g, "");
  if (marks === "") return { survival: first, birth: second, states };
  if (marks === "BS") return { birth: first.slice(1), survival: second.slice(1), states };
  if (marks === "SB") return { survival: first.slice(1), birth: second.slice(1), states };
  throw ruleError(text, "one part marked B and one marked S, or neither marked (survival first)");
}

interface CountsContext {
  readonly decimal: boolean;
  readonly space: Space;
  readonly text: string;
}

function parseCounts(list: string, { decimal, space, text }: CountsContext): number[] {
  const counts = new Set<number>();
  const countMax = neighbourCount(space);
  const trimmed = list.trim();
  const pieces = trimmed === "" ? [] : decimal ? trimmed.split(",") : [...trimmed];
  for (const piece of pieces) {
    const [, low, high = low] = /^\s*(\d{1,9})(?:\s*-\s*(\d{1,9}))?\s*$/.exec(piece) ?? [];
    if (low === undefined || high === undefined) {
      throw ruleError(text, decimal ? "counts and ranges such as 4,6-8" : "only digits in a list", {
        found: `"${piece.trim()}" in "${text}"`,
      });
    }
    if (Number(low) > Number(high)) {
      throw ruleError(text, "a range from low to high", { next: `Write ${high}-${low}.` });
    }
    if (Number(high) > countMax) throw countTooHigh(high, { decimal, space, text });
    for (let count = Number(low); count <= Number(high); count++) counts.add(count);
  }
  return [...counts].sort((a, b) => a - b);
}

function countTooHigh(count: string, { decimal, space, text }: CountsContext): EverytickError {
  const where = `the ${space.dimensions}-dimensional ${space.neighbourhood} neighbourhood`;
  const joined = decimal && count.length > 1;
  const digits = `Beside a comma or a range, counts are decimal: ${[...count].join(",")} if you mean the digits.`;
  return ruleError(text, `counts from 0 to ${neighbourCount(space)} in ${where}`, {
    found: `${count} in "${text}"`,
    ...(joined ? { next: digits } : {}),
  });
}

function parseStates(part: string | undefined, text: string): number {
  if (part === undefined) return 2;
  const [, digits] = /^[CG]?(\d{1,9})$/i.exec(part) ?? [];
  const states = Number(digits);
  if (states >= 2 && states <= statesMax) return states;
  throw ruleError(text, `2 to ${statesMax} states in the third part`);
}

function ranges(counts: readonly number[]): string {
  const pieces: string[] = [];
  for (let start = 0; start < counts.length;) {
    let end = start + 1;
    while (counts[end] === (counts[end - 1] as number) + 1) end++;
    if (end - start >= 3) pieces.push(`${counts[start]}-${counts[end - 1]}`);
    else pieces.push(...counts.slice(start, end).map(String));
    start = end;
  }
  return pieces.join(",");
}

function ruleError(
  text: string,
  expected: string,
  { found = `"${text}"`, next }: { found?: string; next?: string } = {},
): EverytickError {
  return paramError({ where: "rule", expected, found, ...(next === undefined ? {} : { next }) });
}
