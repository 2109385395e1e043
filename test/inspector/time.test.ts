import assert from "node:assert/strict";
import { test } from "node:test";
import { keyText, pressedKey } from "../../inspector/src/model/keys.ts";
import { otherSpeed, playedOn, strideOf } from "../../inspector/src/model/playback.ts";
import { shifted, zoomed } from "../../inspector/src/model/zoom.ts";

const base = { position: 100, direction: 1, speed: 1, firstTick: 0, lastTick: 1000 } as const;

test("up to speed 1 play asks for each tick in turn, however late the picture comes", () => {
  assert.equal(playedOn(base, 100, 0.25), 102);
  assert.equal(playedOn({ ...base, direction: -1 }, 100, 0.25), 98);
  assert.equal(playedOn({ ...base, speed: 0.01 }, 100, 1), 100.6);
});

test("faster than that, time decides; play stays within the range both ways", () => {
  assert.equal(playedOn({ ...base, speed: 4 }, 100, 0.5), 220);
  assert.equal(playedOn({ ...base, speed: 10_000 }, 100, 1), 1000);
  assert.equal(playedOn({ ...base, speed: 10_000, direction: -1 }, 100, 1), 0);
  assert.equal(strideOf(0.1), 1);
  assert.equal(strideOf(64), 64);
});

test("speed goes from 0.01 to 10,000 and back to 1", () => {
  let speed = 1;
  for (let i = 0; i < 30; i++) speed = otherSpeed(speed, 2);
  assert.equal(speed, 10_000);
  for (let i = 0; i < 60; i++) speed = otherSpeed(speed, 0.5);
  assert.equal(speed, 0.01);
  assert.equal(otherSpeed(otherSpeed(1, 2), 0.5), 1);
});

test("the timeline zooms around a tick that keeps its place, and never leaves the run", () => {
  const whole = { from: 0, to: 99_999 };
  const near = zoomed(whole, whole, 50_000, 0.5);
  assert.deepEqual(near, { from: 25_000, to: 74_999 });
  assert.deepEqual(zoomed(whole, whole, 0, 0.5), { from: 0, to: 49_999 });
  assert.equal(zoomed(near, whole, 50_000, 2), undefined, "the whole run needs no window");
  assert.deepEqual(shifted(near, whole, 90_000), { from: 50_000, to: 99_999 });
  const one = { from: 5, to: 5 };
  assert.equal(zoomed(one, one, 5, 0.5), undefined, "a run of one tick has nothing to zoom");
  let span = whole;
  for (let i = 0; i < 40; i++) span = zoomed(span, whole, 123, 0.5) ?? span;
  assert.equal(span.to - span.from + 1, 20);
  assert(span.from <= 123 && span.to >= 123);
});

test("keys are told apart by what is held, letters not by their case", () => {
  const none = { shiftKey: false, altKey: false, ctrlKey: false, metaKey: false };
  assert.equal(pressedKey({ ...none, key: " " }), "Space");
  assert.equal(pressedKey({ ...none, key: "K" }), "k");
  assert.equal(pressedKey({ ...none, key: "k", metaKey: true }), "Mod+k");
  assert.equal(pressedKey({ ...none, key: "ArrowRight", shiftKey: true }), "Shift+ArrowRight");
  assert.equal(pressedKey({ ...none, key: "ArrowLeft", altKey: true }), "Alt+ArrowLeft");
  assert.equal(pressedKey({ ...none, key: "?", shiftKey: true }), "?");
  assert.equal(pressedKey({ ...none, key: "+", shiftKey: true }), "+");
  assert.equal(keyText("Mod+k", false), "Ctrl K");
  assert.equal(keyText("Mod+k", true), "⌘K");
  assert.equal(keyText("Shift+ArrowRight", false), "Shift →");
});
