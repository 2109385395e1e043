import assert from "node:assert/strict";
import { test } from "node:test";
import { keysIn } from "../../../src/cli/play/keys.ts";

const names = (text: string): string[] => keysIn(text).map((key) => JSON.stringify(key));
const key = (name: string, more: object = {}): string => JSON.stringify({ name, ...more });

test("every key is found, alone and among others", () => {
  const cases: readonly (readonly [string, string])[] = [
    [" ", key("toggle")],
    ["\u001B[C", key("step", { by: 1 })],
    ["\u001BOD", key("step", { by: -1 })],
    ["\u001B[1;2C", key("step", { by: 10 })],
    ["\u001B[1;2D", key("step", { by: -10 })],
    ["\u001B[A", key("scroll", { by: -1 })],
    ["\u001B[6~", key("scroll", { by: 10 })],
    ["\u001B[H", key("first")],
    ["\u001B[4~", key("last")],
    ["\t", key("store", { by: 1 })],
    ["\u001B[Z", key("store", { by: -1 })],
    ["[", key("slice", { by: -1 })],
    ["]", key("slice", { by: 1 })],
    ["r", key("reverse")],
    ["=", key("faster")],
    ["-", key("slower")],
    ["g", key("goto")],
    ["7", key("digit", { digit: "7" })],
    ["\u007F", key("erase")],
    ["\r", key("accept")],
    ["\u0003", key("quit")],
    ["\u001A", key("suspend")],
    ["q", key("quit")],
  ];
  for (const [text, found] of cases) assert.deepEqual(names(text), [found]);
  const all = cases.map(([text]) => text).join("");
  assert.deepEqual(
    names(all),
    cases.map(([, found]) => found),
  );
});

test("what is no key does nothing, and its parts are no keys", () => {
  for (const text of [
    "x",
    "é",
    "羊",
    "\u001B[1;5q",
    "\u001B[200~",
    "\u001BOq",
    "\u001B[3;",
    "\u001B[",
  ]) {
    assert.deepEqual(keysIn(text), [], JSON.stringify(text));
  }
  assert.deepEqual(names("\u001B[15~q"), [key("quit")]);
  assert.deepEqual(names("toString".slice(0, 1)), []);
});

test("an escape is a key where no sequence follows", () => {
  assert.deepEqual(names("\u001B"), [key("cancel")]);
  assert.deepEqual(names("\u001B\u001B[C"), [key("cancel"), key("step", { by: 1 })]);
  assert.deepEqual(names("\u001Bq"), [key("cancel"), key("quit")]);
});
