import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, value, type LiveRun, type StateOf } from "everytick";
import { bytesBelow, folder, memoryRuns, refusal, type Memory } from "../runs/memory-runs.ts";

function definition() {
  return {
    cells: grid("u8", [2, 3]),
    seen: grid("f32", [2], { role: "observed" }),
    weather: value({ rain: "f64", season: "utf8", notes: "json", big: "u64", raw: "bytes" }),
  };
}
type Definition = ReturnType<typeof definition>;

function fill(state: StateOf<Definition>, tick: number): void {
  state.cells.fill(tick);
  state.seen.fill(tick / 2);
  const raw = new Uint8Array(tick);
  Object.assign(state.weather, { rain: -tick, season: `s${tick}`, notes: [tick], big: 1n, raw });
}

async function recorded(): Promise<{ memory: Memory; run: LiveRun<Definition> }> {
  const memory = await memoryRuns();
  const run = await memory.runs.record("again", { state: definition() });
  for (let tick = 1; tick <= 4; tick++) {
    fill(run.state, tick);
    await run.commit();
  }
  return { memory, run };
}

test("C3: a recorded tick with the same state is accepted, and nothing is written", async () => {
  const { memory, run } = await recorded();
  const before = bytesBelow(memory.ports.vfs, folder);
  for (const tick of [1, 4, 2, 3]) {
    fill(run.state, tick);
    const ack = await run.commit({ tick, simTime: 99, wallTime: 99 });
    assert.deepEqual(ack, { tick, durableTick: 4, durability: "fsync" });
  }
  assert.deepEqual(bytesBelow(memory.ports.vfs, folder), before);
  assert.equal(run.tick, 4);
  assert.deepEqual([run.simTime, (await run.at(4)).simTime], [4, 4]);
});

test("C3: another state is refused with the first difference, and nothing is written", async () => {
  const { memory, run } = await recorded();
  const before = bytesBelow(memory.ports.vfs, folder);
  const cases: readonly (readonly [
    (state: StateOf<Definition>) => void,
    RegExp,
    RegExp,
    RegExp,
  ])[] = [
    [({ cells }) => (cells[4] = 7), /^tick 3, cells\[4\]$/, /^3$/, /^7$/],
    [({ seen }) => (seen[1] = 0.25), /^tick 3, seen\[1\]$/, /^1\.5$/, /^0\.25$/],
    [({ weather }) => (weather.rain = 0), /^tick 3, weather\.rain$/, /^-3$/, /^0$/],
    [({ weather }) => (weather.season = ""), /weather\.season$/, /^"s3"$/, /^""$/],
    [({ weather }) => (weather.notes = null), /weather\.notes$/, /^\[3\]$/, /^null$/],
    [({ weather }) => (weather.big = 2n), /weather\.big$/, /^1n$/, /^2n$/],
    [({ weather }) => (weather.raw = new Uint8Array(9)), /raw$/, /^3 bytes$/, /^9 bytes$/],
    [(state) => fill(state, 4), /^tick 3, cells\[0\]$/, /^3$/, /^4$/],
  ];
  for (const [change, where, expected, found] of cases) {
    fill(run.state, 3);
    change(run.state);
    const details = { where, expected, found, next: /./ };
    await refusal(async () => run.commit({ tick: 3 }), "RECORDER_CONFLICT", details);
  }
  assert.deepEqual(bytesBelow(memory.ports.vfs, folder), before);
  fill(run.state, 5);
  assert.equal((await run.commit()).tick, 5);
});

test("C3: bits decide: −0 is not 0, and a NaN is its payload", async () => {
  const { runs } = await memoryRuns();
  await using run = await runs.record("bits", { state: { f: grid("f64", [2]) } });
  const bits = new BigUint64Array(run.state.f.buffer);
  bits.set([0x7ff8_0000_0000_0001n, 0n]);
  await run.commit();
  await run.commit({ tick: 1 });
  bits[0] = 0x7ff8_0000_0000_0002n;
  await refusal(async () => run.commit({ tick: 1 }), "RECORDER_CONFLICT", { where: /f\[0\]/ });
  bits.set([0x7ff8_0000_0000_0001n, 0x8000_0000_0000_0000n]);
  const details = { where: /f\[1\]/, expected: /^0$/, found: /^-0$/ };
  await refusal(async () => run.commit({ tick: 1 }), "RECORDER_CONFLICT", details);
});

test("C3: explicit changes are compared by the state they lead to", async () => {
  const { run } = await recorded();
  const value3 = { rain: -3, season: "s3", notes: [3], raw: new Uint8Array(3) };
  const cells = { index: [0, 1, 2, 3, 4, 5], value: [3, 3, 3, 3, 3, 3] };
  const seen = { index: [0, 1], value: [1.5, 1.5] };
  await run.commit({ tick: 3, changes: { cells, seen, weather: value3 } });
  // Writes of bits that stand there already are no difference.
  await run.commit({ tick: 3, changes: { cells, seen, weather: { ...value3, big: 1n } } });
  const missing = { cells, weather: value3 };
  const details = { where: /seen\[0\]/, expected: /^1\.5$/, found: /^1$/ };
  await refusal(
    async () => run.commit({ tick: 3, changes: missing }),
    "RECORDER_CONFLICT",
    details,
  );
  const other = { ...cells, value: [3, 3, 3, 3, 3, 4] };
  await refusal(
    async () => run.commit({ tick: 3, changes: { cells: other, seen, weather: value3 } }),
    "RECORDER_CONFLICT",
    { where: /^tick 3, cells\[5\]$/, expected: /^3$/, found: /^4$/ },
  );
  // Comparing applied nothing to the live state.
  assert.deepEqual([...run.state.cells], [4, 4, 4, 4, 4, 4]);
});

test("C3: the first tick can be committed again, as a state and as changes", async () => {
  const { run } = await recorded();
  await run.commit({ tick: 0, changes: {} });
  fill(run.state, 0);
  Object.assign(run.state.weather, { rain: 0, season: "", notes: null, big: 0n });
  await run.commit({ tick: 0 });
  await refusal(
    async () => run.commit({ tick: 0, changes: { cells: { index: [0], value: [1] } } }),
    "RECORDER_CONFLICT",
    { where: /^tick 0, cells\[0\]$/ },
  );
});

test("C3: a recorded tick is compared after a resume, and random draws do not matter", async () => {
  const { memory, run } = await recorded();
  await run.close();
  const other = await memory.runs.record("again", { state: definition(), resume: "only" });
  other.random.uint32();
  for (const tick of [1, 2, 3, 4]) {
    fill(other.state, tick);
    assert.equal((await other.commit({ tick })).tick, tick);
  }
  fill(other.state, 2);
  await refusal(async () => other.commit({ tick: 3 }), "RECORDER_CONFLICT");
});

test("C3: a tick before the last that is not recorded cannot be committed", async () => {
  const { runs } = await memoryRuns();
  await using sparse = await runs.record("sparse", { state: definition(), sparse: true });
  await sparse.commit({ tick: 5 });
  await refusal(async () => sparse.commit({ tick: 3 }), "TIMELINE_TICK", { next: /0 and 5/ });
  await using gapped = await runs.record("gapped", { state: definition() });
  await gapped.gap({ until: 3, reason: "asleep" });
  await gapped.commit();
  const next = /0 and 4/;
  await refusal(async () => gapped.commit({ tick: 2 }), "TIMELINE_GAP", { found: /asleep/, next });
});
