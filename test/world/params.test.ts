import assert from "node:assert/strict";
import { test } from "node:test";
import type { Params } from "everytick";
import { resolveParams } from "../../src/world/params.ts";
import { allRefused, refusal } from "../runs/memory-runs.ts";

const defaults: Params = { rule: "B3/S23", density: 0.25, torus: true };

test("W1: parameters are the defaults with the given ones over them", () => {
  assert.deepEqual(resolveParams(defaults, {}), defaults);
  const given = { density: -0, torus: false };
  assert.deepEqual(resolveParams(defaults, given), { rule: "B3/S23", density: -0, torus: false });
  assert.deepEqual(resolveParams(defaults, { rule: undefined as never }), defaults);
  assert(Object.isFrozen(resolveParams(defaults, {})));
});

test("W1: a name that is not declared is refused, whatever it is", async () => {
  for (const name of ["Rule", "toString", "constructor", "__proto__"]) {
    const given = Object.fromEntries([[name, "x"]]);
    const details = { expected: /rule, density, torus/ };
    const error = await refusal(() => resolveParams(defaults, given), "WORLD_PARAM", details);
    assert.equal(error.details.found, name);
  }
  await refusal(() => resolveParams({}, { a: 1 }), "WORLD_PARAM", { expected: /no parameters/ });
});

test("W1: a value has the type of its default, and can stand in the card", async () => {
  const given = (name: string, value: unknown) => () =>
    resolveParams(defaults, { [name]: value } as Params);
  await allRefused("WORLD_PARAM", {
    "a number for text": given("rule", 3),
    "null for text": given("rule", null),
    "a list for text": given("rule", ["B3/S23"]),
    "text with a lone surrogate": given("rule", "\ud800"),
    "text for a number": given("density", "0.5"),
    "NaN for a number": given("density", Number.NaN),
    "an infinity for a number": given("density", Infinity),
    "a bigint for a number": given("density", 1n),
    "a number for a boolean": given("torus", 1),
    "text for a boolean": given("torus", "true"),
  });
});
