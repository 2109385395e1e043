/** The recordings behind the vectors: each shows one side of the format. The same code always gives the same bytes. */
import { defineWorld, grid, value, type LiveRun, type StateDefinition } from "everytick";
import { seededRandom, type MemoryVfs } from "../../src/testing/index.ts";
import { framesOf, headerOf, like, segmentOf } from "../journal/forge.ts";
import { crashCopy, putFile, segmentPaths } from "../journal/small-run.ts";
import { numericTypes } from "../format/arbitraries.ts";
import { driftRecordings } from "./drift-recordings.ts";
import { commits, record, recordOn, recordWorld, type Style } from "./recording.ts";
import { rowRecordings } from "./row-recordings.ts";
import { storeRecordings } from "./store-recordings.ts";

/** Every numeric type in a grid and in a record, with bits that values could not tell apart. */
async function numericTypesVector(): Promise<MemoryVfs> {
  const grids = Object.fromEntries(
    numericTypes.map((type) => [`grid-${type}`, grid(type, [3, 5])]),
  );
  const columns = Object.fromEntries(numericTypes.map((type) => [type, type]));
  const state = { ...grids, record: value(columns) } satisfies StateDefinition;
  return record<StateDefinition>(state, async (run) => {
    const random = seededRandom(7);
    const live = run.state as unknown as Record<string, Float64Array> & {
      record: Record<string, unknown>;
    };
    const bitsOf = (name: string): Uint8Array => {
      const { buffer, byteOffset, byteLength } = live[name]!;
      return new Uint8Array(buffer, byteOffset, byteLength);
    };
    await commits(run, 12, (tick) => {
      for (const type of numericTypes) {
        const bits = bitsOf(`grid-${type}`);
        const width = bits.length / 15;
        const at = (tick % 15) * width;
        if (tick % 3 === 0) bits.set(random.bytes(bits.length));
        else if (tick % 3 === 1) bits.fill(0xff, at, at + width);
        else bits.fill(0, at).fill(0x80, at + width - 1, at + width);
        const isWide = type === "u64" || type === "i64";
        live.record[type] = isWide ? BigInt(tick) ** 15n : type.startsWith("f") ? -tick / 3 : tick;
      }
      if (tick === 5) for (const type of ["f16", "f32", "f64"]) live.record[type] = -0;
      if (tick === 6) for (const type of ["f16", "f32", "f64"]) live.record[type] = Number.NaN;
      if (tick === 7) for (const type of ["f16", "f32", "f64"]) live.record[type] = -Infinity;
    });
    await run.close();
  });
}

async function variableTypesVector(): Promise<MemoryVfs> {
  const state = { texts: value({ utf8: "utf8", json: "json", bytes: "bytes", count: "u32" }) };
  const json = [
    null,
    -0,
    [],
    { b: [1e21, { a: "ü" }], a: null },
    "",
    { __proto__: null, "😀": 1, "｡": 2 },
  ];
  return record(state, async (run) => {
    await commits(run, 12, (tick) => {
      run.state.texts.utf8 = ["", "a", "Ωmega 🐑\u0000\n", "x".repeat(5000)][tick % 4]!;
      run.state.texts.json = json[tick % json.length]!;
      run.state.texts.bytes =
        tick % 5 === 4 ? new Uint8Array(0) : seededRandom(tick).bytes(tick * 9);
      if (tick % 2 === 0) run.state.texts.count = tick;
    });
    await run.close();
  });
}

/** Ticks that change more than 65,536 rows, which are cut by chunk; dense, sparse and nothing at all. */
async function chunkedVector(): Promise<MemoryVfs> {
  const state = {
    plane: grid("u16", [300, 310], { chunk: [128, 100] }),
    room: grid("u8", [5, 6, 7], { chunk: [2, 4, 7] }),
  };
  return record(state, async (run) => {
    const { plane, room } = run.state;
    await commits(run, 8, (tick) => {
      const stride = [0, 1, 1, 997, 1, 3, 1, 0, 2][tick]!;
      if (stride > 0)
        for (let row = 0; row < plane.length; row += stride) plane[row]! += tick * (1 + (row % 2));
      if (tick === 6) plane.fill(0, 200 * 310, 201 * 310);
      room[(tick * 31) % room.length] = tick;
    });
    await run.close();
  });
}

const life = {
  cells: grid("u8", [12, 20], { chunk: [5, 8] }),
  note: value({ text: "utf8", share: "f64" }),
};

/** Sparse and dense ticks in turn. */
function liveOn({ state }: LiveRun<typeof life>, tick: number): void {
  if (tick % 4 === 0) state.cells.forEach((cell, i) => (state.cells[i] = cell ^ (i % 3)));
  else state.cells[(tick * 37) % 240]! += tick;
  state.note.text = tick % 5 === 0 ? "" : `tick ${tick}`;
  state.note.share = tick / 8;
}

async function lives(ticks: number, style: Style = {}, closes = true): Promise<MemoryVfs> {
  return record(
    life,
    async (run) => {
      await commits(run, ticks, (tick) => liveOn(run, tick));
      if (closes) await run.close();
    },
    style,
  );
}

async function gapVector(): Promise<MemoryVfs> {
  return record(life, async (run) => {
    const go = async (count: number): Promise<void> =>
      commits(run, count, (tick) => liveOn(run, tick));
    await go(3);
    await run.gap({ until: 10, reason: "the machine slept" });
    liveOn(run, 11);
    await run.commit();
    await go(2);
    await run.gap({ until: 20, reason: "" });
    await run.gap({ until: 30, reason: "and slept again: “ü”" });
    await go(1);
    await run.close();
  });
}

async function sparseVector(): Promise<MemoryVfs> {
  const far = 2 ** 31;
  const ticks = [1, 5, 6, 100, far, far + 2];
  return record(
    life,
    async (run) => {
      for (const [i, tick] of ticks.entries()) {
        liveOn(run, i + 1);
        await run.commit({ tick, simTime: tick / 1024, wallTime: Date.UTC(2026, 1, i + 1) });
      }
      await run.close();
    },
    { sparse: true, labels: { why: "to skip" } },
  );
}

async function observedVector(): Promise<MemoryVfs> {
  const state = {
    first: grid("i16", [6]),
    looked: grid("f32", [2, 4], { role: "observed" }),
    second: value({ n: "i64" }),
    seen: value({ text: "utf8" }, { role: "observed" }),
  };
  return record(state, async (run) => {
    await commits(run, 8, (tick) => {
      if (tick % 2 === 0) run.state.first[tick % 6] = -tick;
      run.state.looked[tick % 8] = tick / 7;
      if (tick % 3 === 0) run.state.second.n = -(BigInt(tick) ** 12n);
      run.state.seen.text = `looked at ${tick}`;
    });
    await run.close();
  });
}

/** Random streams, eras, parameters and a simulation time of its own. */
async function worldVector(): Promise<MemoryVfs> {
  const world = defineWorld({
    name: "vector-world",
    version: 3,
    params: { rate: 0.5, name: "ü", loud: true },
    state: { numbers: grid("u32", [8]), last: value({ drawn: "f64" }) },
    streams: ["births"],
    eras: ["dawn", "noon"],
    init: ({ state: { numbers }, random }) => numbers.set([random.uint32()]),
    step: ({ state: { numbers, last }, random, tick }) => {
      numbers[random.int(8)] = tick;
      last.drawn = random.stream("births").normal();
    },
  });
  return recordWorld(
    world,
    async (run) => {
      await run.step(5);
      await run.commit({ era: "noon", simTime: 0.1 });
      await run.step(3);
      await run.close();
    },
    { params: { rate: 0.25 }, seed: -42 },
  );
}

async function twoEpochsVector(): Promise<MemoryVfs> {
  const first = await lives(6, {}, false);
  await recordOn(
    first,
    life,
    async (run) => {
      await commits(run, 5, (tick) => liveOn(run, tick));
      await run.close();
    },
    { resume: "only" },
  );
  return crashCopy(first);
}

/** A run that died after seven ticks, with another end. */
async function endingIn(change: (whole: Uint8Array) => Uint8Array): Promise<MemoryVfs> {
  const vfs = await lives(7, {}, false);
  const [path] = segmentPaths(vfs) as [string];
  putFile(vfs, path, change(vfs.read(path)));
  return vfs;
}

/** A frame of a kind that nobody knows, which readers skip, between all others. */
async function unknownAncillaryVector(): Promise<MemoryVfs> {
  const vfs = await lives(4);
  const [path] = segmentPaths(vfs) as [string];
  const whole = vfs.read(path);
  const unknown = {
    kind: 0xc5,
    flags: 0,
    baseDistance: 0,
    changedElements: 0,
    stateDigest: undefined,
  };
  const frames = framesOf(whole)
    .flatMap((frame, i) => [like(frame), like(frame, unknown, new Uint8Array(i).fill(i))])
    .slice(0, -1);
  // Writers know no more than to say what is durable by and by; these say only that the header is.
  const { length } = headerOf(whole);
  const forged = frames.map(({ fields, body }) => ({
    fields: { ...fields, durableOffset: length },
    body,
  }));
  putFile(vfs, path, segmentOf(headerOf(whole), forged));
  return vfs;
}

/** The vectors by name; each is made anew. */
export const recordings: Readonly<Record<string, () => Promise<MemoryVfs>>> = {
  "numeric-types": numericTypesVector,
  "variable-types": variableTypesVector,
  chunked: chunkedVector,
  "continued-frames": async () => lives(9, { bodyBytesMax: 24 }),
  gap: gapVector,
  "sparse-ticks": sparseVector,
  segments: async () => lives(60, { segmentBytesMin: 1, bodyBytesMax: 400 }),
  "two-epochs": twoEpochsVector,
  "observed-store": observedVector,
  world: worldVector,
  "torn-tail": async () => endingIn((whole) => whole.slice(0, -3)),
  "zero-tail": async () => endingIn((whole) => Uint8Array.of(...whole, ...new Uint8Array(300))),
  "unknown-ancillary": unknownAncillaryVector,
  ...rowRecordings,
  ...storeRecordings,
  ...driftRecordings,
};
