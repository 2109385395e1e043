/** Recording and replay of cellular automata: what a recording must show of every tick. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { coordinatesOf, indexOf, type Change } from "everytick";
import { Choices } from "../model/choices.ts";
import { differences, recordLife } from "./life.ts";

const shape = [24, 30] as const;
const deep = [6, 8, 10] as const;
const chunk = [8, 8] as const;

/** The changes of one tick in one chunk of the grid. */
interface ChunkEvent {
  readonly tick: number;
  readonly chunk: readonly number[];
  readonly changes: readonly Change[];
}

function eventsOf(tick: number, changes: readonly Change[]): ChunkEvent[] {
  const chunkOf = ({ index }: Change): string =>
    coordinatesOf(index, shape)
      .map((at, axis) => Math.floor(at / (chunk[axis] as number)))
      .join();
  return Object.entries(Object.groupBy(changes, chunkOf)).map(([key, list = []]) => {
    return { tick, chunk: key.split(",").map(Number), changes: list };
  });
}

test("TAK-01: 100 ticks are recorded change by change, and the changes are what an independent look finds", async () => {
  const { run, copies } = await recordLife({ ticks: 100, shape });
  for (let tick = 1; tick <= 100; tick++) {
    const changes = await run.changesAt(tick);
    const [before, after] = [copies[tick - 1] as Uint8Array, copies[tick] as Uint8Array];
    const expected = differences(before, after);
    assert.deepEqual(
      changes,
      expected.map((change) => ({ store: "cells", ...change })),
      `tick ${tick}`,
    );
    // One event for each chunk in which something changed, and for no other.
    const events = eventsOf(tick, changes);
    for (let row = 0; row < 3; row++) {
      for (let column = 0; column < 4; column++) {
        const inside = expected.filter(({ index }) => {
          const [y = 0, x = 0] = coordinatesOf(index, shape);
          return Math.floor(y / 8) === row && Math.floor(x / 8) === column;
        });
        const event = events.find((found) => found.chunk.join() === `${row},${column}`);
        assert.equal(
          event?.changes.length ?? 0,
          inside.length,
          `tick ${tick}, chunk ${row}, ${column}`,
        );
      }
    }
  }
});

test("TAK-02: the state at any tick is what a live copy kept", async () => {
  const { run, copies } = await recordLife({ ticks: 150, shape });
  const choices = new Choices(3);
  for (let i = 0; i < 200; i++) {
    const tick = choices.below(151);
    assert.deepEqual((await run.at(tick)).state.cells, copies[tick], `tick ${tick}`);
  }
});

test("TAK-03: the ticks from any to any other, forwards and backwards, are what a live copy kept", async () => {
  const { run, copies } = await recordLife({ ticks: 80, shape: deep, rule: "B4/S3-5" });
  for (const [from, to] of [
    [0, 80],
    [80, 0],
    [20, 61],
    [61, 20],
    [33, 33],
  ] as const) {
    let expected = from;
    for await (const { tick, state } of run.play({ from, to, verify: true })) {
      assert.equal(tick, expected);
      assert.deepEqual(state.cells, copies[tick]);
      expected += to >= from ? 1 : -1;
    }
    assert.equal(expected, to >= from ? to + 1 : to - 1);
  }
});

test("TAK-05: two recordings of the same seed agree in every digest, and of another in none", async () => {
  const digests = async (seed: number): Promise<string[][]> => {
    const { run } = await recordLife({ ticks: 60, shape: deep, rule: "B6/S5-7", seed });
    const list: string[][] = [];
    for await (const past of run.play()) list.push([past.historyDigest, past.stateDigest()]);
    // Seeking gives what playing gave.
    const past = await run.at(30);
    assert.deepEqual([past.historyDigest, past.stateDigest()], list[30]);
    return list;
  };
  const [one, two, other] = [await digests(5), await digests(5), await digests(6)];
  assert.equal(one.length, 61);
  assert.deepEqual(one, two);
  for (const [tick, pair] of one.entries())
    assert.notEqual(pair[0], other[tick]?.[0], `tick ${tick}`);
});

interface Voxel {
  readonly voxel_id: { readonly x: number; readonly y: number; readonly z: number };
  readonly old: number;
  readonly new: number;
}

/** The documents' shape of a diff: x first, and z 0 in two dimensions. */
function diffsOf(changes: readonly Change[], of: readonly number[]): Voxel[] {
  return changes.map(({ index, old, new: now }) => {
    const [x = 0, y = 0, z = 0] = coordinatesOf(index, of).reverse();
    return { voxel_id: { x, y, z }, old: old as number, new: now as number };
  });
}

test("TAK-18: a tick's changes are told as an array of { voxel_id, old, new }, and lead from state to state", async () => {
  for (const size of [shape, deep]) {
    const rule = size === deep ? "B4/S3-5" : "B3/S23";
    const { run, copies } = await recordLife({ ticks: 20, shape: size, rule });
    const cells = (copies[0] as Uint8Array).slice();
    for (let tick = 1; tick <= 20; tick++) {
      const text = JSON.stringify(diffsOf(await run.changesAt(tick), size));
      for (const diff of JSON.parse(text) as Voxel[]) {
        assert.deepEqual(Object.keys(diff), ["voxel_id", "old", "new"]);
        const { x, y, z } = diff.voxel_id;
        const index = indexOf(size === deep ? [z, y, x] : [y, x], size);
        assert(size === deep || z === 0);
        assert.equal(cells[index], diff.old);
        cells[index] = diff.new;
      }
      assert.deepEqual(cells, copies[tick]);
    }
  }
});

test("TAK-33: a chunk is rebuilt at any tick from its diffs, in whatever order they come", async () => {
  const { run, copies } = await recordLife({ ticks: 60, shape });
  const events: ChunkEvent[] = [];
  for (let tick = 0; tick <= 60; tick++) events.push(...eventsOf(tick, await run.changesAt(tick)));
  const stored = new Choices(9).shuffled(events);

  const reconstruct = (wanted: readonly number[], target: number): Map<number, number> => {
    const own = stored.filter(
      (event) => event.chunk.join() === wanted.join() && event.tick <= target,
    );
    const cells = new Map<number, number>();
    for (const { changes } of own.sort((a, b) => a.tick - b.tick)) {
      for (const change of changes) {
        assert.equal(cells.get(change.index) ?? 0, change.old);
        cells.set(change.index, change.new as number);
      }
    }
    return cells;
  };
  for (const target of [0, 1, 17, 42, 60]) {
    const { cells } = (await run.at(target)).state;
    for (const wanted of [
      [0, 0],
      [1, 3],
      [2, 1],
    ]) {
      const rebuilt = reconstruct(wanted, target);
      for (let index = 0; index < cells.length; index++) {
        const at = coordinatesOf(index, shape).map((place) => Math.floor(place / 8));
        if (at.join() !== wanted.join()) continue;
        assert.equal(rebuilt.get(index) ?? 0, cells[index], `tick ${target}, cell ${index}`);
        assert.equal(cells[index], copies[target]?.[index]);
      }
    }
  }
});

test("TAK-65: time travel tick by tick: one step back and one on, from anywhere", async () => {
  const { run, copies } = await recordLife({ ticks: 40, shape });
  const choices = new Choices(4);
  let tick = 20;
  for (let i = 0; i < 150; i++) {
    const next = Math.min(40, Math.max(0, tick + (choices.chance(0.5) ? 1 : -1)));
    const [from, to] = await Array.fromAsync(run.play({ from: tick, to: next }));
    assert.deepEqual(from?.state.cells, copies[tick]);
    assert.deepEqual((to ?? from)?.state.cells, copies[next]);
    tick = next;
  }
  // There is nothing before the first tick and behind the last.
  assert.deepEqual(await Array.fromAsync(run.play({ from: 0, to: 0 }), (past) => past.tick), [0]);
  await assert.rejects(async () => run.at(41), { code: "TIMELINE_TICK" });
});
