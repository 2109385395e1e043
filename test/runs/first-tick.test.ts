import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  defineWorld,
  grid,
  openRuns,
  value,
  type ErrorCode,
  type LiveRun,
  type Past,
  type Vfs,
} from "everytick";
import { memoryPorts } from "everytick/testing";
import { allRefused, bytesBelow, folder, memoryRuns, refusal, rewrite } from "./memory-runs.ts";
import { FullVfs } from "./other-files.ts";

const definition = () => ({ cells: grid("u8", [4]) });
const segment = `${folder}/run/journal/0000000000000000.seg`;

/** A run that recorded its first tick and nothing else. */
async function begun() {
  const memory = await memoryRuns();
  const run = await memory.runs.record("run", { state: definition(), seed: 1 });
  await run.close();
  const bytes = memory.ports.vfs.read(segment);
  const header = new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, true);
  const frame = new DataView(bytes.buffer, bytes.byteOffset).getUint32(header + 4, true);
  return { ...memory, bytes, header, frame };
}

async function checkNew(run: LiveRun): Promise<void> {
  assert.equal(run.recovery.resumed, false);
  await run.commit();
  assert.deepEqual((await run.verify()).damage, []);
  await run.close();
}

test("R5: cut at any byte before the end of its first tick, a run counts as none and can be recorded anew", async () => {
  const { bytes, header, frame } = await begun();
  for (let length = 0; length < header + frame; length += length < header ? 50 : 7) {
    const { runs, ports } = await begun();
    rewrite(ports.vfs, segment, () => bytes.slice(0, length));
    const what = `${length} bytes, header ${header}`;
    await refusal(async () => runs.open("run"), "RUNS_MISSING");
    const only = async (): Promise<unknown> =>
      runs.record("run", { state: definition(), resume: "only" });
    await refusal(only, "RUNS_MISSING");
    for (const resume of ["never", "auto"] as const) {
      const again = await begun();
      rewrite(again.ports.vfs, segment, () => bytes.slice(0, length));
      try {
        // Another seed and other stores: nothing of the lost run binds the new one.
        const state = { others: grid("f64", [2]) };
        await checkNew(await again.runs.record("run", { state, seed: 2, resume }));
      } catch (error) {
        throw new Error(what, { cause: error });
      }
    }
  }
});

test("R5: zeros where the first tick was to be are no tick", async () => {
  const { runs, ports, bytes, header } = await begun();
  // The header is durable before anything follows it: zeros there, with more behind them, are damage.
  rewrite(ports.vfs, segment, () => bytes.map(() => 0));
  await refusal(async () => runs.open("run"), "FORMAT_DAMAGED");
  const torn = [new Uint8Array(header), bytes.map((byte, at) => (at < header ? byte : 0))];
  for (const left of torn) {
    rewrite(ports.vfs, segment, () => left);
    await refusal(async () => runs.open("run"), "RUNS_MISSING");
  }
  await checkNew(await runs.record("run", { state: definition() }));
});

test("R5: a card without a journal, and a journal's folder without a card, count as none", async () => {
  const { runs, ports } = await begun();
  ports.vfs.remove(segment);
  await checkNew(await runs.record("run", { state: definition() }));

  const other = await memoryRuns();
  other.ports.vfs.makeDirectory(`${folder}/run/journal`);
  await checkNew(await other.runs.record("run", { state: definition(), resume: "auto" }));
});

test("R5: such a run is not listed as if there were something in it", async () => {
  const { runs, ports, bytes, header } = await begun();
  rewrite(ports.vfs, segment, () => bytes.slice(0, header));
  await (await runs.record("other", { state: definition() })).close();
  for (const { id } of await runs.list()) {
    // Whoever is listed can be opened, or is refused as missing.
    await runs.open(id).catch(async (error: unknown) => {
      await refusal(() => Promise.reject(error), "RUNS_MISSING");
    });
  }
});

/** Records until the disk is full, at every byte where it may be. */
async function recordOnFullDisk(
  bytesLeft: number,
): Promise<{ vfs: FullVfs; base: Vfs; acknowledged: number }> {
  const ports = await memoryPorts();
  const vfs = new FullVfs(ports.vfs);
  const runs = await openRuns(folder, { ...ports, vfs });
  vfs.bytesLeft = bytesLeft;
  let acknowledged = -1;
  try {
    const run = await runs.record("run", { state: definition() });
    acknowledged = 0;
    for (let tick = 1; tick <= 5; tick++) {
      run.state.cells.fill(tick);
      acknowledged = (await run.commit()).durableTick;
    }
  } catch (error) {
    await refusal(() => Promise.reject(error), "JOURNAL_WRITE");
  }
  await runs.close().catch(() => undefined);
  return { vfs, base: ports.vfs, acknowledged };
}

test("R5, J5: on a disk that fills up at any byte, what was acknowledged is there and the rest is refused", async () => {
  const whole = await recordOnFullDisk(Infinity);
  const size = [...bytesBelow(whole.base, folder).values()].reduce(
    (sum, hex) => sum + hex.length / 2,
    0,
  );
  for (let bytes = 0; bytes < size; bytes += 23) {
    const { base, acknowledged } = await recordOnFullDisk(bytes);
    const ports = await memoryPorts();
    const runs = await openRuns(folder, { ...ports, vfs: base });
    if (acknowledged === -1) {
      // Space is there again: the same id can be used.
      await checkNew(await runs.record("run", { state: definition() }));
      continue;
    }
    await using run = await runs.open("run");
    assert(run.tick >= acknowledged, `${bytes} bytes: ${run.tick}, acknowledged ${acknowledged}`);
    for (let tick = 0; tick <= acknowledged; tick++) {
      const past = (await run.at(tick)) as unknown as Past<ReturnType<typeof definition>>;
      assert.equal(past.state.cells[0], tick);
    }
    await using resumed = await runs.record("run", { state: definition(), resume: "only" });
    await resumed.commit();
    assert.deepEqual((await resumed.verify()).damage, []);
  }
});

describe("R5: what cannot be recorded is refused before a folder is made", () => {
  const state = definition();

  async function refusedWith(
    code: ErrorCode,
    cases: Readonly<Record<string, object>>,
  ): Promise<void> {
    const entries = Object.entries(cases).map(([name, options], i) => {
      const record = async (): Promise<void> => {
        const { runs, ports } = await memoryRuns();
        const given = { state, ...options };
        const error: unknown = await runs.record(`run-${i}`, given).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        assert.equal(ports.vfs.list(`${folder}/run-${i}`), undefined, "a folder was made");
        if (error !== undefined) throw error as Error;
      };
      return [name, record] as const;
    });
    await allRefused(code, Object.fromEntries(entries));
  }

  test("R5: options", async () => {
    await refusedWith("RECORDER_OPTION", {
      "a seed that is a fraction": { seed: 0.5 },
      "a seed too large": { seed: 2 ** 53 },
      "a seed that is text": { seed: "1" },
      "a label that is a number": { labels: { a: 1 } },
      "no state": { state: undefined },
      "a world that is none": { world: { name: "w" } },
      "a code digest that is none": { codeDigest: "abc" },
      "sparse that is no boolean": { sparse: "yes" },
    });
  });

  test("R5: parameters", async () => {
    const world = defineWorld({ name: "w", version: 1, params: { a: 1, b: "" }, state });
    await refusedWith("WORLD_PARAM", {
      "a parameter that is a list": { params: { a: [1] } },
      "a parameter that is an object": { params: { a: { b: 1 } } },
      "a parameter that is null": { params: { a: null } },
      "a parameter that is NaN": { params: { a: Number.NaN } },
      "a parameter that is a bigint": { params: { a: 1n } },
      "a parameter that is a lone surrogate": { params: { a: "\ud800" } },
      "an infinity for a world's number": { world, params: { a: Infinity } },
      "a lone surrogate for a world's text": { world, params: { b: "\ud800" } },
      "a name that a world has not": { world, params: { c: 1 } },
    });
  });

  test("R5: stores", async () => {
    await refusedWith("WORLD_DEFINITION", {
      "no stores": { state: {} },
      "a store of the streams' name": { state: { $random: state.cells } },
      "streams twice": { streams: ["a", "a"] },
    });
    await refusedWith("WORLD_ARRAY", {
      "an array of another length": { state: { cells: grid(new Uint8Array(3), [4]) } },
    });
    const world = defineWorld({
      name: "w",
      version: 1,
      state: { notes: value({ list: "json" }) },
      init: ({ state: { notes } }) => {
        notes.list = [];
        (notes.list as unknown[]).push(new Date(0));
      },
    });
    await refusedWith("WORLD_VALUE", { "a first state that cannot be stored": { world } });
  });
});
