/** What the page's worker shows is what was recorded: read by range, decoded and replayed there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { problemOf } from "../../inspector/src/engine/calls.ts";
import { Engine } from "../../inspector/src/engine/engine.ts";
import type { ShowRequest } from "../../inspector/src/engine/protocol.ts";
import { StripFlag } from "../../inspector/src/engine/activity.ts";
import { Snapshot } from "../../inspector/src/model/snapshot.ts";
import { layoutOf } from "../../src/format/layout.ts";
import { seededRandom } from "../../src/testing/index.ts";
import { recordedRun, type Recorded } from "../timeline/recorded-run.ts";
import { serviceOf, type Service } from "./memory-service.ts";

const gaps = [10, 11, 12, 30];

interface Opened {
  readonly recorded: Recorded;
  readonly service: Service;
  readonly engine: Engine;
  readonly show: (request: Partial<ShowRequest> & { tick: number }) => Promise<Snapshot>;
}

async function opened(): Promise<Opened> {
  const recorded = await recordedRun();
  const service = serviceOf(recorded);
  const engine = new Engine({
    fetch: async (url, init) => service.fetch(url, init),
    yield: async () => new Promise(setImmediate),
    tell: () => undefined,
  });
  const { card } = await engine.open("run");
  const layout = layoutOf(card.world);
  const show: Opened["show"] = async (request) => {
    const all = {
      stores: [0, 1, 2],
      direction: 0,
      skipsQuiet: false,
      stride: 0,
      ...request,
    } as const;
    return new Snapshot(await engine.show(all), layout, card.world);
  };
  return { recorded, service, engine, show };
}

/** A state as `recordedRun` writes it down. */
function textOf(snapshot: Snapshot): string {
  const bits = (store: number): number[][] =>
    [...snapshot.state.stores[store]!.columns].map(({ bytes }) => [...bytes]);
  const [rain, season, notes] = snapshot.values(2, 0);
  return JSON.stringify([bits(0), bits(1), { rain, season, notes }]);
}

async function expectedTexts({ runs, ticks }: Recorded): Promise<Map<number, string>> {
  await using run = await runs.open("run");
  const texts = new Map<number, string>();
  for (const tick of ticks) {
    const { cells, seen, weather } = (await run.at(tick)).state as never as {
      cells: Uint16Array;
      seen: Float32Array;
      weather: object;
    };
    const bits = (array: Uint16Array | Float32Array): number[][] => [
      [...new Uint8Array(array.buffer)],
    ];
    texts.set(tick, JSON.stringify([bits(cells), bits(seen), weather]));
  }
  return texts;
}

test("every recorded tick is shown as it was, forwards, backwards and in any order (seed 1)", async () => {
  const { recorded, show } = await opened();
  const expected = await expectedTexts(recorded);
  const random = seededRandom(1);
  const shuffled = recorded.ticks.toSorted(() => (random.bytes(1)[0] as number) - 128);
  for (const tick of [...recorded.ticks, ...recorded.ticks.toReversed(), ...shuffled]) {
    const snapshot = await show({ tick });
    assert.equal(snapshot.tick, tick);
    assert.equal(textOf(snapshot), expected.get(tick), `tick ${tick}`);
  }
});

test("play passes over gaps both ways; a tick of a gap that is asked for says why it is none", async () => {
  const { show } = await opened();
  for (const tick of gaps) {
    await assert.rejects(show({ tick }), (error) => {
      const { code, details } = problemOf(error);
      assert.equal(code, "TIMELINE_GAP");
      assert.match(details.found ?? "", /asleep|nap/);
      return true;
    });
    assert.equal((await show({ tick, direction: 1 })).tick, tick === 30 ? 31 : 13);
    assert.equal((await show({ tick, direction: -1 })).tick, tick === 30 ? 29 : 9);
  }
  assert.equal((await show({ tick: 500, direction: 1 })).tick, 39);
});

test("what play asks for next is ready before it asks", async () => {
  const { engine, service, show } = await opened();
  await show({ tick: 15, direction: 1, stride: 1 });
  for (let i = 0; i < 200; i++) await new Promise(setImmediate);
  const sent = service.sent;
  for (let tick = 16; tick < 26; tick++) await show({ tick, direction: 1 });
  assert.equal(service.sent, sent, "nothing more was fetched");
  assert.equal((await engine.refresh()).lastTick, 39);
});

test("the strip is exact: every tick alone, gaps marked, the least and the most of wider buckets", async () => {
  const { engine, recorded, show } = await opened();
  for (let i = 0; i < 300; i++) await new Promise(setImmediate);
  const each = await engine.strip({ from: 0, end: 40, buckets: 40 });
  assert.deepEqual(
    [...each.ticks.keys()].filter((tick) => each.ticks[tick] === 1),
    recorded.ticks,
  );
  assert.deepEqual(
    [...each.flags.keys()].filter((tick) => (each.flags[tick]! & StripFlag.gap) !== 0),
    gaps,
  );
  const run = await recorded.runs.open("run");
  for (const tick of recorded.ticks.slice(1)) {
    // Digests cover what the count covers, and `seen` is only looked at.
    const changes = await run.changesAt(tick);
    assert.equal(each.max[tick]! > 0, changes.length > 0, `tick ${tick}`);
  }
  await run.close();
  const wide = await engine.strip({ from: 0, end: 40, buckets: 5 });
  for (let bucket = 0; bucket < 5; bucket++) {
    const ticks = recorded.ticks.filter((tick) => Math.floor(tick / 8) === bucket);
    assert.equal(wide.ticks[bucket], ticks.length);
    assert.equal(wide.max[bucket], Math.max(...ticks.map((tick) => each.max[tick]!)));
    assert.equal(wide.min[bucket], Math.min(...ticks.map((tick) => each.max[tick]!)));
  }
  const quiet = recorded.ticks.find((tick) => tick > 0 && each.max[tick] === 0)!;
  assert.notEqual((await show({ tick: quiet, direction: 1, skipsQuiet: true })).tick, quiet);
  assert.equal(await engine.nextChanged({ tick: 9, direction: 1 }), 13);
});

test("a server that goes away is said as such, and all goes on when it is back", async () => {
  const { service, show } = await opened();
  service.isAway = true;
  await assert.rejects(
    show({ tick: 3 }),
    (error) => problemOf(error).details.found === "no answer",
  );
  service.isAway = false;
  assert.equal((await show({ tick: 3 })).tick, 3);
});

test("damage in a cached copy alone is fetched anew before it is believed", async () => {
  const { service, show } = await opened();
  service.spoil = (bytes, isReload) => {
    if (!isReload) bytes.fill(0);
  };
  assert.equal((await show({ tick: 20 })).tick, 20);
});

test("damage on the server is told with file and tick, and other ticks stay to be seen", async () => {
  const { service, show } = await opened();
  const whole = await show({ tick: 35 });
  service.spoil = (bytes) => bytes.fill(0);
  await assert.rejects(show({ tick: 20 }), (error) => {
    const { code, details } = problemOf(error);
    assert.equal(code, "JOURNAL_DAMAGED");
    assert.match(details.where ?? "", /\.seg, byte \d+, tick \d+/);
    return true;
  });
  assert.deepEqual(await show({ tick: 35 }), whole);
  service.spoil = undefined;
  assert.equal((await show({ tick: 20 })).tick, 20);
});

test("a run that is not there is told by the service's own code", async () => {
  const { engine } = await opened();
  await assert.rejects(engine.open("nothing"), (error) => problemOf(error).code === "RUNS_MISSING");
});
