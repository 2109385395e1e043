import { paramError } from "./param-error.ts";
import { type Neighbourhood, parseRule, type Rule } from "./rule.ts";
import type { Board, Edge } from "./sums.ts";

/** The parameters as a run has them. */
export interface AutomatonParams {
  readonly rule: string;
  /** `WxH` or `WxHxD`: x first, as in the header of a pattern. */
  readonly size: string;
  readonly neighbourhood: string;
  readonly edge: string;
  /** The share of living cells at the start, if there is no pattern. */
  readonly density: number;
  /** The name of a classic, or the text of a pattern file. */
  readonly pattern: string;
}

export interface Settings {
  readonly rule: Rule;
  readonly board: Board;
  readonly density: number;
}

export const axisMax = 4096;
const cellsMax = 2 ** 27;

const neighbourhoods: readonly Neighbourhood[] = ["moore", "von-neumann"];
const edges: readonly Edge[] = ["torus", "dead"];

/** @throws WORLD_PARAM */
export function readSettings(params: AutomatonParams): Settings {
  const shape = parseSize(params.size);
  const neighbourhood = oneOf(neighbourhoods, "neighbourhood", params.neighbourhood);
  const edge = oneOf(edges, "edge", params.edge);
  const { density } = params;
  // Written so that NaN is refused too.
  if (!(density >= 0 && density <= 1)) {
    throw paramError({ where: "density", expected: "0 to 1", found: String(density) });
  }
  const rule = parseRule(params.rule, { dimensions: shape.length === 2 ? 2 : 3, neighbourhood });
  return { rule, board: { shape, edge }, density };
}

/** @returns the lengths of the axes, slowest first: [y, x] or [z, y, x]. */
function parseSize(size: string): readonly number[] {
  const shape = /^\d{1,9}(?:x\d{1,9}){1,2}$/i.test(size) ? size.split(/x/i).map(Number) : [];
  const cellCount = shape.reduce((product, length) => product * length, 1);
  const isFair = (length: number) => length >= 1 && length <= axisMax;
  if (shape.length === 0 || !shape.every(isFair) || cellCount > cellsMax) {
    throw paramError({
      where: "size",
      expected: `2 or 3 lengths such as 64x64, each 1 to ${axisMax}, at most ${cellsMax} cells`,
      found: `"${size}"`,
    });
  }
  return shape.reverse();
}

function oneOf<T extends string>(values: readonly T[], where: string, found: string): T {
  const value = values.find((candidate) => candidate === found);
  if (value !== undefined) return value;
  throw paramError({ where, expected: values.join(" or "), found: `"${found}"` });
}
