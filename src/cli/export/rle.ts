import { isEverytickError } from "../../errors.ts";
import type { Run } from "../../runs/index.ts";
import type { GridSchema, RunCard, StoreSchema, Tick } from "../../types.ts";
import { visible } from "../output.ts";
import { checkSlice } from "../slice.ts";
import { usageError } from "../usage.ts";
import { loadWorld, type WorldModule } from "../world-module.ts";

/** Cells that a pattern file can hold: a grid of bytes in the plane, or a plane of one in space. */
export interface Plane {
  readonly store: GridSchema;
  readonly width: number;
  readonly height: number;
  /** Which plane of a grid in space. */
  readonly slice: number | undefined;
}

/** @throws CLI_USAGE for a store that is no such grid, and if the plane is missing or too much. */
export function checkPlane(store: StoreSchema, slice: number | undefined): Plane {
  const isBytes = store.kind === "grid" && store.type === "u8";
  if (!isBytes || (store.shape.length !== 2 && store.shape.length !== 3)) {
    throw usageError({
      where: `--rle, store ${visible(store.name)}`,
      expected: "a grid of u8 with 2 or 3 axes, since a pattern is a plane of states 0 to 255",
      found: describe(store),
      next: "--format jsonl or csv instead of --rle, or another --store",
    });
  }
  checkSlice(store, slice);
  const [height, width] = store.shape.slice(-2) as [number, number];
  if (store.shape.length === 3 && slice === undefined) {
    throw usageError({
      where: `--rle, store ${visible(store.name)}`,
      expected: `--slice N, one of the planes 0 to ${(store.shape[0] as number) - 1}`,
      found: `no --slice for a grid of ${store.shape.join("×")}`,
    });
  }
  return { store, width, height, slice };
}

function describe(store: StoreSchema): string {
  if (store.kind !== "grid") return `a store of kind ${store.kind}`;
  return `a grid of ${store.type}, ${store.shape.join("×")}`;
}

/**
 * The cells of a tick as a pattern. Of an automaton in the plane it also says the rule, the size and the edge, so that a
 * run that starts from the file goes on as this one did.
 */
export async function rleText(run: Run, tick: Tick, plane: Plane): Promise<string> {
  const { store, width, height, slice } = plane;
  const { state } = await run.at(tick);
  const cells = (state as { readonly [store: string]: unknown })[store.name] as Uint8Array;
  const first = (slice ?? 0) * width * height;
  const module = await loadWorld("automaton");
  const rule = ruleOf(run.card, plane, module);
  const { writeRle } = module.exports as Pick<AutomatonExports, "writeRle">;
  const text = writeRle(cells.subarray(first, first + width * height), {
    x: width,
    y: height,
    ...(rule === undefined ? {} : { rule }),
  });
  const ofPlane = slice === undefined ? "" : `, plane ${slice}`;
  return `#C run ${visible(run.id)}, seed ${run.card.seed}, tick ${tick}${ofPlane}\n${text}`;
}

interface AutomatonExports {
  readonly writeRle: (
    cells: Uint8Array,
    header: { readonly x: number; readonly y: number; readonly rule?: string },
  ) => string;
}

/** A plane out of space follows no rule of its own, and who recorded cells by other means has told none. */
function ruleOf(
  { world, params }: RunCard,
  { store, width, height }: Plane,
  { world: automaton }: WorldModule,
): string | undefined {
  const isAutomaton = world.name === automaton.name && world.version === automaton.version;
  if (!isAutomaton || store.name !== "cells" || store.shape.length !== 2) return undefined;
  const rule = canonicalRule(automaton, params);
  if (rule === undefined) return undefined;
  const suffix = params["neighbourhood"] === "von-neumann" ? "V" : "";
  const topology = params["edge"] === "dead" ? "P" : "T";
  return `${rule}${suffix}:${topology}${width},${height}`;
}

/** `undefined` if the parameters are those of somebody's own world of that name. */
function canonicalRule(
  { labels }: WorldModule["world"],
  params: RunCard["params"],
): string | undefined {
  try {
    return labels?.(params as never)["rule"];
  } catch (error) {
    if (isEverytickError(error)) return undefined;
    throw error;
  }
}
