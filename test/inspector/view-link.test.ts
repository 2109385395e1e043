import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  emptyLink,
  linkVersion,
  readViewLink,
  writeViewLink,
  type ViewLink,
} from "../../inspector/src/model/view-link.ts";

const tick = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const span = fc.tuple(tick, tick).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
const text = fc.string({ unit: "binary", minLength: 1, maxLength: 60 });
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const plain = { noNullPrototype: true };
const numbers = (count: number) => fc.array(fc.integer(), { minLength: count, maxLength: count });

const links: fc.Arbitrary<ViewLink> = fc.record(
  {
    tick: maybe(fc.oneof(tick, fc.constant("live" as const))),
    view: maybe(text),
    selection: maybe(fc.record({ store: text, row: tick }, plain)),
    focus: maybe(span),
    window: maybe(span),
    speed: maybe(fc.constantFrom(0.01, 0.5, 2, 10_000)),
    skipsQuiet: fc.boolean(),
    camera: maybe(numbers(3)),
    slices: maybe(numbers(6)),
    probe: maybe(text),
    palette: maybe(text),
    markers: fc.array(fc.record({ tick, text }, plain), { maxLength: 5 }),
  },
  plain,
);

test("a view survives its link, whatever names and expressions hold (seed 1)", () => {
  fc.assert(
    fc.property(links, (link) => {
      const { link: read, version } = readViewLink(writeViewLink(link));
      assert.deepEqual(read, link);
      assert.equal(version, linkVersion);
    }),
    { seed: 1 },
  );
});

test("a link that anybody may have written never throws, and says its version (seed 2)", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (fragment) => void readViewLink(fragment)),
    { seed: 2 },
  );
  assert.equal(readViewLink("#v=7&t=12&unknown=1").version, "7");
  assert.equal(readViewLink("#v=7&t=12&unknown=1").link.tick, 12);
});

test("what makes no sense in a link is left out", () => {
  for (const fragment of [
    "#t=-1",
    "#t=1e9",
    "#t=99999999999999999999",
    "#focus=9:3",
    "#focus=3",
    "#sel=cells",
    "#speed=0",
    "#speed=Infinity",
    "#cam=1,2",
    "#cam=1,2,x",
    "#mark=x:y",
  ]) {
    assert.deepEqual(readViewLink(fragment).link, emptyLink, fragment);
  }
});
