import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { keysIn } from "../../../src/cli/play/keys.ts";
import {
  advance,
  type Playable,
  type Player,
  press,
  startAt,
} from "../../../src/cli/play/player.ts";

const run: Playable = { first: 3, last: 50, stores: 3, isLive: false, scrollMax: 20 };
const start = startAt(10, 0, 0);

function after(keys: string, player: Player = start, playable: Playable = run): Player {
  return keysIn(keys).reduce((each, key) => press(each, key, playable), player);
}

test("steps stay within the run, and say from where a tick is looked for", () => {
  assert.deepEqual(after("\u001B[C"), { ...start, tick: 11, towards: 1 });
  assert.deepEqual(after("\u001B[D"), { ...start, tick: 9, towards: -1 });
  assert.equal(after("\u001B[1;2D").tick, 3);
  assert.equal(after("\u001B[F\u001B[C").tick, 50);
  assert.equal(after("\u001B[H").tick, 3);
});

test("a tick that is typed is gone to, corrected, or given up", () => {
  assert.equal(after("g4").typed, "4");
  assert.equal(after("g4").tick, 10);
  assert.deepEqual(after("g47\u007F2\r"), { ...start, tick: 42 });
  assert.deepEqual(after("g999999999999999999\r"), { ...start, tick: 50 });
  assert.deepEqual(after("g0\r"), { ...start, tick: 3 });
  for (const keys of ["g\r", "g4\u001B", "g4\u007F\u007F\r", "4", "\r", "\u007F"]) {
    assert.deepEqual(after(keys), start, JSON.stringify(keys));
  }
  assert.deepEqual(after("g4\u001B[C"), { ...start, tick: 11, towards: 1 });
  assert.deepEqual(after("g4q"), { ...start, typed: "4", hasQuit: true });
});

test("play begins anew at the end, and waits there for a run that grows", () => {
  assert.deepEqual(after(" "), { ...start, isPlaying: true });
  assert.deepEqual(after("  "), start);
  assert.equal(after("\u001B[F ").tick, 3);
  assert.equal(after("r\u001B[H ").tick, 50);
  const live = { ...run, isLive: true };
  assert.equal(after("\u001B[F ", start, live).tick, 50);
  assert.equal(after("r\u001B[H ", start, live).tick, 50);
});

test("it goes on in its direction, and stops at the end unless more is to come", () => {
  const playing = after(" ");
  assert.deepEqual(advance(playing, 4, run), { ...playing, tick: 14, towards: 1 });
  assert.deepEqual(advance(playing, 99, run), {
    ...playing,
    tick: 50,
    towards: 1,
    isPlaying: false,
  });
  const backwards = after("r ");
  assert.deepEqual(advance(backwards, 7, run), { ...backwards, tick: 3, isPlaying: false });
  const live = { ...run, isLive: true };
  const waiting = advance(playing, 99, live);
  assert.equal(waiting.isPlaying, true);
  assert.equal(advance(waiting, 5, live), waiting, "nothing is new");
  assert.equal(advance(backwards, 99, live).isPlaying, false);
});

test("speed doubles and halves within bounds", () => {
  assert.equal(after("++").speed, 64);
  assert.equal(after("--").speed, 4);
  assert.equal(after("+".repeat(40)).speed, 8192);
  assert.equal(after("-".repeat(40)).speed, 0.25);
});

test("stores go round; another store is seen from its beginning", () => {
  assert.equal(after("\t\t\t").store, 0);
  assert.equal(after("\u001B[Z").store, 2);
  assert.deepEqual(after("]\u001B[B\t"), { ...start, store: 1 });
});

test("scrolling ends where the rows do, also where some have gone", () => {
  assert.equal(after("\u001B[A").scroll, 0);
  assert.equal(after("\u001B[6~".repeat(5)).scroll, 20);
  const scrolled = after("\u001B[6~".repeat(5));
  assert.equal(after("\u001B[A", scrolled, { ...run, scrollMax: 7 }).scroll, 6);
  assert.equal(after("\u001B[B", scrolled, { ...run, scrollMax: 0 }).scroll, 0);
});

test("no keys lead out of the run, seed 1", () => {
  const sequences = [
    " ",
    "\u001B[C",
    "\u001B[1;2D",
    "\u001B[F",
    "g",
    "9",
    "\r",
    "r",
    "+",
    "\t",
    "]",
  ];
  const pressed = fc.array(fc.constantFrom(...sequences), { maxLength: 60 });
  const property = fc.property(pressed, fc.nat({ max: 40 }), (keys, ticks) => {
    let player = start;
    for (const each of keys) {
      player = after(each, player);
      if (player.isPlaying) player = advance(player, ticks, run);
      assert(player.tick >= run.first && player.tick <= run.last);
      assert(player.store >= 0 && player.store < run.stores);
    }
  });
  fc.assert(property, { seed: 1, numRuns: 500 });
});
