/** Folders of the machine: files in the way, folders that cannot be written, disks that are full. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import { grid, openRuns, type Run, type RunCard } from "everytick";
import { refusal } from "./memory-runs.ts";

const base = mkdtempSync(join(tmpdir(), "everytick-folders-"));
after(() => rmSync(base, { recursive: true }));

const definition = () => ({ cells: grid("u8", [1000]) });

/** Every file below a folder; the lock's own are no history. */
function filesBelow(path: string): Map<string, string> {
  const names = readdirSync(path, { recursive: true, encoding: "utf8" }).sort();
  return new Map(
    names
      .map((name) => join(path, name))
      .filter((name) => statSync(name).isFile() && !/lock\.(db|json)/.test(name))
      .map((name) => [name, readFileSync(name, "hex")]),
  );
}

/** Mounts, if this machine lets us; says why not otherwise. */
function mount(t: TestContext, path: string, ...args: readonly string[]): boolean {
  mkdirSync(path, { recursive: true });
  try {
    execFileSync("/bin/mount", [...args, path], { stdio: "pipe" });
  } catch (error) {
    t.skip(`mounting is not possible here: ${(error as Error).message.split("\n")[0]}`);
    return false;
  }
  t.after(() => void execFileSync("/bin/umount", ["--lazy", path], { stdio: "pipe" }));
  return true;
}

test("R4: a folder of runs that is a file, or lies in one, is refused", async () => {
  const file = join(base, "file");
  writeFileSync(file, "precious");
  await refusal(async () => openRuns(file), "RUNS_FOLDER", { where: /file$/, found: /a file/ });
  const inside = await openRuns(`${file}/runs`).catch((error: unknown) => error);
  if (!(inside instanceof Error)) {
    const runs = inside as Awaited<ReturnType<typeof openRuns>>;
    assert.deepEqual(await runs.list(), []);
    const record = async (): Promise<unknown> => runs.record("run", { state: definition() });
    await refusal(record, "RUNS_FOLDER", { next: /./ });
  }
  assert.equal(readFileSync(file, "utf8"), "precious");
});

test("R4: what is no folder's name is refused", async () => {
  await assert.rejects(async () => openRuns(""), { code: "RUNS_FOLDER" });
  for (const path of [5, null, undefined, {}, "a\u0000b", ["runs"]]) {
    const error = await refusal(async () => openRuns(path as string), "RUNS_FOLDER");
    assert.match(error.details.expected ?? "", /folder/);
  }
});

test("R4: slashes at the end of a folder's name mean nothing, and the folder may not be there yet", async () => {
  const runs = await openRuns(`${base}/deep/er//`);
  await (await runs.record("run", { state: definition() })).close();
  const again = await openRuns(join(base, "deep", "er"));
  assert.deepEqual(
    (await again.list()).map(({ id }: RunCard) => id),
    ["run"],
  );
});

test("R4: a file where a run's folder should be is left alone", async () => {
  const path = join(base, "crowded");
  mkdirSync(path);
  writeFileSync(join(path, "run"), "precious");
  const runs = await openRuns(path);
  await refusal(async () => runs.open("run"), "RUNS_MISSING");
  const record = async (): Promise<unknown> => runs.record("run", { state: definition() });
  await assert.rejects(record, { code: /^RUNS_(FOREIGN|FOLDER)$/, message: /crowded.run/ });
  assert.equal(readFileSync(join(path, "run"), "utf8"), "precious");
});

test("facts count the bytes of the files of a run, and of nothing else", async () => {
  const path = join(base, "counted");
  const runs = await openRuns(path);
  await (await runs.record("run", { state: definition() })).close();
  const journal = join(path, "run", "journal");
  mkdirSync(join(journal, "torn"));
  writeFileSync(join(journal, "torn", "old.bin"), "kept aside");
  const segment = statSync(join(journal, "0000000000000000.seg")).size;
  const { bytes } = await runs.facts("run");
  assert.equal(bytes, segment + statSync(join(path, "run", "run.json")).size);
});

test("R6: a card that is a folder is a damaged card", async () => {
  const path = join(base, "strange");
  mkdirSync(join(path, "run", "run.json"), { recursive: true });
  const runs = await openRuns(path);
  await refusal(async () => runs.open("run"), "RUNS_CARD");
  await refusal(async () => runs.record("run", { state: definition() }), "RUNS_CARD");
});

test("J4: a folder mounted read-only can be read, and refuses to record", async (t) => {
  const path = join(base, "writable");
  const runs = await openRuns(path);
  const run = await runs.record("run", { state: definition() });
  for (let tick = 1; tick <= 3; tick++) {
    run.state.cells.fill(tick);
    await run.commit();
  }
  await run.close();
  const before = filesBelow(path);
  const readOnly = join(base, "read-only");
  if (!mount(t, readOnly, "--bind", "-o", "ro", path)) return;
  try {
    writeFileSync(join(readOnly, "probe"), "");
    return t.skip("a read-only mount that can be written");
  } catch {
    // As it should be.
  }
  await using others = await openRuns(readOnly);
  await using reader = (await others.open("run")) as unknown as Run<ReturnType<typeof definition>>;
  assert.equal((await reader.at(3)).state.cells[999], 3);
  assert.deepEqual((await reader.verify()).damage, []);
  assert.equal((await reader.facts()).status, "closed");
  assert.equal((await others.list()).length, 1);
  const state = definition();
  const details = { where: /read-only/, next: /./ };
  await refusal(
    async () => others.record("run", { state, resume: "only" }),
    "RUNS_FOLDER",
    details,
  );
  await refusal(async () => others.record("new", { state }), "RUNS_FOLDER", details);
  assert.deepEqual(filesBelow(path), before);
});

test("J5: on a disk that is full, what was acknowledged stays, and with space the run goes on", async (t) => {
  const path = join(base, "small-disk");
  if (!mount(t, path, "-t", "tmpfs", "-o", "size=256k", "none")) return;
  const runs = await openRuns(path);
  const run = await runs.record("run", { state: definition() });
  const filler = join(path, "filler");
  writeFileSync(filler, new Uint8Array(100 * 1024));
  let acknowledged = 0;
  const fill = async (): Promise<void> => {
    for (let tick = 1; tick < 10_000; tick++) {
      for (let i = 0; i < 1000; i++) run.state.cells[i] = run.random.uint32();
      acknowledged = (await run.commit()).durableTick;
    }
  };
  const error = await refusal(fill, "JOURNAL_WRITE", { where: /run/, found: /ENOSPC/, next: /./ });
  assert(acknowledged > 10, error.message);
  await refusal(async () => run.commit(), "JOURNAL_POISONED", { next: /./ });
  assert.equal((await run.at(acknowledged)).tick, acknowledged);
  await run.close().catch(() => undefined);
  // No other run can begin here either, and nothing of the attempt is in the way later.
  const record = async (): Promise<unknown> => runs.record("other", { state: definition() });
  assert.throws(() => writeFileSync(filler, new Uint8Array(256 * 1024)), { code: "ENOSPC" });
  await assert.rejects(record, { code: /^(JOURNAL_WRITE|RUNS_FOLDER)$/, message: /ENOSPC|full/ });
  await using reader = await runs.open("run");
  assert(reader.tick >= acknowledged);
  assert.deepEqual((await reader.verify()).damage, []);

  rmSync(filler);
  await (await runs.record("other", { state: definition() })).close();
  await using resumed = await runs.record("run", { state: definition(), resume: "only" });
  assert(resumed.tick >= acknowledged);
  await resumed.commit();
  assert.deepEqual((await resumed.verify()).damage, []);
  await runs.close();
});
