import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { grid, value, type Element, type StateDefinition } from "everytick";
import { Image } from "../../../src/format/image.ts";
import { layoutOf, type Layout } from "../../../src/format/layout.ts";
import { LiveState } from "../../../src/world/state/live-state.ts";
import { RandomStreams } from "../../../src/world/random.ts";
import { schemaOf } from "../../../src/world/schema.ts";
import { Memory } from "../web-assembly.ts";
import { bitsOf, refusal } from "../../runs/memory-runs.ts";

function liveState(state: StateDefinition): { live: LiveState; layout: Layout } {
  const schema = schemaOf({ name: "live", version: 1, params: {}, state });
  const layout = layoutOf(schema);
  return { live: new LiveState(state, schema, layout, new RandomStreams(["main"])), layout };
}

/** The state of `live` as an image, as a recording has it. */
function imageOf({ live, layout }: ReturnType<typeof liveState>): Image {
  const image = new Image(layout);
  live.capture().forEach((columns, store) => {
    columns.forEach(({ bytes, values }, column) => {
      image.column(store, column).bytes.set(bytes);
      values.forEach((text, row) => (image.column(store, column).values[row] = text));
    });
  });
  return image;
}

test("an engine-owned grid is an array of its class, and starts as nothing", () => {
  const { live } = liveState({ a: grid("f16", [2, 3]), b: grid("u64", [4]) });
  const state = live.state as { a: Float16Array; b: BigUint64Array };
  assert.deepEqual([state.a, state.b], [new Float16Array(6), new BigUint64Array(4)]);
  assert.equal(state.a, state.a);
  assert(Object.isFrozen(live.state));
});

test("a value store starts as zeros, empty text, null and no bytes", () => {
  const { live } = liveState({
    w: value({ n: "f64", big: "i64", text: "utf8", any: "json", raw: "bytes" }),
  });
  const { w } = live.state as { w: Record<string, Element> };
  assert.deepEqual({ ...w }, { n: 0, big: 0n, text: "", any: null, raw: new Uint8Array(0) });
  assert.throws(() => Object.assign(w, { other: 1 }), TypeError);
  assert.equal(inspect({ ...w, n: 1 }), inspect(Object.assign({ ...w }, { n: 1 })));
  assert.match(inspect(w), /n: 0, big: 0n|n: 0,\n/);
});

test("W4: a number that its column cannot hold is refused when it is set, and the old one stays", async () => {
  const { live } = liveState({ w: value({ small: "u8", big: "i64", float: "f32" }) });
  const { w } = live.state as { w: Record<string, Element> };
  Object.assign(w, { small: 255, big: -(2n ** 63n), float: -0 });
  for (const [column, wrong] of [
    ["small", 256],
    ["small", -1],
    ["small", 0.5],
    ["small", "1"],
    ["big", 1],
    ["big", 2n ** 63n],
    ["float", 1n],
    ["float", undefined],
  ] as const) {
    const set = (): unknown => Object.assign(w, { [column]: wrong });
    await refusal(set, "WORLD_VALUE", { where: new RegExp(`^w\\.${column}$`) });
  }
  assert.deepStrictEqual({ ...w }, { small: 255, big: -(2n ** 63n), float: -0 });
});

test("W4: text, json and bytes are checked when they are set", async () => {
  const { live } = liveState({ w: value({ text: "utf8", any: "json", raw: "bytes" }) });
  const { w } = live.state as { w: Record<string, unknown> };
  for (const [column, wrong] of [
    ["text", "\ud800"],
    ["any", new Date(0)],
    ["any", undefined],
    ["raw", "text"],
  ] as const) {
    await refusal(() => (w[column] = wrong), "WORLD_VALUE", { where: new RegExp(`w\\.${column}`) });
  }
  assert.deepEqual({ ...w }, { text: "", any: null, raw: new Uint8Array(0) });
});

test("W4: json that was changed in place is checked again when it is taken", async () => {
  const { live } = liveState({ w: value({ any: "json" }) });
  const { w } = live.state as { w: { any: unknown } };
  const list: unknown[] = [];
  w.any = list;
  list.push(new Date(0));
  await refusal(() => live.capture(), "WORLD_VALUE", { where: /w\.any\[0\]/ });
  list.pop();
  live.capture();
});

test("W4: the bits of every array are taken and given back exactly", () => {
  const given = liveState({ f: grid("f64", [4]), h: grid("f16", [4]), i: grid("i64", [2]) });
  const { f, h, i } = given.live.state as { f: Float64Array; h: Float16Array; i: BigInt64Array };
  new BigUint64Array(f.buffer).set([0x7ff0_0000_dead_beefn, 0x8000_0000_0000_0000n, 1n, ~0n]);
  new Uint16Array(h.buffer).set([0x7c01, 0x8000, 0xfc00, 0x7e55]);
  i.set([-(2n ** 63n), 2n ** 53n + 1n]);
  const taken = liveState({ f: grid("f64", [4]), h: grid("f16", [4]), i: grid("i64", [2]) });
  taken.live.load(imageOf(given));
  const other = taken.live.state as typeof given.live.state & { f: Float64Array; h: Float16Array };
  assert.equal(bitsOf(other.f), bitsOf(f));
  assert.equal(bitsOf(other.h), bitsOf(h));
});

test("W5: an array of another length or type is refused, with both told", async () => {
  let array: unknown = new Uint8Array(4);
  const { live } = liveState({ cells: grid(() => array as Uint8Array, [4]) });
  for (const [other, found] of [
    [new Uint8Array(3), /^3 elements of u8$/],
    [new Uint8Array(5), /^5 elements of u8$/],
    [new Int8Array(4), /^4 elements of i8$/],
    [new Float32Array(4), /^4 elements of f32$/],
    [[1, 2, 3, 4], /object/],
    [undefined, /undefined/],
    [null, /./],
    [new ArrayBuffer(4), /object/],
  ] as const) {
    array = other;
    const details = { where: /store cells/, expected: /^4 elements of u8$/, found };
    await refusal(() => live.capture(), "WORLD_ARRAY", details);
  }
  array = Buffer.alloc(4);
  live.capture();
});

test("W5: a bound array is the caller's own, read and written in place", () => {
  const own = Int32Array.of(1, 2, 3, 4, 5, 6);
  const middle = own.subarray(1, 5);
  const bound = liveState({ cells: grid(middle, [2, 2]) });
  assert.equal((bound.live.state as { cells: Int32Array }).cells, middle);
  const image = imageOf(bound);
  middle.fill(0);
  bound.live.load(image);
  assert.deepEqual([...own], [1, 2, 3, 4, 5, 6]);
});

test("W5: a bound array may lie in shared memory", () => {
  const shared = new Uint16Array(new SharedArrayBuffer(8));
  shared.set([1, 2, 3, 4]);
  const bound = liveState({ cells: grid(shared, [4]) });
  const image = imageOf(bound);
  shared.fill(0);
  bound.live.load(image);
  assert.deepEqual([...shared], [1, 2, 3, 4]);
});

test("W5: memory that grows moves its arrays, and is followed by a function alone", async () => {
  const memory = new Memory({ initial: 1, maximum: 3 });
  const view = (): Float32Array => new Float32Array(memory.buffer, 16, 3);
  const moving = liveState({ cells: grid(view, [3]) });
  const stuck = liveState({ cells: grid(view(), [3]) });
  view().set([1, 2, 3]);
  stuck.live.capture();
  memory.grow(1);
  assert.deepEqual(imageOf(moving).column(0, 0).bytes, new Uint8Array(memory.buffer.slice(16, 28)));
  const details = { found: /0 elements of f32/, next: /function/ };
  await refusal(() => stuck.live.capture(), "WORLD_ARRAY", details);
  const image = imageOf(moving);
  memory.grow(1);
  view().fill(0);
  moving.live.load(image);
  assert.deepEqual([...view()], [1, 2, 3]);
});

test("stores and columns may have names of Object's own", () => {
  const names = ["__proto__", "constructor", "toString", "then", "valueOf"];
  const columns = Object.fromEntries(names.map((name) => [name, "u8"] as const));
  const stores = Object.fromEntries(names.map((name) => [name, value(columns)] as const));
  const { live } = liveState(stores);
  assert.deepEqual(Object.keys(live.state), names);
  for (const name of names) {
    const record = (live.state as Record<string, Record<string, number>>)[name] as Record<
      string,
      number
    >;
    assert.deepEqual(Object.keys(record), names);
    for (const column of names) {
      record[column] = 7;
      assert.equal(record[column], 7);
    }
  }
  assert.equal(({} as Record<string, unknown>)["7"], undefined);
});
