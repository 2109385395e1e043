/** Whatever is put in: one error with its code, and every byte that was recorded before is as it was, and readable. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { grid, openRuns, value, type LiveRun, type Runs } from "everytick";
import { allRefused, bytesBelow, folder, memoryRuns, refusal, rewrite } from "./memory-runs.ts";
import { ReadOnlyVfs, watched } from "./other-files.ts";

const definition = () => ({
  cells: grid("u8", [4]),
  weather: value({ small: "u8", big: "i64", text: "utf8", any: "json", raw: "bytes" }),
});
type Definition = ReturnType<typeof definition>;

/** A run of three ticks, and a check that nothing has happened to it. */
async function recorded() {
  const memory = await memoryRuns();
  const run = await memory.runs.record("run", { state: definition() });
  for (let tick = 1; tick <= 3; tick++) {
    run.state.cells.fill(tick);
    await run.commit();
  }
  await run.close();
  const before = bytesBelow(memory.ports.vfs, folder);
  const unharmed = async (what = ""): Promise<void> => {
    assert.deepEqual(bytesBelow(memory.ports.vfs, folder), before, what);
    await using runs = await memory.others();
    await using reader = await runs.open("run");
    const { damage, ticks } = await reader.verify();
    assert.deepEqual([damage, ticks], [[], 4], what);
  };
  return { ...memory, unharmed };
}

const badIds: readonly unknown[] = [
  "",
  ".",
  "..",
  "../run",
  "run/..",
  "run/../run",
  "./run",
  "/run",
  "//run",
  "/etc/passwd",
  "a/b",
  "run/",
  "..\\run",
  "a\\b",
  "C:\\run",
  "c:run",
  "\\\\server\\share",
  "%2e%2e",
  "%2e%2e%2frun",
  "..%2frun",
  "%00",
  "run\u0000",
  "\u0000",
  "run\n",
  "\nrun",
  " run",
  "run ",
  "run.",
  "con.txt",
  "nul.",
  "aux:",
  "lpt1.seg",
  "run:stream",
  "Run",
  "RUN",
  "ʀun",
  "ｒｕｎ",
  "．．",
  "‥",
  "․․",
  "ru\u0301n",
  "run\u200b",
  "run\ud800",
  "-run",
  "_run",
  "~",
  "$HOME",
  "*",
  "run?",
  "x".repeat(65),
  "x".repeat(100_000),
  5,
  5n,
  null,
  true,
  {},
  [],
  ["run"],
  Symbol("run"),
  () => "run",
  new String("run"),
];
const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;

describe("R1: a run id is checked before any path is built from it", () => {
  test("R1: bad ids touch nothing", async () => {
    const { ports, unharmed } = await recorded();
    const { vfs, calls } = watched(ports.vfs);
    const runs = await openRuns(folder, { ...ports, vfs });
    const named = [...badIds, cyclic].map((id, i) => {
      const name = `${i}: ${typeof id === "string" ? JSON.stringify(id.slice(0, 70)) : typeof id}`;
      return [name, id as string] as const;
    });
    const each = (work: (id: string) => unknown) =>
      Object.fromEntries(
        named.map(([name, id]) => {
          const call = async (): Promise<unknown> => {
            calls.length = 0;
            const error: unknown = await Promise.resolve(work(id)).catch(
              (thrown: unknown) => thrown,
            );
            assert.deepEqual(calls, [], "something was touched");
            throw error as Error;
          };
          return [name, call] as const;
        }),
      );
    await allRefused(
      "RUNS_ID",
      each(async (id) => runs.open(id)),
    );
    await allRefused(
      "RUNS_ID",
      each(async (id) => runs.facts(id)),
    );
    // Nothing given is a run of the current time; everything else is checked.
    const record = async (id: string) => runs.record(id ?? "", { state: definition() });
    await allRefused("RUNS_ID", each(record));
    const resume = async (id: string) =>
      runs.record(id ?? "", { state: definition(), resume: "auto" });
    await allRefused("RUNS_ID", each(resume));
    await unharmed();
  });

  test("R1: good ids are good, up to 64 characters", async () => {
    const { runs } = await memoryRuns();
    for (const id of ["0", "a", "a-b_c", "20260101_000000", "x".repeat(64), "9-", "a_"]) {
      await using run = await runs.record(id, { state: definition() });
      assert.equal(run.id, id);
    }
    const error = await refusal(async () => runs.open("A"), "RUNS_ID", { found: /"A"/ });
    assert.match(error.details.expected ?? "", /a-z 0-9/);
  });

  test("R1: folders that no run could have are not listed", async () => {
    const { runs, ports, unharmed } = await recorded();
    for (const name of ["Run2", "run.2", "-run", ".hidden"]) {
      ports.vfs.makeDirectory(`${folder}/${name}`);
    }
    assert.deepEqual(
      (await runs.list()).map(({ id }) => id),
      ["run"],
    );
    await unharmed();
  });
});

async function resumed(runs: Runs): Promise<LiveRun<Definition>> {
  return runs.record("run", { state: definition(), resume: "only" });
}

test("C4: ticks that are none", async () => {
  const { runs, others, unharmed } = await recorded();
  await using reader = await runs.open("run");
  const ticks = [-1, -0.5, 0.5, Number.NaN, Infinity, -Infinity, 2 ** 53, 1e300, "1", 1n];
  const cases = ticks.map((tick) => [`${typeof tick} ${String(tick)}`, tick as number] as const);
  const of = (work: (tick: number) => unknown): Record<string, () => unknown> =>
    Object.fromEntries(cases.map(([name, tick]) => [name, () => work(tick)]));
  await allRefused(
    "TIMELINE_TICK",
    of(async (tick) => reader.at(tick)),
  );
  await allRefused(
    "TIMELINE_TICK",
    of(async (tick) => reader.changesAt(tick)),
  );
  await allRefused(
    "TIMELINE_TICK",
    of(async (from) => Array.fromAsync(reader.play({ from }))),
  );
  await allRefused(
    "TIMELINE_TICK",
    of(async (to) => Array.fromAsync(reader.play({ to }))),
  );
  await unharmed();
  const run = await resumed(await others());
  await allRefused(
    "RECORDER_TICK",
    of(async (tick) => run.commit({ tick })),
  );
  await allRefused(
    "RECORDER_TICK",
    of(async (until) => run.gap({ until, reason: "" })),
  );
  assert.equal((await run.commit()).tick, 4);
  await run.close();
});

test("W4, W5: values and arrays that cannot be stored are refused, and nothing of their tick is", async () => {
  const { runs, ports } = await recorded();
  const huge = "x".repeat(16 * 2 ** 20 + 1);
  const cycle: unknown[] = [];
  cycle.push({ cycle });
  const cases: Readonly<Record<string, Record<string, unknown>>> = {
    "256 in u8": { small: 256 },
    "text in u8": { small: "1" },
    "a number in i64": { big: 1 },
    "2^63 in i64": { big: 2n ** 63n },
    "a number in utf8": { text: 1 },
    "a lone surrogate": { text: "\udfff" },
    "text that is too large": { text: huge },
    "NaN in json": { any: [Number.NaN] },
    "bigint in json": { any: { a: 1n } },
    "a date in json": { any: new Date(0) },
    "a cycle in json": { any: cycle },
    "undefined in json": { any: { a: undefined } },
    "a lone surrogate in json": { any: ["\ud800"] },
    "json that is too large": { any: [huge] },
    "text for bytes": { raw: "text" },
    "bytes that are too large": { raw: new Uint8Array(16 * 2 ** 20 + 1) },
  };
  const run = await resumed(runs);
  await run.flush();
  const before = bytesBelow(ports.vfs, folder);
  const set = (values: object) => () => Object.assign(run.state.weather, values);
  const commit = (weather: object) => async () => run.commit({ changes: { weather } });
  for (const form of [set, commit]) {
    const entries = Object.entries(cases).map(([name, values]) => [name, form(values)] as const);
    await allRefused("WORLD_VALUE", Object.fromEntries(entries));
  }
  assert.deepEqual(bytesBelow(ports.vfs, folder), before);
  await run.commit();
  assert.deepEqual(await run.changesAt(4), []);
  await run.close();
});

test("W5: a bound array of another length or type is refused at the commit, and nothing is recorded", async () => {
  const { runs, ports } = await memoryRuns();
  let cells: Uint8Array = Uint8Array.of(1, 2, 3, 4);
  await using run = await runs.record("bound", { state: { cells: grid(() => cells, [4]) } });
  const before = bytesBelow(ports.vfs, folder);
  for (const wrong of [
    new Uint8Array(5),
    new Uint8Array(0),
    new Int8Array(4),
    [1, 2, 3, 4],
    undefined,
  ]) {
    cells = wrong as Uint8Array;
    const details = { where: /cells/, expected: /4 elements of u8/, found: /./, next: /./ };
    await refusal(async () => run.commit(), "WORLD_ARRAY", details);
  }
  assert.deepEqual(bytesBelow(ports.vfs, folder), before);
  cells = Uint8Array.of(1, 2, 3, 5);
  await run.commit();
  assert.equal((await run.changesAt(1)).length, 1);
});

test("R4: a folder that holds something else is not touched", async () => {
  for (const names of [["notes.txt"], ["journal/0000000000000000.seg"], ["run.json.new", "data"]]) {
    const { runs, ports } = await memoryRuns();
    for (const name of names) {
      const path = `${folder}/mine/${name}`;
      ports.vfs.makeDirectory(path.slice(0, path.lastIndexOf("/")));
      const file = ports.vfs.open(path, "create");
      file.write(Buffer.from("precious"), 0);
      file.close();
    }
    const before = bytesBelow(ports.vfs, folder);
    for (const resume of ["never", "auto"] as const) {
      const record = async (): Promise<unknown> =>
        runs.record("mine", { state: definition(), resume });
      const details = { where: /mine/, found: /notes|journal|data/, next: /./ };
      await refusal(record, "RUNS_FOREIGN", details);
    }
    await refusal(async () => runs.open("mine"), "RUNS_MISSING");
    assert.deepEqual(await runs.list(), []);
    assert.deepEqual(bytesBelow(ports.vfs, folder), before);
  }
});

test("R4: files beside the journal survive a resume", async () => {
  const { runs, ports } = await recorded();
  const mine = ["notes.txt", "journal/notes.txt", "journal/0000000000000000.seg.bak"];
  for (const name of mine) {
    const file = ports.vfs.open(`${folder}/run/${name}`, "create");
    file.write(Buffer.from(`my ${name}`), 0);
    file.close();
  }
  const run = await resumed(runs);
  await run.commit();
  await run.close();
  for (const name of mine) {
    assert.equal(Buffer.from(ports.vfs.read(`${folder}/run/${name}`)).toString(), `my ${name}`);
  }
});

test("R4: a file where a run's folder should be is left alone", async () => {
  const { runs, ports } = await memoryRuns();
  ports.vfs.makeDirectory(folder);
  ports.vfs.open(`${folder}/run`, "create").close();
  await refusal(async () => runs.open("run"), "RUNS_MISSING");
  const record = async (): Promise<unknown> => runs.record("run", { state: definition() });
  await assert.rejects(record, { code: /^RUNS_(FOREIGN|FOLDER)$/, message: /runs.run/ });
  assert.deepEqual(await runs.list(), []);
});

test("F6: a newer segment is refused and not touched", async () => {
  const { runs, ports, unharmed } = await recorded();
  const path = `${folder}/run/journal/0000000000000000.seg`;
  const original = ports.vfs.read(path);
  rewrite(ports.vfs, path, () => original.with(8, 1));
  const newer = bytesBelow(ports.vfs, folder);
  const details = { where: /seg/, found: /1/, next: /./ };
  await refusal(async () => runs.open("run"), "FORMAT_NEWER", details);
  await refusal(async () => resumed(runs), "FORMAT_NEWER", details);
  const record = async (): Promise<unknown> => runs.record("run", { state: definition() });
  await refusal(record, "FORMAT_NEWER", details);
  assert.deepEqual(bytesBelow(ports.vfs, folder), newer);
  rewrite(ports.vfs, path, () => original);
  await unharmed();
});

test("J4: a folder that cannot be written can be read, and refuses to record", async () => {
  const { ports, unharmed } = await recorded();
  const runs = await openRuns(folder, { ...ports, vfs: new ReadOnlyVfs(ports.vfs) });
  await using reader = await runs.open("run");
  assert.deepEqual((await reader.verify()).damage, []);
  assert.equal((await reader.facts()).status, "closed");
  const record = async (): Promise<unknown> => runs.record("new", { state: definition() });
  await refusal(record, "RUNS_FOLDER", { where: /runs/, found: /EROFS/, next: /./ });
  await refusal(async () => resumed(runs), "RUNS_FOLDER", { found: /EROFS/, next: /./ });
  await unharmed();
});
