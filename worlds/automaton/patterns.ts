import { paramError } from "./param-error.ts";
import type { Pattern } from "./pattern.ts";
import { isPlaintext, readPlaintext } from "./plaintext.ts";
import { readRle } from "./rle.ts";
import { namedNeighbourhood } from "./rule.ts";
import { axisMax } from "./settings.ts";

/** The classics that come with the world, each with what it is known for. */
export const patterns: Readonly<Record<string, string>> = Object.freeze({
  glider: `#N Glider
#C Moves by one cell diagonally in 4 generations.
x = 3, y = 3, rule = B3/S23
bob$2bo$3o!
`,
  lwss: `#N Lightweight spaceship
#C Moves by two cells along its row in 4 generations.
x = 5, y = 4, rule = B3/S23
bo2bo$o$o3bo$4o!
`,
  pulsar: `#N Pulsar
#C The most common oscillator of period 3.
x = 13, y = 13, rule = B3/S23
2b3o3b3o2$o4bobo4bo$o4bobo4bo$o4bobo4bo$2b3o3b3o2$2b3o3b3o$o4bobo4bo$o
4bobo4bo$o4bobo4bo2$2b3o3b3o!
`,
  "r-pentomino": `#N R-pentomino
#C Five cells that settle at generation 1103, with 116 cells.
x = 3, y = 3, rule = B3/S23
b2o$2o$bo!
`,
  acorn: `#N Acorn
#C Seven cells that settle at generation 5206, with 633 cells.
x = 7, y = 3, rule = B3/S23
bo$3bo$2o2b3o!
`,
  diehard: `#N Diehard
#C Vanishes at generation 130.
x = 8, y = 3, rule = B3/S23
6bo$2o$bo3b3o!
`,
  "gosper-glider-gun": `#N Gosper glider gun
#C Emits a glider every 30 generations.
x = 36, y = 9, rule = B3/S23
24bo$22bobo$12b2o6b2o12b2o$11bo3bo4b2o12b2o$2o8bo5bo3b2o$2o8bo3bob2o4b
obo$10bo5bo7bo$11bo3bo$12b2o!
`,
  "brain-ship": `#N A spaceship of Brian's Brain
#C Moves by one cell in each generation.
x = 2, y = 2, rule = B2/S/3
BA$BA!
`,
});

/** Reads the name of a classic, RLE or plaintext. @throws WORLD_PARAM */
export function readPattern(text: string): Pattern {
  if (/[\n\r!=]/.test(text)) return isPlaintext(text) ? readPlaintext(text) : readRle(text);
  const name = text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, "-");
  const classic = Object.hasOwn(patterns, name) ? patterns[name] : undefined;
  if (classic !== undefined) return readRle(classic);
  throw paramError({
    where: "pattern",
    expected: `RLE text, or one of ${Object.keys(patterns).join(", ")}`,
    found: `"${text}"`,
  });
}

export interface PatternParams {
  readonly size: string;
  readonly rule?: string;
  readonly neighbourhood?: string;
  readonly edge?: string;
}

/** Around a pattern there is at least this much room on each side, and at least the pattern's own size. */
const marginMin = 32;

/**
 * The parameters that a pattern asks for: its rule, and a size from its topology (`:T64,64` is a torus, `:P64,64` has
 * dead edges) or with a margin around it. What the caller sets by hand should win over them.
 * @throws WORLD_PARAM
 */
export function patternParams(text: string): PatternParams {
  const pattern = readPattern(text);
  const { rule, topology } = pattern;
  const neighbourhood = rule === undefined ? undefined : namedNeighbourhood(rule);
  return {
    ...(rule === undefined ? {} : { rule }),
    ...(neighbourhood === undefined ? {} : { neighbourhood }),
    ...(topology === undefined ? { size: roomySize(pattern) } : parseTopology(topology)),
  };
}

function roomySize({ width, height, position }: Pattern): string {
  const margin = Math.max(marginMin, width, height);
  const length = (side: number, start: number) => {
    // A position further out than the margin moves the board's end, so that the pattern keeps its room there.
    const needed = Math.max(margin, start) + side + margin;
    return Math.max(side, Math.min(axisMax, 16 * Math.ceil(needed / 16)));
  };
  return `${length(width, position?.x ?? 0)}x${length(height, position?.y ?? 0)}`;
}

function parseTopology(topology: string): { size: string; edge: string } {
  const [, kind, width, height = width] =
    /^([TP])0*([1-9]\d*)(?:,0*([1-9]\d*))?$/i.exec(topology) ?? [];
  if (kind !== undefined) {
    return { size: `${width}x${height}`, edge: kind.toUpperCase() === "T" ? "torus" : "dead" };
  }
  throw paramError({
    where: "pattern",
    expected: "a bounded torus such as :T64,64 or plane such as :P64,64, not twisted or infinite",
    found: `":${topology}"`,
  });
}
