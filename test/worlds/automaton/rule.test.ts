import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  canonicalRule,
  neighbourCount,
  parseRule,
  type Rule,
  ruleHash,
  type Space,
} from "../../../worlds/automaton/rule.ts";

const flat: Space = { dimensions: 2, neighbourhood: "moore" };
const flatCross: Space = { dimensions: 2, neighbourhood: "von-neumann" };
const deep: Space = { dimensions: 3, neighbourhood: "moore" };
const deepCross: Space = { dimensions: 3, neighbourhood: "von-neumann" };

function canonical(text: string, space: Space): string {
  return canonicalRule(parseRule(text, space));
}

function refusal(text: string, space: Space = flat): string {
  try {
    parseRule(text, space);
  } catch (error) {
    assert(error instanceof Error && "code" in error);
    assert.equal(error.code, "WORLD_PARAM");
    return error.message;
  }
  return assert.fail(`${text} was accepted`);
}

test("TAK-53: reads B3/S23 in every way that people write it", () => {
  const life = { ...flat, birth: [3], survival: [2, 3], states: 2 };
  for (const text of [
    "B3/S23",
    "b3/s23",
    "S23/B3",
    "23/3",
    " B3 / S32 ",
    "B33/S2323",
    "B3/S23/2",
  ]) {
    assert.deepEqual(parseRule(text), life, text);
  }
  for (const text of ["B3/S2-3", "B3/S2,3", "B3/S 3, 2 "]) {
    assert.deepEqual(parseRule(text), life, text);
  }
});

test("TAK-53: reads Generations", () => {
  for (const text of ["B2/S/3", "/2/3", "b2/s/c3", "B2/S/G3", "S/B2/3"]) {
    assert.equal(canonical(text, flat), "B2/S/3", text);
  }
  assert.equal(canonical("345/2/4", flat), "B2/S345/4");
  assert.equal(canonical("345/2/256", flat), "B2/S345/256");
});

test("TAK-53: reads 3-D rules with lists and ranges", () => {
  assert.deepEqual(parseRule("B6/S6-10", deep).survival, [6, 7, 8, 9, 10]);
  assert.equal(canonical("B5/S4,5", deep), "B5/S4,5");
  assert.equal(canonical("4-7/6-8/10", deep), "B6-8/S4-7/10");
  assert.equal(canonical("B26,0/S10,13,12,11", deep), "B0,26/S10-13");
  assert.equal(canonical("4/4/5/M", deep), "B4/S4/5");
  assert.equal(canonical("0-6/1,3/2/VN", deepCross), "B1,3/S0-6");
  assert.equal(canonical("B2/S013V", flatCross), "B2/S013");
});

test("TAK-26: without a comma or a range each digit is a count, in 3-D too", () => {
  assert.deepEqual(parseRule("B3/S23", deep), { ...deep, birth: [3], survival: [2, 3], states: 2 });
  assert.equal(canonical("B36/S", deep), "B3,6/S");
  assert.equal(canonical("B13/S14", deep), "B1,3/S1,4");
});

test("beside a comma or a range all counts are decimal", () => {
  assert.deepEqual(parseRule("B10/S6-10", deep).birth, [10]);
  assert.deepEqual(parseRule("13/14/5/M", deep).birth, [14]);
  assert.equal(canonical("B13-13/S14-14", deep), "B13-13/S14-14");
  assert.match(refusal("B36/S4-6", deep), /36 .*[^]*3,6 if you mean the digits/);
  assert.match(refusal("B36/S2-3"), /counts from 0 to 8/);
});

test("TAK-53: refuses what lies outside the neighbourhood", () => {
  assert.match(refusal("B9/S23"), /counts from 0 to 8 [^]*9 in "B9\/S23"/);
  assert.match(refusal("B5/S", flatCross), /counts from 0 to 4/);
  assert.match(refusal("B27,1/S", deep), /counts from 0 to 26/);
  assert.match(refusal("B7/S", deepCross), /counts from 0 to 6/);
  assert.match(refusal("B3/S23V"), /moore neighbourhood[^]*Set neighbourhood to von-neumann/);
  assert.match(refusal("B3/S23H"), /square or cubic grid/);
});

test("TAK-53: refuses other families of rules by name", () => {
  for (const text of ["B2-a/S12", "B3/S2-i34q", "B2n3/S23", "B3/S2n3", "b2ce3i/s"]) {
    assert.match(refusal(text), /outer-totalistic/, text);
  }
  for (const text of ["R5,C0,M1,S34..58,B34..45,NM", "5,34,45,34,58", "R2,C2,S6-9,B7-8,NM"]) {
    assert.match(refusal(text), /Larger than Life/, text);
  }
  assert.match(refusal("W110"), /2 or 3 dimensions/);
});

test("TAK-53: refuses everything else, and says what to write", () => {
  assert.match(refusal(""), /a rule such as B3\/S23/);
  assert.match(refusal("  "), /a rule such as B3\/S23/);
  assert.match(refusal("B3S23"), /slash[^]*Write B3\/S23\./);
  assert.match(refusal("23"), /slash/);
  assert.match(refusal("LifeHistory"), /slash/);
  assert.match(refusal("B3/S23/3/4"), /at most three parts/);
  assert.match(refusal("B3/B23"), /one part marked B and one marked S/);
  assert.match(refusal("B3/23"), /one part marked B and one marked S/);
  assert.match(refusal("B3/S2 3"), /only digits/);
  assert.match(refusal("B3/Sx"), /only digits/);
  assert.match(refusal("B8-6/S", deep), /from low to high[^]*Write 6-8\./);
  assert.match(refusal("B6,/S", deep), /counts and ranges/);
  assert.match(refusal("B-6/S", deep), /counts and ranges/);
  for (const states of ["1", "0", "257", "x", "", "999999999999"]) {
    assert.match(refusal(`B2/S/${states}`), /2 to 256 states/, states);
  }
});

test("a rule of a million characters is refused at once, and not repeated in full", () => {
  const long = " ".repeat(500_000);
  for (const text of [
    `B3${long}/S${long}x`,
    `B${"3".repeat(500_000)}/S`,
    `B3/S2${long}-${long}3`,
  ]) {
    const started = process.hrtime.bigint();
    assert(refusal(text).length < 500);
    assert(process.hrtime.bigint() - started < 1_000_000_000n);
  }
});

const anyRule: fc.Arbitrary<Rule> = fc
  .constantFrom(flat, flatCross, deep, deepCross)
  .chain((space) => {
    const count = fc.integer({ min: 0, max: neighbourCount(space) });
    const counts = fc.uniqueArray(count).map((list) => list.sort((a, b) => a - b));
    const states = fc.integer({ min: 2, max: 256 });
    return fc
      .record({ birth: counts, survival: counts, states })
      .map((rule) => ({ ...space, ...rule }));
  });

test("the canonical form reads back as the same rule, seed 1", () => {
  const property = fc.property(anyRule, (rule) => {
    const { dimensions, neighbourhood } = rule;
    const text = canonicalRule(rule);
    assert.deepEqual(parseRule(text, { dimensions, neighbourhood }), rule);
    assert.equal(canonicalRule(parseRule(text.toLowerCase(), rule)), text);
  });
  fc.assert(property, { seed: 1, numRuns: 2000 });
});

const ruleTags = "BbSs/0123456789,-. CGMVNH".split("");

test("any text is read or refused with a code, in all spaces, seed 1", () => {
  const text = fc.oneof(fc.string({ unit: fc.constantFrom(...ruleTags) }), fc.string());
  const property = fc.property(text, fc.constantFrom(flat, flatCross, deep), (rule, space) => {
    try {
      parseRule(rule, space);
    } catch (error) {
      assert(error instanceof Error && "code" in error && error.code === "WORLD_PARAM");
    }
  });
  fc.assert(property, { seed: 1, numRuns: 5000 });
});

test("a rule hash names the rule, its dimensions and its neighbourhood", () => {
  const hash = (text: string, space: Space) => ruleHash(parseRule(text, space));
  // These stand in the cards of runs: a change of them needs a new version of the world.
  assert.equal(hash("B3/S23", flat), "81a19ec29d2bcbef");
  assert.equal(hash("23/3", flat), hash("B3/S23", flat));
  assert.equal(hash("B5/S4,5", deep), "eede94ea9ba42602");
  const hashes = [flat, flatCross, deep, deepCross].map((space) => hash("B3/S23", space));
  assert.equal(new Set(hashes).size, 4);
});
