import { defineWorld, grid } from "everytick";
import { readPattern } from "./patterns.ts";
import { canonicalRule, ruleHash } from "./rule.ts";
import { type AutomatonParams, readSettings } from "./settings.ts";
import { place, sow } from "./start.ts";
import { makeStepper, type Stepper } from "./step.ts";

export { countGliders } from "./glider.ts";
export type { Comment, Pattern } from "./pattern.ts";
export { type PatternParams, patternParams, patterns, readPattern } from "./patterns.ts";
export { readRle, writeRle } from "./rle.ts";
export {
  canonicalRule,
  type Neighbourhood,
  parseRule,
  type Rule,
  ruleHash,
  type Space,
} from "./rule.ts";
export type { AutomatonParams } from "./settings.ts";

/** Outer-totalistic cellular automata in 2 and 3 dimensions. Its whole state is the cells: the tables follow from the parameters. */
export const automaton = defineWorld({
  name: "automaton",
  version: 1,
  params: {
    rule: "B3/S23",
    size: "64x64",
    neighbourhood: "moore",
    edge: "torus",
    density: 0.25,
    pattern: "",
  },
  state: (params) => ({ cells: grid("u8", readSettings(params).board.shape) }),
  labels(params) {
    const { rule } = readSettings(params);
    return { rule: canonicalRule(rule), rule_hash: ruleHash(rule) };
  },
  init({ state, random, params }) {
    const settings = readSettings(params);
    if (params.pattern === "") sow(state.cells, settings.density, random);
    else place(state.cells, readPattern(params.pattern), settings);
  },
  step({ state, params }) {
    stepperFor(state.cells, params)(state.cells);
  },
});

/** Tables and sums of the runs in this process. Derived: a run that is resumed elsewhere makes them anew. */
const steppers = new WeakMap<Uint8Array, { params: AutomatonParams; step: Stepper }>();

function stepperFor(cells: Uint8Array, params: AutomatonParams): Stepper {
  const known = steppers.get(cells);
  if (known !== undefined && sameStep(known.params, params)) return known.step;
  const { rule, board } = readSettings(params);
  const step = makeStepper(rule, board);
  steppers.set(cells, { params: { ...params }, step });
  return step;
}

function sameStep(a: AutomatonParams, b: AutomatonParams): boolean {
  return (
    a.rule === b.rule &&
    a.size === b.size &&
    a.neighbourhood === b.neighbourhood &&
    a.edge === b.edge
  );
}
