import { isEverytickError } from "../../errors.ts";
import { openRuns } from "../../runs/runs.ts";
import {
  type Fault,
  nothingSurvives,
  SimFs,
  simOperations,
  type SimOperation,
} from "../../testing/index.ts";
import { coded, copyInto, examine, makeSpecimen } from "../examine.ts";
import { herdWorkload } from "../herd.ts";
import { expect, Oracle, Violation } from "../oracle.ts";
import { isDone, none, type Row, type RowContext, type RowResult, Tally } from "../row.ts";
import { type Action, openWorkload, portsOn, runId, runsFolder, Session } from "../workload.ts";

/** A run that is recorded, rolled, closed, and resumed by another process. */
const script: readonly Action[] = [
  "resume",
  "commit",
  "gap",
  "rotate",
  "commit",
  "close",
  "resume",
  "commit",
  "commit",
];

/** Does everything on a disk that fails, going on after each failure as an unwary caller would. */
async function playThrough(session: Session, then: readonly Action[] = script): Promise<number> {
  let failures = 0;
  let isPoisoned = false;
  for (const action of then) {
    if (action === "resume") isPoisoned = false;
    else if (session.run === undefined) continue;
    const before = session.acknowledged;
    try {
      await session.do(action);
    } catch (error) {
      failures += 1;
      isPoisoned = true;
      expect(isEverytickError(error), `an error without a code: ${String(error)}`);
      if (action === "close") session.run = undefined;
      continue;
    }
    const isMore = isPoisoned && session.acknowledged > before;
    expect(!isMore, `${action} acknowledges tick ${session.acknowledged} after a failure`);
  }
  return failures;
}

/** The disk works again: what was acknowledged is there, in the cache and on the disk. */
async function checkAfter(oracle: Oracle, { disk, promised }: Session): Promise<void> {
  disk.faults.heal();
  disk.onChange = () => undefined;
  disk.capacity = Number.POSITIVE_INFINITY;
  disk.isReadOnly = false;
  await about(
    "after a loss of power",
    oracle.check(disk.afterPowerLoss(nothingSurvives), promised),
  );
  disk.killProcess();
  await about("after a kill", oracle.check(disk, promised));
}

async function about(when: string, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw new Violation(`${when}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The fast tier tries every so many of what the others try all of. */
function strideOf({ tier }: RowContext): number {
  return tier === "pr" ? 12 : 1;
}

interface NthFault {
  readonly code: string;
  readonly operations: readonly SimOperation[];
}

/** Fails the first operation, then the second, until nothing fails any more; once, and from then on. */
async function everyNth(
  context: RowContext,
  tally: Tally,
  faults: readonly NthFault[],
): Promise<void> {
  const { codecs, seed } = context;
  const stride = strideOf(context);
  const oracle = new Oracle(herdWorkload, codecs);
  for (const { code, operations } of faults) {
    for (const isSticky of [false, true]) {
      for (let at = seed % stride; !isDone(context, tally); at += stride) {
        const fault: Fault = { code, operations, at, isSticky };
        const session = new Session(new SimFs(), herdWorkload, codecs);
        session.disk.faults.inject(fault);
        const where = `${code} at ${operations.join(", ")} ${at}${isSticky ? " and all later" : ""}`;
        await tally.try(seed, where, async () => {
          await playThrough(session);
          await checkAfter(oracle, session);
        });
        if (session.disk.faults.fired.size === 0) break;
      }
    }
  }
}

const reading: readonly SimOperation[] = ["list", "stat", "read", "size", "range"];
const changing = simOperations.filter(
  (operation) => !["close", "lock", ...reading].includes(operation),
);

async function brokenDisk(context: RowContext): Promise<RowResult> {
  const tally = new Tally("point");
  const faults = [...changing, ...reading, "lock" as const].map((operation) => {
    return { code: "EIO", operations: [operation] };
  });
  await everyNth(context, tally, faults);
  return tally.result();
}

async function otherCodes(context: RowContext): Promise<RowResult> {
  const tally = new Tally("point");
  await everyNth(context, tally, [
    { code: "EDQUOT", operations: ["write", "create", "makeDirectory"] },
    { code: "EMFILE", operations: ["create", "update", "range", "read", "list"] },
    { code: "EFBIG", operations: ["write", "truncate"] },
  ]);
  return tally.result();
}

/** A sync fails, its pages count as clean, and every later sync succeeds. */
async function failedSyncs({ codecs, seed }: RowContext): Promise<RowResult> {
  const tally = new Tally("failed sync");
  const oracle = new Oracle(herdWorkload, codecs);
  for (let at = 0; ; at++) {
    const session = new Session(new SimFs(), herdWorkload, codecs);
    session.disk.faults.inject({ code: "EIO", operations: ["sync"], at });
    await tally.try(seed, `sync ${at} fails`, async () => {
      await playThrough(session, script.slice(0, -3));
      session.disk.faults.heal();
      // Another process of the same system: its cache shows what the disk never got.
      await session.open();
      for (let i = 0; i < 3; i++) await session.commit();
      await checkAfter(oracle, session);
    });
    if (session.disk.faults.fired.size === 0) break;
  }
  return tally.result();
}

/** Every size that the disk can have, until everything fits. */
async function fullDisk(context: RowContext): Promise<RowResult> {
  const { codecs, seed, tier } = context;
  const tally = new Tally("size of a disk");
  const oracle = new Oracle(herdWorkload, codecs);
  const step = tier === "pr" ? 599 : tier === "nightly" ? 16 : 1;
  for (let capacity = seed % step; ; capacity += step) {
    if (isDone(context, tally)) break;
    const session = new Session(new SimFs(), herdWorkload, codecs);
    session.disk.capacity = capacity;
    let failures = 0;
    await tally.try(seed, `${capacity} bytes`, async () => {
      failures = await playThrough(session);
      if (session.acknowledged >= 0) await checkReadable(session, oracle);
      session.disk.capacity = Number.POSITIVE_INFINITY;
      await session.reopen();
      await session.commit();
      await checkAfter(oracle, session);
    });
    if (failures === 0) break;
  }
  return tally.result();
}

/** Reading needs no space and no lock. */
async function checkReadable({ disk, promised }: Session, oracle: Oracle): Promise<void> {
  const runs = await openRuns(runsFolder, portsOn(disk, oracle.codecs));
  const run = await runs.open(runId);
  const ticks = await oracle.checkReadable(run, promised.issued);
  const last = ticks.at(-1) ?? -1;
  expect(last >= promised.acknowledged, `tick ${promised.acknowledged} cannot be read meanwhile`);
  expect((await run.verify()).damage.length === 0, "verify finds damage meanwhile");
  await run.close();
}

/** The disk becomes read-only at each change in turn, and at the start. */
async function readOnlyDisk(context: RowContext): Promise<RowResult> {
  const { codecs, seed } = context;
  const tally = new Tally("moment");
  const oracle = new Oracle(herdWorkload, codecs);
  const stride = strideOf(context);
  for (let at = seed % stride; !isDone(context, tally); at += stride) {
    const session = new Session(new SimFs(), herdWorkload, codecs);
    const { disk } = session;
    let changes = 0;
    disk.isReadOnly = at === 0;
    disk.onChange = () => {
      changes += 1;
      if (changes === at) disk.isReadOnly = true;
    };
    await tally.try(seed, `read-only behind change ${at}`, async () => {
      await playThrough(session);
      if (session.acknowledged >= 0) await checkReadable(session, oracle);
      await checkAfter(oracle, session);
    });
    if (changes < at) break;
  }
  return tally.result();
}

/** Short reads in the middle of files, and writes that were interrupted half-way. */
async function shortTransfers(context: RowContext): Promise<RowResult> {
  const { codecs, seed } = context;
  const tally = new Tally("short transfer");
  const { vfs } = await makeSpecimen(codecs, "killed");
  for (let at = 0; !isDone(context, tally); at++) {
    const disk = copyInto(vfs, new SimFs());
    disk.faults.inject({ code: "SHORT", operations: ["range"], at });
    const specimen = await makeSpecimen(codecs, "killed");
    await tally.try(seed, `range ${at} comes short`, async () => {
      await examine({ ...specimen, vfs: disk });
      await coded(async () => {
        const run = await openWorkload(herdWorkload, portsOn(disk, codecs), "only");
        const expected = specimen.facts.at(-1)?.shown;
        expect(herdWorkload.shown(run.state) === expected, "a writer goes on from another state");
        await run.close();
      });
    });
    if (disk.faults.fired.size === 0) break;
  }
  await everyNth(context, tally, [
    { code: "EINTR", operations: ["write"] },
    { code: "EAGAIN", operations: ["write"] },
  ]);
  return tally.result();
}

export const diskFaultRows: readonly Row[] = [
  {
    id: "C1",
    title: "each operation of the disk fails in turn, once and from then on",
    cases: none,
    run: brokenDisk,
  },
  {
    id: "C2",
    title: "a sync fails and the next one succeeds, with the pages lost",
    cases: none,
    run: failedSyncs,
  },
  { id: "C3", title: "a disk that is full, at every size", cases: none, run: fullDisk },
  { id: "C4", title: "a quota, too many files, a file too big", cases: none, run: otherCodes },
  { id: "C5", title: "a disk that becomes read-only", cases: none, run: readOnlyDisk },
  { id: "C8", title: "reads and writes that come short", cases: none, run: shortTransfers },
];
