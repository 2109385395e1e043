import { Image } from "../../../src/format/image.ts";
import { layoutOf, type Layout } from "../../../src/format/layout.ts";
import type { RunCard } from "../../../src/types.ts";
import { pastState } from "../../../src/world/state/past-state.ts";
import type { StoreContent } from "./protocol.ts";

type Compiled = (state: object, tick: number, params: object, ...tools: unknown[]) => unknown;

/** An expression over the state of a tick, as code sees it: `state`, `tick`, `params`, and a few functions. */
export class Probe {
  readonly #card: RunCard;
  readonly #layout: Layout;
  readonly #compiled: Compiled;

  /** @throws SyntaxError */
  constructor(card: RunCard, expression: string) {
    this.#card = card;
    this.#layout = layoutOf(card.world);
    // The expression is the user's own, and this runs where nothing can be reached: see the policy of this file.
    // oxlint-disable-next-line no-implied-eval
    this.#compiled = new Function(
      "state",
      "tick",
      "params",
      ...Object.keys(tools),
      `"use strict"; return (${expression}\n);`,
    ) as Compiled;
  }

  /** @throws whatever the expression throws, and TypeError if it gives no number */
  valueAt(tick: number, stores: readonly StoreContent[]): number {
    const image = new Image(this.#layout);
    for (const { store, columns } of stores) image.copyStore(store, columns);
    const state = pastState(image, this.#card.world, undefined);
    const value = this.#compiled(state, tick, this.#card.params, ...Object.values(tools));
    if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") {
      return Number(value);
    }
    throw new TypeError(`it gives ${value === null ? "null" : `a ${typeof value}`}, not a number`);
  }
}

type Numbers = Iterable<number | bigint>;

/** What expressions can use beside the language. */
const tools = {
  /** Of an array, or of what `of` gives for each row. */
  sum: (list: Iterable<never>, of?: (each: never) => number) => total(numbers(list, of)),
  mean: (list: Iterable<never>, of?: (each: never) => number) => {
    const all = [...numbers(list, of)];
    return total(all) / all.length;
  },
  min: (list: Iterable<never>, of?: (each: never) => number) => extreme(numbers(list, of), -1),
  max: (list: Iterable<never>, of?: (each: never) => number) => extreme(numbers(list, of), 1),
  /** How many are equal to a value or satisfy a test; without one, how many are not 0. */
  count: (list: Iterable<never>, wanted?: unknown) => {
    let found = 0;
    for (const each of list) {
      if (wanted === undefined ? Number(each) !== 0 : matches(each, wanted)) found++;
    }
    return found;
  },
};

function* numbers(list: Iterable<never>, of?: (each: never) => number): Numbers {
  for (const each of list) yield of === undefined ? each : of(each);
}

function total(list: Numbers): number {
  let sum = 0;
  for (const each of list) sum += Number(each);
  return sum;
}

function extreme(list: Numbers, sign: 1 | -1): number {
  let found = Number.NaN;
  for (const each of list) if (!(sign * Number(each) <= sign * found)) found = Number(each);
  return found;
}

function matches(each: unknown, wanted: unknown): boolean {
  return typeof wanted === "function"
    ? Boolean((wanted as (each: unknown) => unknown)(each))
    : each === wanted;
}
