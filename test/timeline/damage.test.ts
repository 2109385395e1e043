import assert from "node:assert/strict";
import { test } from "node:test";
import { isEverytickError, openRuns, type Past, type Run, type Runs, type Tick } from "everytick";
import { Choices } from "../model/choices.ts";
import { folder, memoryRuns, rewrite } from "../runs/memory-runs.ts";
import { CountingVfs } from "../runs/other-files.ts";
import { definition, recordedRun, textOf, type Definition, type Recorded } from "./recorded-run.ts";

const journal = `${folder}/run/journal`;
const recorded: Recorded = await recordedRun();
const { states, ticks, ports } = recorded;
/** A reader in circles would not even let a timer end the test. */
const others = async (): Promise<Runs> => {
  const vfs = new CountingVfs(ports.vfs);
  vfs.readsMax = 5000;
  return openRuns(folder, { ...ports, vfs });
};

/** Flips one bit while `work` runs. */
async function flipped(
  file: string,
  offset: number,
  bit: number,
  work: () => Promise<void>,
): Promise<void> {
  const flip = (bytes: Uint8Array): Uint8Array => {
    const copy = bytes.slice();
    copy[offset]! ^= 1 << bit;
    return copy;
  };
  rewrite(ports.vfs, `${journal}/${file}`, flip);
  try {
    await work();
  } finally {
    rewrite(ports.vfs, `${journal}/${file}`, flip);
  }
}

/** An error that says where: a file of the journal, and in it a byte or a tick. */
function checkError(error: unknown, what: string): void {
  assert(isEverytickError(error), `${what}: ${String((error as Error).stack)}`);
  assert.match(error.code, /^(JOURNAL|FORMAT|TIMELINE)_/, what);
  if (/^TIMELINE_(TICK|GAP)$/.test(error.code)) return;
  assert.match(error.details.where ?? "", /\d{16}\.seg/, `${what}: ${error.message}`);
}

async function readAll(what: string): Promise<number> {
  await using runs = await others();
  let run: Run<Definition>;
  try {
    run = (await runs.open("run")) as unknown as Run<Definition>;
  } catch (error) {
    checkError(error, what);
    return 0;
  }
  let read = 0;
  for (const tick of [3, 17, 39, 0, 25, 13, 31, 9]) {
    try {
      const past = await run.at(tick);
      assert.equal(past.tick, tick, what);
      assert.equal(textOf(past.state), states.get(tick), `${what}: tick ${tick}`);
      read++;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      checkError(error, what);
    }
  }
  return read;
}

test("T3: with any bit flipped a read gives the right tick or an error that says where, seed 1", async () => {
  const choices = new Choices(1);
  const files = ports.vfs.list(journal) ?? [];
  let [whole, broken] = [0, 0];
  for (let round = 0; round < 400; round++) {
    const file = choices.pick(files);
    const offset = choices.below(ports.vfs.stat(`${journal}/${file}`)?.size as number);
    const bit = choices.below(8);
    const what = `bit ${bit} of byte ${offset} of ${file}`;
    await flipped(file, offset, bit, async () => {
      const read = await readAll(what);
      if (read === 8) whole++;
      else broken++;
    });
  }
  assert(whole > 10 && broken > 10, `${whole} and ${broken}`);
});

test("T3: the error of a damaged tick names the file, the byte and the tick", async () => {
  const file = (ports.vfs.list(journal) ?? [])[0] as string;
  const size = ports.vfs.stat(`${journal}/${file}`)?.size as number;
  let named = 0;
  for (let offset = Math.floor(size / 2); offset < size - 400; offset += 37) {
    await flipped(file, offset, 3, async () => {
      await using runs = await others();
      await using run = await runs.open("run");
      for (const tick of ticks) {
        try {
          await run.at(tick);
        } catch (error) {
          assert(isEverytickError(error, "JOURNAL_DAMAGED"), String(error));
          assert.match(error.details.where ?? "", /^\d{16}\.seg, byte \d+.* tick .*\d+$/);
          assert.match(error.details.next ?? "", /verify/);
          named++;
        }
      }
    });
  }
  assert(named > 0);
});

test("T3: a reader that met damage on its way still answers right elsewhere", async () => {
  const file = (ports.vfs.list(journal) ?? [])[1] as string;
  await using runs = await others();
  const run = (await runs.open("run")) as unknown as Run<Definition>;
  const readable = async (): Promise<Tick[]> => {
    const found: Tick[] = [];
    for (const tick of [...ticks, ...[...ticks].reverse()]) {
      try {
        const past = await run.at(tick);
        assert.equal(textOf(past.state), states.get(tick), `tick ${tick}`);
        found.push(tick);
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        checkError(error, `tick ${tick}`);
      }
    }
    return found;
  };
  assert.equal((await readable()).length, 2 * ticks.length);
  const size = ports.vfs.stat(`${journal}/${file}`)?.size as number;
  await flipped(file, Math.floor(size / 2), 0, async () => {
    const found = await readable();
    assert(found.length < 2 * ticks.length && found.length > 10, String(found.length));
  });
  // Nothing of the damage was kept.
  assert.equal((await readable()).length, 2 * ticks.length);
});

test("T3: ticks behind damage at the end of the run are damaged, not unknown", async () => {
  const file = (ports.vfs.list(journal) ?? []).at(-1) as string;
  const first = Number(file.slice(0, 16));
  const size = ports.vfs.stat(`${journal}/${file}`)?.size as number;
  await flipped(file, Math.floor(size / 2), 4, async () => {
    await using runs = await others();
    const run = (await runs.open("run")) as unknown as Run<Definition>;
    const damaged: Tick[] = [];
    for (const tick of ticks) {
      try {
        assert.equal(textOf((await run.at(tick)).state), states.get(tick));
        assert.equal(damaged.length, 0, `tick ${tick} lies behind the damage`);
      } catch (error) {
        assert(isEverytickError(error, "JOURNAL_DAMAGED"), `tick ${tick}: ${String(error)}`);
        damaged.push(tick);
      }
    }
    assert(damaged.length > 0 && (damaged[0] as Tick) > first);
    // Playing to the end must not make it a shorter run.
    await assert.rejects(async () => Array.fromAsync(run.play()), { code: "JOURNAL_DAMAGED" });
  });
});

test("J3: the mark of a closed run proves all ticks before it, with the cache or without", async () => {
  for (const window of [0, 5, 64]) {
    const memory = await memoryRuns();
    const run = await memory.runs.record("run", { state: definition(), window });
    for (let tick = 1; tick <= 20; tick++) {
      run.state.cells.fill(tick);
      await run.commit();
    }
    await run.close();
    const { vfs } = memory.ports;
    const path = `${journal}/0000000000000000.seg`;
    const middle = Math.floor((vfs.stat(path)?.size as number) * 0.8);
    rewrite(vfs, path, (bytes) => bytes.with(middle, (bytes[middle] as number) ^ 1));
    vfs.remove(`${folder}/run/cache/0000000000000000.seg.index`);
    const what = `window ${window}`;
    await using reader = await memory.runs.open("run");
    assert.equal((await reader.verify()).damage.length > 0, true, what);
    const resume = async () => memory.runs.record("run", { state: definition(), resume: "only" });
    await assert.rejects(resume, { code: "JOURNAL_DAMAGED" }, what);
  }
});

test("T3: with a segment gone, its ticks are missing by name and all others as they were", async () => {
  const files = ports.vfs.list(journal) ?? [];
  for (const [number, file] of files.entries()) {
    if (number === files.length - 1) continue;
    const [from, until] = [file, files[number + 1] as string].map((name) =>
      Number(name.slice(0, 16)),
    );
    const bytes = ports.vfs.read(`${journal}/${file}`);
    ports.vfs.remove(`${journal}/${file}`);
    await using runs = await others();
    const run = await runs.open("run").catch((error: unknown) => error as Error);
    if (run instanceof Error) {
      assert(isEverytickError(run, "JOURNAL_MISSING"), String(run));
    } else {
      for (const tick of [...ticks, ...[...ticks].reverse()]) {
        const isGone = tick >= (from as Tick) && tick < (until as Tick);
        try {
          const past = (await run.at(tick)) as unknown as Past<Definition>;
          assert(!isGone, `tick ${tick} of ${file} was read`);
          assert.equal(textOf(past.state), states.get(tick));
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          assert(isEverytickError(error, "JOURNAL_MISSING"), `tick ${tick}: ${String(error)}`);
          assert(isGone, `tick ${tick} is there: ${error.message}`);
        }
      }
    }
    const restored = ports.vfs.open(`${journal}/${file}`, "create");
    restored.write(bytes, 0);
    restored.close();
  }
});

test("T5: verify reports every flipped bit, where it is, and does not throw, seed 2", async () => {
  const choices = new Choices(2);
  const files = ports.vfs.list(journal) ?? [];
  const headerBytes = 1200;
  for (let round = 0; round < 150; round++) {
    const file = choices.pick(files);
    const size = ports.vfs.stat(`${journal}/${file}`)?.size as number;
    const offset = headerBytes + choices.below(size - headerBytes);
    const what = `byte ${offset} of ${size} of ${file}`;
    await flipped(file, offset, choices.below(8), async () => {
      await using runs = await others();
      const run = await runs.open("run").catch((error: unknown) => checkError(error, what));
      if (run === undefined) return;
      const { damage, tailBytes } = await run.verify();
      // The last frame of a file that is still open may be a torn tail: nothing behind it proves otherwise.
      if (file === files.at(-1) && damage.length === 0) return assert(tailBytes > 0, what);
      assert(damage.length > 0, `${what} was not found`);
      assert(
        damage.some((found) => found.file === `journal/${file}`),
        what,
      );
      for (const { expected, found } of damage) assert(expected !== "" && found !== "", what);
    });
  }
});

test("T5: verify of a whole run counts everything in it", async () => {
  await using runs = await others();
  await using run = await runs.open("run");
  const report = await run.verify();
  const files = ports.vfs.list(journal) ?? [];
  const bytes = files.reduce(
    (sum, name) => sum + (ports.vfs.stat(`${journal}/${name}`)?.size ?? 0),
    0,
  );
  const { firstTick, lastTick, ticks: count, segments, tailBytes, damage } = report;
  assert.deepEqual(
    { firstTick, lastTick, count, segments, tailBytes, damage, bytes: report.bytes },
    {
      firstTick: 0,
      lastTick: 39,
      count: ticks.length,
      segments: files.length,
      tailBytes: 0,
      damage: [],
      bytes,
    },
  );
  assert.equal(report.historyDigest, (await run.at(39)).historyDigest);
});
