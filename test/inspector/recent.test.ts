import assert from "node:assert/strict";
import { test } from "node:test";
import { Recent } from "../../inspector/src/engine/recent.ts";

test("what was used last stays, and the bytes stay below the bound", () => {
  const recent = new Recent<number, Uint8Array>(100, ({ length }) => length);
  for (let i = 0; i < 50; i++) {
    recent.keep(i, new Uint8Array(30));
    assert(recent.bytes <= 100);
  }
  assert.deepEqual(
    [46, 47, 48, 49].map((key) => recent.has(key)),
    [false, true, true, true],
  );
  recent.get(47);
  recent.keep(50, new Uint8Array(30));
  assert.deepEqual(
    [47, 48].map((key) => recent.has(key)),
    [true, false],
  );
  recent.keep(51, new Uint8Array(101));
  assert.equal(recent.has(51), false, "one that is larger than all the room is not kept");
  assert.equal(recent.bytes, 90);
  recent.keep(47, new Uint8Array(10));
  assert.equal(recent.bytes, 70, "kept again, it counts once");
});
