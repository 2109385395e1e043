/** Static stores: written at the first tick, kept once, and there at every tick. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isEverytickError, type Run, type Tick } from "everytick";
import { readBody, type Body } from "../../src/format/body.ts";
import { FrameFlag, FrameKind } from "../../src/format/frame.ts";
import { layoutOf } from "../../src/format/layout.ts";
import { framesOf } from "../journal/forge.ts";
import { folder, hexOf, memoryRuns, rewrite } from "../runs/memory-runs.ts";
import { land, openRows, recordedRows, textOf, worldOfRows, type Stores } from "./recorded-rows.ts";

const recorded = await recordedRows();
const { ports, states, ticks } = recorded;
const journal = `${folder}/run/journal`;
const files = ports.vfs.list(journal) as string[];
const layout = layoutOf((await openRows(recorded)).card.world);
const statics = ["land", "rules", "places", "ways"];

interface Recorded {
  readonly kind: number;
  readonly tick: Tick;
  readonly body: Body;
}
/** Every frame that holds a state or changes, in order. */
const frames: Recorded[] = files.flatMap((file) =>
  framesOf(ports.vfs.read(`${journal}/${file}`)).flatMap(({ header: { kind, tick }, body }) => {
    if (kind !== FrameKind.delta && kind !== FrameKind.keyframe) return [];
    return [{ kind, tick, body: readBody(body, layout, ports.codecs) }];
  }),
);

test("W9: the bytes of a static store stand once in the whole history", () => {
  const history = files.map((file) => hexOf(ports.vfs.read(`${journal}/${file}`))).join("");
  for (const bytes of [land.subarray(20, 120), Buffer.from("the rules of the land")]) {
    assert.equal(history.split(hexOf(bytes)).length - 1, 1);
  }
  assert(files.length > 3);
});

test("W9: no frame but those of the first tick holds a part of a static store", () => {
  const holding = frames.filter(({ body }) =>
    body.parts.some(({ store }) => statics.includes(store.name)),
  );
  assert(holding.length > 0 && holding.every(({ tick }) => tick === 0));
  const held = new Set(holding.flatMap(({ body }) => body.parts.map(({ store }) => store.name)));
  for (const name of statics) assert(held.has(name), name);
});

test("W9: each keyframe names the digests of all static stores, and they are those of the first", () => {
  const keyframes = frames.filter(({ kind }) => kind === FrameKind.keyframe);
  const numbers = layout.stores
    .filter(({ name }) => statics.includes(name))
    .map(({ digestNumber }) => digestNumber);
  const digestsOf = (tick: Tick): Map<number, string> => {
    const digests = keyframes
      .filter((frame) => frame.tick === tick)
      .map(({ body }) => body.digests);
    const own = digests.flat().filter(({ number }) => numbers.includes(number));
    return new Map(own.map(({ number, digest }) => [number, hexOf(digest)]));
  };
  const ticksWithKeyframes = new Set(keyframes.map(({ tick }) => tick));
  assert(ticksWithKeyframes.size > 3);
  assert.deepEqual([...digestsOf(0).keys()], numbers);
  for (const tick of ticksWithKeyframes) assert.deepEqual(digestsOf(tick), digestsOf(0), `${tick}`);
});

test("W9: a static store is there at every tick, whatever the way to it", async () => {
  const check = (state: Awaited<ReturnType<Run<Stores>["at"]>>["state"]): void => {
    assert.deepEqual(state.land, land);
    assert.deepEqual({ ...state.rules }, { name: "the rules of the land", size: 300 });
    assert.deepEqual([...state.places.keys()], [3, 1, 2]);
    assert.deepEqual(state.ways.outgoing(1), [{ from: 1, to: 2, length: 5 }]);
  };
  for (const tick of [60, 31, 0, 44]) {
    await using fresh = await openRows(recorded);
    check((await fresh.at(tick, { verify: true })).state);
  }
  await using run = await openRows(recorded);
  for (const range of [
    { from: 60, to: 40 },
    { from: 40, to: 60 },
  ]) {
    for await (const { state } of run.play({ ...range, reuse: true, verify: true })) check(state);
  }
});

test("W9: what a reader does to a static store is its own affair", async () => {
  await using run = await openRows(recorded);
  const spoilt = (await run.at(50)).state;
  spoilt.land.fill(0);
  spoilt.places.live.fill(0);
  assert.equal(textOf((await run.at(51)).state), states.get(51));
  assert.equal(textOf((await run.at(3)).state), states.get(3));
});

/** The ticks that can be read; every other is refused by what is missing. */
async function readable(run: Run<Stores>): Promise<Tick[]> {
  const found: Tick[] = [];
  for (const tick of [...ticks, ...ticks.toReversed()]) {
    try {
      const past = await run.at(tick);
      assert.equal(textOf(past.state), states.get(tick), `tick ${tick}`);
      found.push(tick);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      assert(isEverytickError(error, "JOURNAL_MISSING"), `tick ${tick}: ${String(error)}`);
      assert.match(error.details.expected ?? "", /./);
    }
  }
  return found;
}

test("T3, W9: without the first segment no tick is served with a wrong or empty static store", async () => {
  const [first] = files as [string];
  const path = `${journal}/${first}`;
  const bytes = ports.vfs.read(path);
  ports.vfs.remove(path);
  try {
    const run = await openRows(recorded).catch((error: unknown) => error);
    if (isEverytickError(run)) assert.equal(run.code, "JOURNAL_MISSING");
    else assert.deepEqual(await readable(run as Run<Stores>), []);
  } finally {
    const file = ports.vfs.open(path, "create");
    file.write(bytes, 0);
    file.close();
  }
});

test("T3, W9: with another segment gone, all other ticks are as they were", async () => {
  const gone = files[2] as string;
  const until = Number((files[3] as string).slice(0, 16));
  const path = `${journal}/${gone}`;
  const bytes = ports.vfs.read(path);
  ports.vfs.remove(path);
  try {
    await using run = await openRows(recorded);
    const expected = ticks.filter((tick) => tick < Number(gone.slice(0, 16)) || tick >= until);
    assert.deepEqual(await readable(run), [...expected, ...expected.toReversed()]);
  } finally {
    const file = ports.vfs.open(path, "create");
    file.write(bytes, 0);
    file.close();
  }
});

test("T3, W9: a damaged first tick is told, not a state without its static stores", async () => {
  const path = `${journal}/${files[0]}`;
  const at = hexOf(ports.vfs.read(path)).indexOf(hexOf(land.subarray(20, 60))) / 2;
  assert(at > 0);
  const flip = (bytes: Uint8Array): Uint8Array => bytes.with(at, (bytes[at] as number) ^ 4);
  rewrite(ports.vfs, path, flip);
  try {
    await using run = await openRows(recorded);
    for (const tick of [60, 30, 0]) {
      await assert.rejects(run.at(tick), { code: "JOURNAL_DAMAGED" }, `tick ${tick}`);
    }
    const { damage } = await run.verify();
    assert.deepEqual(damage[0]?.file, `journal/${files[0]}`);
  } finally {
    rewrite(ports.vfs, path, flip);
  }
});

test("T3, W9: a first tick that could not be read half-way leaves nothing behind in the reader", async () => {
  const path = `${journal}/${files[0]}`;
  const first = framesOf(ports.vfs.read(path)).filter(({ header }) => header.tick === 0);
  const isContinued = ({ header: { flags } }: (typeof first)[number]): boolean =>
    (flags & FrameFlag.continued) !== 0;
  const group = first
    .filter(({ header }) => header.kind === FrameKind.keyframe)
    .filter(isContinued);
  assert(group.length > 2, "the first tick is continued over several frames");
  await using run = await openRows(recorded);
  await run.at(60);
  for (const [at, { offset }] of group.slice(1, 3).entries()) {
    const flip = (bytes: Uint8Array): Uint8Array =>
      bytes.with(offset + 100, bytes[offset + 100]! ^ 1);
    rewrite(ports.vfs, path, flip);
    await assert.rejects(run.at(0), { code: "JOURNAL_DAMAGED" });
    // Any number of halves.
    for (let attempt = 0; attempt <= at; attempt++) {
      await assert.rejects(run.at(60), { code: "JOURNAL_DAMAGED" });
    }
    rewrite(ports.vfs, path, flip);
    for (const tick of [60, 0, 60]) {
      const past = await run.at(tick, { verify: true });
      assert.equal(textOf(past.state), states.get(tick), `tick ${tick}`);
    }
  }
});

test("R2, W9: a resumed run goes on with its static stores, and writes them no more", async () => {
  const { others, ports: own } = await memoryRuns({ segmentBytesMin: 4000 });
  for (let life = 0; life < 4; life++) {
    await using run = await (
      await others()
    ).record("run", { world: worldOfRows(), resume: "auto" });
    assert.deepEqual(run.state.land, land);
    for (let i = 0; i < 30; i++) {
      run.state.cells.fill(31 * life + i);
      run.state.herd.insert({ id: 1000 + 100 * life + i });
      await run.commit();
    }
  }
  const names = own.vfs.list(journal) as string[];
  const history = names.map((name) => hexOf(own.vfs.read(`${journal}/${name}`))).join("");
  assert.equal(history.split(hexOf(land.subarray(20, 120))).length - 1, 1);
  await using run = await (await others()).open("run");
  assert.deepEqual([run.tick, (await run.verify()).damage, names.length > 1], [120, [], true]);
});
