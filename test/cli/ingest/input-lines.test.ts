import assert from "node:assert/strict";
import { test } from "node:test";
import { InputLines } from "../../../src/cli/ingest/input-lines.ts";
import { isEverytickError, limits } from "../../../src/index.ts";

function split(bytes: Buffer, size: number): string[] {
  const input = new InputLines();
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    texts.push(...input.of(bytes.subarray(at, at + size)));
  }
  return [...texts, ...input.rest()];
}

test("lines are the same wherever chunks end, inside of characters too", () => {
  const texts = ["", "one", "zwölf 🐑", "\u0000 and \t", "", "last"];
  const bytes = Buffer.from(texts.join("\n"));
  for (let size = 1; size <= bytes.length; size++) assert.deepEqual(split(bytes, size), texts);
});

test("an end of line at the end of the input makes no further line", () => {
  assert.deepEqual(split(Buffer.from("a\nb\n"), 2), ["a", "b"]);
  assert.deepEqual(split(Buffer.from(""), 1), []);
});

test("a byte order mark in front of the input is passed over, elsewhere it is text", () => {
  assert.deepEqual(split(Buffer.from("\uFEFFa\n\uFEFFb"), 3), ["a", "\uFEFFb"]);
});

test("bytes that are not UTF-8 are refused with the number of their line", () => {
  const input = new InputLines();
  const read = () => [...input.of(Buffer.from([0x61, 10, 0xff, 10]))];
  assert.throws(read, (error) => isEverytickError(error, "CLI_INPUT"));
  assert.equal(input.line.number, 2);
});

test("a line without an end is refused before it fills the memory", () => {
  const input = new InputLines();
  const chunk = Buffer.alloc(1024 * 1024, 0x61);
  let taken = 0;
  const read = () => {
    for (; taken < 1000; taken++) for (const _ of input.of(chunk)) assert.fail("no line ends");
  };
  assert.throws(read, (error) => isEverytickError(error, "CLI_INPUT"));
  assert.equal(taken, limits.lineBytes / chunk.length);
  assert.equal(
    [...new InputLines().of(Buffer.from(`${"a".repeat(limits.lineBytes)}\n`))].length,
    1,
  );
});
