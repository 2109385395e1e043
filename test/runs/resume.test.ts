import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { defineWorld, grid, value, type Durability } from "everytick";
import { Memory } from "../world/web-assembly.ts";
import { memoryRuns, refusal } from "./memory-runs.ts";

const world = defineWorld({
  name: "seasons",
  version: 1,
  params: { wind: 0.5 },
  streams: ["weather"],
  eras: ["spring", "winter"],
  strata: ["surface", "deep"],
  state: {
    cells: grid("u8", [50]),
    heat: grid("f64", [50]),
    notes: value({ list: "json", text: "utf8" }),
  },
  init: ({ state }) => void (state.notes.list = []),
  step: ({ state, tick, random, params }) => {
    state.cells[random.int(50)] = random.int(256);
    state.heat[random.int(50)] = random.normal() * params.wind;
    const list = state.notes.list as readonly number[];
    state.notes.list = [...list.slice(-3), random.stream("weather").int(1000)];
    state.notes.text = `day ${tick}`;
  },
});

async function historyOf(stops: readonly number[], last: number): Promise<string> {
  const { others } = await memoryRuns({ segmentBytesMin: 3000 });
  for (const stop of [...stops, last]) {
    await using runs = await others();
    await using run = await runs.record("run", { world, seed: 11, resume: "auto" });
    if (stop > run.tick) await run.step(stop - run.tick);
  }
  await using run = await (await others()).open("run");
  assert.deepEqual((await run.verify()).damage, []);
  return (await run.at(last)).historyDigest;
}

test("R2: a run that is resumed at any tick has the history of one that never stopped", async () => {
  const whole = await historyOf([], 30);
  for (let stop = 0; stop <= 30; stop++) assert.equal(await historyOf([stop], 30), whole);
  const each = Array.from({ length: 30 }, (_, tick) => tick);
  assert.equal(await historyOf(each, 30), whole);
});

test("R2: state, random streams, tick, simulation time and era come back", async () => {
  const { runs } = await memoryRuns();
  const run = await runs.record("run", { world });
  assert.deepEqual([run.tick, run.simTime, run.era], [0, 0, "spring"]);
  await run.step(2);
  await run.commit({ simTime: 2.25, era: "winter" });
  await run.commit({ simTime: -0.1 });
  assert.deepEqual([run.tick, run.simTime, run.era], [4, -0.1, "winter"]);
  const state = [run.state.cells.slice(), run.state.heat.slice(), { ...run.state.notes }];
  await run.close();
  const next = [run.random.uint32(), run.random.stream("weather").uint32()];

  await using resumed = await runs.record("run", { world, resume: "only" });
  assert.deepEqual([resumed.tick, resumed.simTime, resumed.era], [4, -0.1, "winter"]);
  const { cells, heat, notes } = resumed.state;
  assert.deepEqual([cells, heat, { ...notes }], state);
  assert.deepEqual([resumed.random.uint32(), resumed.random.stream("weather").uint32()], next);
  assert.deepEqual(resumed.recovery, { resumed: true, tick: 4, tornBytes: 0, warnings: [] });
  assert.equal(resumed.params["wind"], 0.5);
  // The era is that of the last tick, until another is given.
  await resumed.commit();
  assert.equal((await resumed.at(5)).era, "winter");
  assert.equal((await resumed.at(2)).era, "spring");
});

test("R2: a new run says that it is new", async () => {
  const { runs } = await memoryRuns();
  await using run = await runs.record("run", { world, params: { wind: 2 }, seed: -7 });
  assert.deepEqual(run.recovery, { resumed: false, tick: 0, tornBytes: 0, warnings: [] });
  assert.deepEqual([run.params, run.card.params, run.card.seed], [{ wind: 2 }, { wind: 2 }, -7]);
  assert.deepEqual(run.card.world.strata, ["surface", "deep"]);
  assert.deepEqual(run.card.world.eras, ["spring", "winter"]);
});

test("R2: a tick may begin in any era, and an unknown one is refused", async () => {
  const { runs } = await memoryRuns();
  await using run = await runs.record("run", { world });
  const details = { expected: /spring, winter/, found: /^summer$/ };
  await refusal(async () => run.commit({ era: "summer" }), "RECORDER_OPTION", details);
  await using none = await runs.record("none", { state: { cells: grid("u8", [1]) } });
  assert.equal(none.era, undefined);
  await refusal(async () => none.commit({ era: "spring" }), "RECORDER_OPTION", {
    expected: /none/,
  });
  assert.deepEqual([run.tick, none.tick], [0, 0]);
});

describe("R2: bound arrays are restored in place", () => {
  test("R2: an array, an array's part and a function", async () => {
    const { runs } = await memoryRuns();
    const bind = () => {
      const own = {
        whole: new Float32Array(3),
        part: new Int16Array(10),
        moving: new Uint8Array(2),
      };
      const state = {
        whole: grid(own.whole, [3]),
        part: grid(own.part.subarray(4, 8), [2, 2]),
        moving: grid(() => own.moving, [2]),
      };
      return { own, state };
    };
    const first = bind();
    first.own.part.fill(9);
    const run = await runs.record("run", { state: first.state });
    first.own.whole.set([1, -0, Number.NaN]);
    first.own.part.set([1, 2, 3, 4], 4);
    first.own.moving = Uint8Array.of(5, 6);
    await run.commit();
    await run.close();

    const second = bind();
    const { whole, part, moving } = second.own;
    await using resumed = await runs.record("run", { state: second.state, resume: "only" });
    assert.deepEqual(whole, Float32Array.of(1, -0, Number.NaN));
    assert.deepEqual([...part], [0, 0, 0, 0, 1, 2, 3, 4, 0, 0], "nothing beside the part");
    assert.deepEqual(moving, Uint8Array.of(5, 6));
    assert.equal(resumed.state.whole, whole);
  });

  test("R2: memory of WebAssembly that grows during the run and has grown before the resume", async () => {
    const { runs } = await memoryRuns();
    const simulation = (pages: number) => {
      const memory = new Memory({ initial: pages, maximum: 5 });
      const cells = (): Uint32Array => new Uint32Array(memory.buffer, 64, 4);
      return { memory, cells, state: { cells: grid(cells, [4]) } };
    };
    const one = simulation(1);
    const run = await runs.record("run", { state: one.state });
    for (let tick = 1; tick <= 3; tick++) {
      one.memory.grow(1);
      one.cells().fill(tick);
      await run.commit();
    }
    await run.close();
    const other = simulation(2);
    await using resumed = await runs.record("run", { state: other.state, resume: "only" });
    assert.deepEqual([...other.cells()], [3, 3, 3, 3]);
    other.memory.grow(1);
    await resumed.commit();
    assert.deepEqual(await resumed.changesAt(4), []);
    assert.deepEqual([...(await resumed.at(2)).state.cells], [2, 2, 2, 2]);
  });
});

test("R2: a simulation of its own objects is captured at each commit and restored at resume", async () => {
  class Pond {
    fish = [{ x: 0, hungry: true }];

    live(): void {
      this.fish = [
        ...this.fish.map(({ x }) => ({ x: x + 1, hungry: x % 2 === 0 })),
        { x: 0, hungry: true },
      ];
    }
  }
  const { runs } = await memoryRuns();
  const record = async (pond: Pond, resume: "never" | "only") =>
    runs.record("pond", {
      state: { places: grid("f32", [8]), pond: value({ count: "u8", hungry: "json" }) },
      capture: ({ places, pond: record_ }) => {
        places.fill(0);
        places.set(pond.fish.map(({ x }) => x));
        record_.count = pond.fish.length;
        record_.hungry = pond.fish.map(({ hungry }) => hungry);
      },
      restore: ({ places, pond: record_ }) => {
        const hungry = record_.hungry as readonly boolean[];
        pond.fish = hungry.map((is, i) => ({ x: places[i] as number, hungry: is }));
      },
      resume,
    });
  const whole = new Pond();
  const run = await record(whole, "never");
  for (let tick = 1; tick <= 3; tick++) {
    whole.live();
    await run.commit();
  }
  await run.close();
  const resumed = new Pond();
  await using again = await record(resumed, "only");
  assert.deepEqual(resumed.fish, whole.fish);
  for (const pond of [whole, resumed]) pond.live();
  await again.commit();
  assert.deepEqual(resumed.fish, whole.fish);
  assert.equal((await again.at(4)).state.pond.count, 5);
  assert.deepEqual((await again.at(0)).state.pond.hungry, [true]);
});

test("R2: a run may change its durability and window from one life to the next", async () => {
  const { others } = await memoryRuns();
  const ways: readonly (readonly [Durability, number])[] = [
    ["memory", 5],
    ["fsync", 0],
    ["os", 64],
  ];
  for (const [life, [durability, window]] of ways.entries()) {
    await using runs = await others();
    await using run = await runs.record("run", { world, resume: "auto", durability, window });
    assert.equal(run.tick, life * 7);
    await run.step(7);
  }
  await using run = await (await others()).open("run");
  assert.deepEqual([run.tick, (await run.verify()).damage], [21, []]);
});

test("R2: resume modes: never, auto and only", async () => {
  const { runs } = await memoryRuns();
  const state = { cells: grid("u8", [1]) };
  await refusal(async () => runs.record("a", { state, resume: "only" }), "RUNS_MISSING", {
    found: /a/,
  });
  await (await runs.record("a", { state, resume: "auto" })).close();
  const details = { where: /a$/, next: /resume/ };
  await refusal(async () => runs.record("a", { state }), "RUNS_EXISTS", details);
  await refusal(async () => runs.record("a", { state, resume: "never" }), "RUNS_EXISTS");
  const auto = await runs.record("a", { state, resume: "auto" });
  assert.equal(auto.recovery.resumed, true);
  await auto.close();
  await (await runs.record("a", { state, resume: "only" })).close();
});

test("R2: what was cut from the tail is told and kept", async () => {
  const { runs, ports } = await memoryRuns();
  const run = await runs.record("run", { world });
  await run.step(5);
  await run.close();
  const path = "/runs/run/journal/0000000000000000.seg";
  const size = ports.vfs.stat(path)?.size as number;
  const file = ports.vfs.open(path, "update");
  file.write(Uint8Array.of(0x54, 0x49, 0x43, 0x4b, 1, 2, 3), size);
  file.close();
  await using resumed = await runs.record("run", { world, resume: "only" });
  const { tornBytes, keptAt, tick } = resumed.recovery;
  assert.deepEqual([tick, tornBytes], [5, 7]);
  assert.deepEqual([...ports.vfs.read(`/runs/run/${keptAt}`)], [0x54, 0x49, 0x43, 0x4b, 1, 2, 3]);
});
