import assert from "node:assert/strict";
import { test } from "node:test";
import { FreeSlots } from "../../../src/world/state/free-slots.ts";
import { Choices } from "../../model/choices.ts";

test("W6: the lowest free slot is found whatever was freed and taken before, seeds 1 to 40", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const choices = new Choices(seed);
    const free = new FreeSlots();
    const naive = new Set<number>();
    let capacity = choices.pick([1, 31, 32, 33, 1025, 40_000]);
    free.reserve(capacity);
    for (let step = 0; step < 300; step++) {
      const slot = choices.below(capacity);
      const kind = choices.below(10);
      if (kind < 5) {
        free.add(slot);
        naive.add(slot);
      } else if (kind < 9) {
        const lowest = naive.size === 0 ? -1 : Math.min(...naive);
        assert.equal(free.lowest(), lowest);
        if (lowest !== -1) free.delete(lowest);
        naive.delete(lowest);
      } else if (capacity < 200_000) {
        capacity *= 2;
        free.reserve(capacity);
      }
    }
    const runs: number[] = [];
    free.forEachRun((begin, end) => {
      for (let slot = begin; slot < end; slot++) runs.push(slot);
    });
    assert.deepEqual(
      runs,
      [...naive].sort((a, b) => a - b),
    );
    free.clear();
    assert.equal(free.lowest(), -1);
  }
});

test("whole words of free slots are one run", () => {
  const free = new FreeSlots();
  free.reserve(256);
  for (let slot = 32; slot < 224; slot++) free.add(slot);
  const runs: [number, number][] = [];
  free.forEachRun((begin, end) => runs.push([begin, end]));
  assert.deepEqual(runs, [[32, 224]]);
});

test("W6: what is free stays so while levels are added above it, one at each power of 32", () => {
  for (const slots of [[], [0], [31], [0, 31], [5, 17]]) {
    const free = new FreeSlots();
    free.reserve(32);
    for (const slot of slots) free.add(slot);
    for (const capacity of [33, 1024, 1025, 32_768, 32_769, 1_048_577, 16_777_216]) {
      free.reserve(capacity);
      assert.equal(free.lowest(), slots[0] ?? -1, `${capacity}`);
      // The highest slot is found through every level.
      free.add(capacity - 1);
      for (const slot of slots) free.delete(slot);
      assert.equal(free.lowest(), capacity - 1);
      free.delete(capacity - 1);
      assert.equal(free.lowest(), -1);
      for (const slot of slots) free.add(slot);
    }
  }
});

test("W6: a slot that is freed twice, or taken though it was not free, is what it was", () => {
  const free = new FreeSlots();
  free.reserve(4096);
  for (const slot of [40, 40, 2000, 2000]) free.add(slot);
  free.delete(40);
  free.delete(40);
  free.delete(41);
  assert.equal(free.lowest(), 2000);
  free.delete(2000);
  assert.equal(free.lowest(), -1);
});
