import assert from "node:assert/strict";
import { test } from "node:test";
import { csvWriter } from "../../../src/cli/export/element-text.ts";
import { jsonWriter } from "../../../src/world/element-json.ts";
import type { ColumnType } from "../../../src/index.ts";

const json = (type: ColumnType, element: unknown) => jsonWriter(type)(element as never);
const csv = (type: ColumnType, element: unknown) => csvWriter(type)(element as never);

test("what JSON has no number for is a string", () => {
  assert.equal(json("f64", Number.NaN), '"NaN"');
  assert.equal(json("f32", -Infinity), '"-Infinity"');
  assert.equal(json("f64", -0), "-0");
  assert.equal(json("f64", 1e300), "1e+300");
  assert.equal(json("u64", 2n ** 53n - 1n), "9007199254740991");
  assert.equal(json("u64", 2n ** 53n), '"9007199254740992"');
  assert.equal(json("i64", -(2n ** 63n)), '"-9223372036854775808"');
  assert.equal(json("u64[2]", BigUint64Array.of(1n, 2n ** 64n - 1n)), '[1,"18446744073709551615"]');
  assert.equal(json("f32[2]", Float32Array.of(0.5, Number.NaN)), '[0.5,"NaN"]');
  assert.equal(json("bytes", Uint8Array.of(0, 255).subarray(1)), '"/w=="');
});

test("the cells of a CSV are quoted as RFC 4180 says", () => {
  assert.equal(csv("utf8", "plain text"), "plain text");
  assert.equal(csv("utf8", 'a,"b"'), '"a,""b"""');
  assert.equal(csv("utf8", "two\nlines"), '"two\nlines"');
  assert.equal(csv("utf8", "two\rlines"), '"two\rlines"');
  assert.equal(csv("json", { a: [1, "x"] }), '"{""a"":[1,""x""]}"');
  assert.equal(csv("f64[2]", Float64Array.of(1, -2)), '"[1,-2]"');
  assert.equal(csv("f64", Number.NaN), "NaN");
  assert.equal(csv("u64", 2n ** 64n - 1n), "18446744073709551615");
});

test("a text in a CSV is no formula, and a number stays one", () => {
  for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"]) {
    assert.equal(csv("utf8", text).replace(/^"/, "")[0], "'", JSON.stringify(text));
  }
  assert.equal(csv("utf8", "'=1"), "'=1");
  assert.equal(csv("utf8", "a=1"), "a=1");
  assert.equal(csv("f64", -1), "-1");
  assert.equal(csv("i64", -1n), "-1");
  assert.equal(csv("utf8", '=HYPERLINK("x","y")'), `"'=HYPERLINK(""x"",""y"")"`);
});
