import { join } from "node:path";
import { nodePorts } from "../../runs/ports-node.ts";
import { openRuns } from "../../runs/runs.ts";
import { Chance } from "../../testing/index.ts";
import type { Tick } from "../../types.ts";
import { Child, type ChildEnd, Scratch, simulated } from "../child-process-node.ts";
import { herdWorkload } from "../herd.ts";
import { ext4Missing, Image, missingFor, Mounted, tool } from "../machine-node.ts";
import { expect, Oracle } from "../oracle.ts";
import { isDone, type Row, type RowContext, type RowResult, Tally } from "../row.ts";
import { runId, runsFolder, ticksUpTo } from "../workload.ts";

const lastTick = 120;
const KB = 1024;

/** What a row of simulated disks does once more on a real one. */
interface RealPart {
  /** What is counted, such as `real size`. */
  readonly what: string;
  readonly missing: () => string | undefined;
  readonly run: (context: RowContext, tally: Tally) => Promise<void>;
}

/** Reading works meanwhile: everything that was acknowledged is there. */
async function expectReadable(folder: string, acknowledged: Tick, oracle: Oracle): Promise<void> {
  if (acknowledged < 0) return;
  const runs = await openRuns(folder, await nodePorts({}));
  const run = await runs.open(runId);
  const ticks = await oracle.checkReadable(run, ticksUpTo(acknowledged + 1));
  expect((ticks.at(-1) ?? -1) >= acknowledged, `tick ${acknowledged} cannot be read meanwhile`);
  expect((await run.verify()).damage.length === 0, "verify finds damage meanwhile");
  await run.close();
  await runs.close();
}

async function expectKept(folder: string, end: ChildEnd, oracle: Oracle): Promise<void> {
  const promised = { acknowledged: end.acknowledged, acknowledgedGap: -1 };
  await oracle.check(simulated(folder), { ...promised, issued: ticksUpTo(lastTick) });
}

/** The process lives on while its disk fills up, and goes on once there is space. */
async function fullTmpfs(context: RowContext, tally: Tally): Promise<void> {
  const oracle = new Oracle(herdWorkload, context.codecs);
  const step = { pr: 192 * KB, nightly: 4 * KB, release: 4 * KB }[context.tier];
  // A page of the machine is the least that a tmpfs gives.
  for (let bytes = 4 * KB * (1 + (context.seed % 8)); bytes < 512 * KB; bytes += step) {
    if (isDone(context, tally)) break;
    await tally.try(context.seed, `a tmpfs of ${bytes} bytes`, async () => {
      using disk = Mounted.tmpfs(bytes);
      const folder = join(disk.path, runsFolder);
      using child = new Child({ folder, lastTick, isPatient: true });
      const refusal = await child.heard(/^(refused (\S+) .*|closed)$/m);
      if (refusal !== undefined && refusal[2] !== undefined) {
        expect(/ENOSPC|full/.test(refusal[0]), `it was refused for another reason: ${refusal[0]}`);
        await expectReadable(folder, child.acknowledged, oracle);
        disk.remount("size=16m");
        child.tell();
      }
      const end = await child.ended;
      expect(end.isClosed, `it did not go on: ${end.stdout.slice(-300)}${end.stderr}`);
      await expectKept(folder, end, oracle);
    });
  }
}

/**
 * Somebody has the system give the disk up, and it is read-only from then on. Linux may confirm a sync that is under way
 * meanwhile although it throws it away (a bare loop of `pwrite` and `fdatasync` loses its last write, too): what was
 * acknowledged when the order was given is promised.
 */
async function abortedExt4(at: Tick, oracle: Oracle): Promise<void> {
  using image = Image.ext4();
  let promised: Tick;
  let end: ChildEnd;
  {
    using disk = image.mount();
    const folder = join(disk.path, runsFolder);
    using child = new Child({ folder, lastTick: lastTick - 4 });
    await child.heard(new RegExp(`^ack ${at}$`, "m"));
    promised = child.acknowledged;
    disk.remount("abort");
    end = await child.ended;
    expectRefusal(end);
    await expectReadable(folder, end.acknowledged, oracle);
    using another = new Child({ folder, lastTick });
    const refused = (await another.ended).stdout;
    expect(/^refused (RUNS_FOLDER|JOURNAL_WRITE) /.test(refused), `another met: ${refused}`);
  }
  image.repair();
  using again = image.mount();
  await expectKept(join(again.path, runsFolder), { ...end, acknowledged: promised }, oracle);
}
/** The device refuses each block that it never stored before, and the system makes the file system read-only. */
async function brokenExt4(at: Tick, oracle: Oracle): Promise<void> {
  using device = Mounted.tmpfs(16 * KB * KB);
  using image = Image.ext4(device.path);
  let end: ChildEnd;
  {
    using disk = image.mount("errors=remount-ro,data_err=abort");
    const folder = join(disk.path, runsFolder);
    using child = new Child({ folder, lastTick });
    await child.heard(new RegExp(`^ack ${at}$`, "m"));
    device.fill();
    end = await child.ended;
    expectRefusal(end);
  }
  device.free();
  image.repair();
  using again = image.mount();
  await expectKept(join(again.path, runsFolder), end, oracle);
}

function expectRefusal({ isClosed, stdout, stderr }: ChildEnd): void {
  const isRefused = /^refused (JOURNAL_WRITE|RUNS_FOLDER) /m.test(stdout);
  expect(isClosed || isRefused, `it met: ${stdout.slice(-300)}${stderr}`);
}

async function readOnlyExt4(context: RowContext, tally: Tally): Promise<void> {
  const oracle = new Oracle(herdWorkload, context.codecs);
  const moments = context.tier === "pr" ? 1 : 40;
  for (let moment = 0; moment < moments; moment++) {
    const seed = context.seed + moment;
    const at = new Chance(seed).below(lastTick / 2);
    for (const [what, become] of [
      ["given up", abortedExt4],
      ["broken", brokenExt4],
    ] as const) {
      if (isDone(context, tally)) return;
      await tally.try(seed, `an ext4 that is ${what} at tick ${at}`, () => become(at, oracle));
    }
  }
}

/** Files that may not grow, and a process that may not open more of them. */
async function limitedFiles(context: RowContext, tally: Tally): Promise<void> {
  const oracle = new Oracle(herdWorkload, context.codecs);
  const chance = new Chance(context.seed);
  const count = context.tier === "pr" ? 1 : 40;
  const limits = Array.from({ length: count }, () => [
    `--fsize=${200 + chance.below(4000)}`,
    `--nofile=${18 + chance.below(20)}`,
  ]).flat();
  for (const limit of limits) {
    if (isDone(context, tally)) break;
    await tally.try(context.seed, `prlimit ${limit}`, async () => {
      using scratch = new Scratch();
      const through = ["prlimit", "--core=0", limit];
      using child = new Child({ folder: scratch.runs, lastTick: lastTick / 2 }, { through });
      const end = await child.ended;
      const isEnded = end.isClosed || end.code !== 0;
      expect(isEnded, `it ended with ${end.code}: ${end.stdout}${end.stderr}`);
      await expectKept(scratch.runs, end, oracle);
    });
  }
}

const parts: ReadonlyMap<string, RealPart> = new Map([
  [
    "C3",
    {
      what: "real size",
      missing: () => missingFor("root, to mount a tmpfs", () => Mounted.tmpfs(64 * KB)),
      run: fullTmpfs,
    },
  ],
  ["C4", { what: "real limit", missing: prlimitMissing, run: limitedFiles }],
  ["C5", { what: "real moment", missing: ext4Missing, run: readOnlyExt4 }],
]);

function prlimitMissing(): string | undefined {
  try {
    tool("prlimit", "--core=0", "true");
    return undefined;
  } catch {
    return "it needs prlimit";
  }
}

/** Rows of simulated disks that go on with real ones, where the machine has them; where not, their figure says so. */
export function withRealDisks(rows: readonly Row[]): readonly Row[] {
  return rows.map((row) => {
    const part = parts.get(row.id);
    const { run } = row;
    if (part === undefined || run === undefined) return row;
    return { ...row, run: async (context) => goOn(await run(context), part, context) };
  });
}

async function goOn(
  before: RowResult,
  { what, missing, run }: RealPart,
  context: RowContext,
): Promise<RowResult> {
  if (context.isContinued) return before;
  const why = missing();
  if (why !== undefined) return { ...before, note: `not on real ones: ${why}` };
  const tally = new Tally(what);
  await run(context, tally);
  const { counts, tried, violations } = tally.result();
  return {
    ...before,
    counts: { ...before.counts, ...counts },
    tried: before.tried + tried,
    violations: [...before.violations, ...violations],
  };
}
