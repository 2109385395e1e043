import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { RandomStreams } from "../../src/world/random.ts";
import { refusal } from "../runs/memory-runs.ts";

const mask = 0xffff_ffffn;

/** sfc32 as `docs/format.md`, section 11 writes it down, in arithmetic that cannot overflow. */
class NaiveSfc32 {
  #words: [bigint, bigint, bigint, bigint];

  constructor(seed: number, stream: string) {
    const digest = createHash("sha256").update(`everytick random\n${seed}\n${stream}`).digest();
    const [a, b, c] = [0, 4, 8].map((offset) => BigInt(digest.readUInt32LE(offset)));
    this.#words = [a as bigint, b as bigint, c as bigint, 1n];
    for (let draw = 0; draw < 12; draw++) this.next();
  }

  next(): number {
    const [a, b, c, counter] = this.#words;
    const result = (a + b + counter) & mask;
    const rotated = ((c << 21n) | (c >> 11n)) & mask;
    this.#words = [
      b ^ (b >> 9n),
      (c + (c << 3n)) & mask,
      (rotated + result) & mask,
      (counter + 1n) & mask,
    ];
    return Number(result);
  }
}

function streams(seed = 1, ...more: readonly string[]): RandomStreams {
  const random = new RandomStreams(["main", ...more]);
  random.seed(seed);
  return random;
}

test("W2: a stream is the generator that the format page describes", () => {
  for (const seed of [0, 1, -1, 42, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
    const random = streams(seed, "weather", "ä b");
    for (const name of random.names) {
      const naive = new NaiveSfc32(seed, name);
      const stream = random.main.stream(name);
      for (let draw = 0; draw < 1000; draw++) assert.equal(stream.uint32(), naive.next());
    }
  }
});

test("W2: the first draws of seed 0 are these, on every machine", () => {
  const { main } = streams(0);
  const naive = new NaiveSfc32(0, "main");
  const draws = Array.from({ length: 4 }, () => main.uint32());
  assert.deepEqual(
    draws,
    Array.from({ length: 4 }, () => naive.next()),
  );
  assert.deepEqual(draws, [3055264181, 443510775, 1360005994, 3181110514]);
});

test("W2: streams of other names and seeds are others, and do not disturb each other", () => {
  const draw = (random: RandomStreams, name: string): string => {
    const stream = random.main.stream(name);
    return Array.from({ length: 8 }, () => stream.uint32()).join();
  };
  const all = [streams(1, "a", "b"), streams(2, "a", "b")].flatMap((random) =>
    ["main", "a", "b"].map((name) => draw(random, name)),
  );
  assert.equal(new Set(all).size, all.length);

  // Declared or not, drawn from or not: another stream changes nothing.
  const alone = streams(1);
  const amongOthers = streams(1, "a", "b");
  draw(amongOthers, "a");
  assert.equal(draw(alone, "main"), draw(amongOthers, "main"));
  assert.equal(amongOthers.main.stream("a").stream("main"), amongOthers.main);
});

test("W2: a stream that was not declared is refused, and the declared ones named", async () => {
  const { main } = streams(1, "weather");
  for (const name of ["wether", "__proto__", "constructor", "toString"]) {
    await refusal(() => main.stream(name), "WORLD_STREAM", { expected: /main, weather/ });
  }
});

test("W2: the words are the whole state: copied elsewhere, the stream draws on exactly", () => {
  const [one, other] = [streams(7, "weather"), streams(8, "weather")];
  for (let draw = 0; draw < 5; draw++) {
    one.main.normal();
    one.main.stream("weather").int(10);
  }
  other.words.set(one.words);
  for (let draw = 0; draw < 100; draw++) {
    assert.equal(one.main.normal(), other.main.normal());
    assert.equal(one.main.stream("weather").float(), other.main.stream("weather").float());
  }
});

/** Draws for each look at a distribution; the seed is 1. */
const count = 40_000;

test("W2: float has 53 bits below 1", () => {
  const { main } = streams();
  let [sum, fine] = [0, 0];
  for (let draw = 0; draw < count; draw++) {
    const float = main.float();
    assert(float >= 0 && float < 1);
    assert.equal((float * 2 ** 53) % 1, 0);
    if ((float * 2 ** 52) % 1 !== 0) fine++;
    sum += float;
  }
  assert(Math.abs(sum / count - 0.5) < 0.01);
  assert(Math.abs(fine / count - 0.5) < 0.02, "the last bit is drawn too");
});

test("W2: int is even over its range", () => {
  const { main } = streams();
  for (const end of [1, 2, 3, 7, 100]) {
    const counts = Array.from({ length: end }, () => 0);
    for (let draw = 0; draw < count; draw++) counts[main.int(end)]! += 1;
    const expected = count / end;
    const chi2 = counts.reduce((sum, found) => sum + (found - expected) ** 2 / expected, 0);
    assert(chi2 < end - 1 + 5 * Math.sqrt(2 * end), `chi² ${chi2} for ${end}`);
  }
  for (let draw = 0; draw < 100; draw++) {
    const large = main.int(2 ** 32);
    assert(Number.isInteger(large) && large >= 0 && large < 2 ** 32);
    assert(main.int(2 ** 31 + 1) <= 2 ** 31);
  }
});

test("W2: int draws again where the rest would favour low numbers", () => {
  // With 2^31 + 1 nearly half of all draws lie beyond the last whole range.
  const [main, raw] = [streams().main, streams().main];
  let taken = 0;
  for (let draw = 0; draw < 1000; draw++) {
    let expected = raw.uint32();
    while (expected >= 2 ** 31 + 1) {
      expected = raw.uint32();
      taken++;
    }
    assert.equal(main.int(2 ** 31 + 1), expected);
  }
  assert(taken > 900 && taken < 1100, String(taken));
});

test("W2: chance and normal", () => {
  const { main } = streams();
  let [hits, sum, squares, far] = [0, 0, 0, 0];
  for (let draw = 0; draw < count; draw++) {
    if (main.chance(0.3)) hits++;
    const normal = main.normal();
    assert(Number.isFinite(normal));
    sum += normal;
    squares += normal ** 2;
    if (Math.abs(normal) > 2) far++;
  }
  assert(Math.abs(hits / count - 0.3) < 0.01);
  assert(Math.abs(sum / count) < 0.02);
  assert(Math.abs(squares / count - 1) < 0.03);
  assert(Math.abs(far / count - 0.0455) < 0.005);
  assert(!main.chance(0) && main.chance(1));
});

test("W2: shuffle gives every order, in place, of lists and arrays", () => {
  const { main } = streams();
  const orders = new Map<string, number>();
  for (let draw = 0; draw < count; draw++) {
    const list = [1, 2, 3];
    assert.equal(main.shuffle(list), list);
    const order = list.join("");
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  assert.equal(orders.size, 6);
  for (const found of orders.values()) assert(Math.abs(found / count - 1 / 6) < 0.01);
  const array = main.shuffle(Uint8Array.of(1, 2, 3, 4, 5));
  assert.deepEqual(array.toSorted(), Uint8Array.of(1, 2, 3, 4, 5));
  assert.deepEqual(main.shuffle([]), []);
});

test("W2: shuffle draws once for each place but the first, from the last down", () => {
  const [main, raw] = [streams().main, streams().main];
  for (const length of [0, 1, 2, 9]) {
    const expected = Array.from({ length }, (_, i) => i);
    for (let last = length - 1; last > 0; last--) {
      const other = raw.int(last + 1);
      [expected[last], expected[other]] = [expected[other] as number, expected[last] as number];
    }
    assert.deepEqual(main.shuffle(Array.from({ length }, (_, i) => i)), expected);
    // Nothing more was drawn, or a resumed run would go another way.
    assert.equal(main.uint32(), raw.uint32());
  }
});

test("W2: int refuses a range that it cannot draw from", async () => {
  const { main } = streams();
  for (const end of [0, -1, 1.5, Number.NaN, Infinity, 2 ** 32 + 1, "6", undefined]) {
    await refusal(() => main.int(end as number), "WORLD_VALUE", { where: /int/ });
  }
});
