/** Disks that are full or broken, at each operation in turn. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isEverytickError, type Durability } from "everytick";
import type { LiveRun } from "../../src/runs/live-run.ts";
import { FailingVfs, type Failure } from "./failing-vfs.ts";
import {
  advance,
  crashCopy,
  directory,
  goOn,
  openOn,
  past,
  recordOn,
  type state,
  states,
} from "./small-run.ts";

const lastTick = 9;
const expected = states(lastTick + 10);
const sizes = { segmentBytesMin: 1, bodyBytesMax: 60 };

type Live = LiveRun<typeof state>;

interface Outcome {
  /** The last tick that a commit acknowledged; -1 for none. */
  readonly acknowledged: number;
  readonly errors: readonly unknown[];
  readonly run: Live | undefined;
}

/** Records until the end, going on after each failure as an unwary caller would. */
async function recordThrough(
  vfs: FailingVfs,
  resume: "never" | "auto",
  durability: Durability,
): Promise<Outcome> {
  const errors: unknown[] = [];
  let acknowledged = -1;
  let run: Live;
  try {
    run = await recordOn(vfs, sizes, { resume, durability });
  } catch (error) {
    return { acknowledged, errors: [error], run: undefined };
  }
  acknowledged = run.durableTick;
  for (let tick = run.tick + 1; tick <= lastTick; tick++) {
    try {
      advance(run.state, tick);
      const ack = await run.commit();
      assert.equal(errors.length, 0, "nothing is acknowledged after a failure");
      acknowledged = ack.durableTick;
    } catch (error) {
      errors.push(error);
    }
  }
  return { acknowledged, errors, run };
}

/** Failures that reached the caller as something else than a coded error, and files that one left open. */
const uncoded = new Set<string>();
const leftOpen = new Set<string>();

/** What J5 promises after a failure at one operation. @returns whether the failure came at all. */
async function checkFailure(
  vfs: FailingVfs,
  failure: Failure,
  durability: Durability,
): Promise<boolean> {
  vfs.failure = failure;
  const { acknowledged, errors, run } = await recordThrough(vfs, "auto", durability);
  const happened = vfs.failed > 0;
  vfs.failure = undefined;
  const rest = failure.sticky ? " and all later ones" : "";
  const where = `${failure.code} at operation ${failure.at}${rest}, ${vfs.operations[failure.at]}`;
  checkErrors(errors, run !== undefined, where);

  await run?.close().catch((error: unknown) => assert(isEverytickError(error), String(error)));
  const operation = String(vfs.operations[failure.at]).replace(/\d{16}/, "…");
  if (vfs.openFiles > 0) leftOpen.add(operation);
  const resumed = await recordOn(vfs, sizes, { resume: "auto" });
  assert(resumed.tick >= acknowledged, `${where}: ${resumed.tick} of ${acknowledged}`);
  assert.equal(past(resumed), expected[resumed.tick], where);
  await goOn(resumed, lastTick + 3);
  await resumed.close();
  const read = await openOn(vfs);
  assert.equal(past(await read.at(lastTick + 3)), expected[lastTick + 3], where);
  assert.deepEqual((await read.verify()).damage, [], where);
  return happened;
}

/** The first is the disk's own; those behind it say that the handle is finished. */
function checkErrors(errors: readonly unknown[], opened: boolean, where: string): void {
  for (const [i, error] of errors.entries()) {
    if (!isEverytickError(error)) uncoded.add(String(error).replace(/^.*: /, ""));
    else if (opened)
      assert.equal(error.code, i === 0 ? "JOURNAL_WRITE" : "JOURNAL_POISONED", where);
    assert(!opened || isEverytickError(error), where);
  }
}

for (const code of ["ENOSPC", "EIO"] as const) {
  for (const sticky of [false, true]) {
    const title = `${code}, ${sticky ? "from then on" : "once"}`;

    test(`J5: a new run whose disk fails at any operation keeps what it acknowledged: ${title}`, async () => {
      for (let at = 0; ; at++) {
        if (!(await checkFailure(new FailingVfs(), { code, at, sticky }, "fsync"))) break;
      }
    });

    test(`J5: a resumed run whose disk fails at any operation keeps what it acknowledged: ${title}`, async () => {
      const before = new FailingVfs();
      await goOn(await recordOn(before, sizes), 7);
      // A torn tail, so that a recovery has something to do.
      const [tail] = crashCopy(before).list(`${directory}/journal`)!.slice(-1);
      for (let at = 0; ; at++) {
        const vfs = new FailingVfs();
        copyInto(vfs, before);
        const path = `${directory}/journal/${tail}`;
        const size = vfs.stat(path)!.size;
        const file = vfs.open(path, "update");
        file.write(Uint8Array.of(9, 9, 9), size);
        file.close();
        vfs.operations.length = 0;
        if (!(await checkFailure(vfs, { code, at, sticky }, "fsync"))) break;
      }
    });
  }
}

function copyInto(to: FailingVfs, from: FailingVfs): void {
  const visit = (path: string): void => {
    to.makeDirectory(path);
    for (const name of from.list(path) ?? []) {
      const full = `${path}/${name}`;
      if (from.stat(full)!.directory) visit(full);
      else {
        const file = to.open(full, "create");
        file.write(from.read(full), 0);
        file.close();
      }
    }
  };
  visit("runs");
}

test("J5: at the level of the operating system a failed write ends the handle just as well", async () => {
  for (let at = 0; ; at++) {
    if (!(await checkFailure(new FailingVfs(), { code: "ENOSPC", at, sticky: false }, "os"))) break;
  }
});

// These two look at what the tests above met.
test("J5: each failure reaches the caller as a coded error, also while a run is opened", () => {
  assert.deepEqual([...uncoded], []);
});

test("J5: no failure leaves a file open behind a run that is closed or never opened", () => {
  assert.deepEqual([...leftOpen], []);
});

test("J5: after a failure the run can be read, and its handle says what to do", async () => {
  const vfs = new FailingVfs();
  const run = await recordOn(vfs, sizes);
  await goOn(run, 5);
  vfs.failure = { code: "EIO", at: vfs.operations.length, sticky: true };
  advance(run.state, 6);
  await assert.rejects(run.commit(), (error) => {
    assert(isEverytickError(error, "JOURNAL_WRITE"));
    assert.match(error.details.found ?? "", /EIO/);
    return error.details.next !== undefined && error.cause !== undefined;
  });
  for (const call of [
    () => run.commit(),
    () => run.flush(),
    () => run.gap({ until: 20, reason: "" }),
  ]) {
    await assert.rejects(call(), { code: "JOURNAL_POISONED" });
  }
  const read = await openOn(vfs);
  for (let tick = 0; tick <= 5; tick++) assert.equal(past(await read.at(tick)), expected[tick]);
});

test("J5: a value that was refused is no failure of the disk: the handle lives on", async () => {
  const vfs = new FailingVfs();
  const run = await recordOn(vfs, sizes);
  const reason = "half a pair: \ud800";
  await assert.rejects(run.gap({ until: 3, reason }), (error) => isEverytickError(error));
  assert.equal((await run.commit()).tick, 1);
});

test("J5: a cache that cannot be written is no failure", async () => {
  const vfs = new FailingVfs();
  const run = await recordOn(vfs);
  await goOn(run, 5);
  vfs.failure = { code: "ENOSPC", at: 0, sticky: true, only: /\/cache\// };
  await run.close();
  assert(vfs.failed > 0);
  assert.equal((await openOn(vfs)).tick, 5);
});
