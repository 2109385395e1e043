import assert from "node:assert/strict";
import { test } from "node:test";
import { TouchedSlots } from "../../../src/world/state/touched-slots.ts";

test("touched slots are listed once each, rising, and forgotten when they are cleared", () => {
  const touched = new TouchedSlots();
  touched.reserve(64);
  for (const slot of [63, 0, 31, 32, 0, 63]) touched.add(slot);
  touched.reserve(100);
  touched.add(99);
  assert.equal(touched.count, 5);
  assert.deepEqual([...touched.list()], [0, 31, 32, 63, 99]);
  touched.clear();
  assert.deepEqual([touched.count, touched.list().length], [0, 0]);
  touched.add(31);
  assert.deepEqual([...touched.list()], [31]);
});
