import assert from "node:assert/strict";
import { test } from "node:test";
import { ancestorOf, cellOf, descendantsOf, resolutionOf } from "./h3-cells.ts";

test("cells are made, found above and found below as H3 numbers them", () => {
  // The cells of H3's own examples.
  assert.equal(ancestorOf("8928308280fffff", 7), "872830828ffffff");
  assert.equal(ancestorOf("872830828ffffff", 0), "8029fffffffffff");
  assert.equal(cellOf(20, []), "8029fffffffffff");
  assert.equal(resolutionOf("8928308280fffff"), 9);
  const children = descendantsOf("872830828ffffff", 9);
  assert.equal(new Set(children).size, 49);
  assert(children.includes("8928308280fffff"));
  for (const child of children) assert.equal(ancestorOf(child, 7), "872830828ffffff");
});
