import { Chance, ManualClock, nothingSurvives, SimFs } from "../../testing/index.ts";
import { Child, Scratch, simulated, straceMissing } from "../child-process-node.ts";
import { herdWorkload } from "../herd.ts";
import { expect, Oracle } from "../oracle.ts";
import { isDone, type Row, type RowContext, type RowResult, Tally } from "../row.ts";
import { Session, ticksUpTo } from "../workload.ts";

const windowMax = 16;
const commits = 60;
/** By so much the memory of a process may move while nothing but ticks comes in. */
const memoryBytesMax = 6 * 2 ** 20;

/** Each sync takes up to some seconds of a clock that is moved by them alone. */
async function simulatedSyncs(context: RowContext, tally: Tally): Promise<void> {
  const { codecs, seeds } = context;
  const oracle = new Oracle(herdWorkload, codecs);
  for await (const seed of seeds) {
    if (isDone(context, tally)) break;
    const chance = new Chance(seed);
    const window = chance.below(windowMax + 1);
    await tally.try(seed, `slow syncs, a window of ${window}`, async () => {
      const clock = new ManualClock();
      const latency = (operation: string): number =>
        operation === "sync" ? 10 + chance.below(5000) : 0;
      const disk = new SimFs({ clock, latency });
      const session = new Session(disk, herdWorkload, codecs, { window, clock });
      await session.open();
      for (let i = 0; i < commits; i++) {
        await session.commit();
        const { tick = 0, durableTick = 0 } = session.run ?? {};
        tally.most("waiting tick", tick - durableTick);
        expect(tick - durableTick <= window, `${tick - durableTick} ticks wait`);
      }
      await oracle.check(disk.afterPowerLoss(nothingSurvives), session.promised);
    });
  }
}

/** Each `fdatasync` of a real process is held up. */
async function delayedSyncs(context: RowContext, tally: Tally): Promise<void> {
  const milliseconds = context.tier === "pr" ? [10] : [10, 100, 1000];
  for (const delay of milliseconds) {
    if (isDone(context, tally)) break;
    const window = 8;
    const inject = `inject=fdatasync:delay_enter=${delay * 1000}`;
    const through = [
      "strace",
      "-f",
      "-qq",
      "-o",
      "/dev/null",
      "-e",
      "trace=fdatasync",
      "-e",
      inject,
    ];
    await tally.try(context.seed, `each sync takes ${delay} ms longer`, async () => {
      using scratch = new Scratch();
      const plan = { folder: scratch.runs, lastTick: commits, window, isMeasured: true };
      using child = new Child(plan, { through, nodeArguments: ["--expose-gc"] });
      const { isClosed, acknowledged, stdout, stderr } = await child.ended;
      expect(isClosed, stderr);
      const waiting = Math.max(...numbersSaid(stdout, "waiting"));
      tally.most("waiting tick", waiting);
      expect(waiting <= window, `${waiting} ticks wait`);
      const memory = numbersSaid(stdout, "memory");
      const grown = (memory.at(-1) ?? 0) - (memory[1] ?? 0);
      expect(grown < memoryBytesMax, `memory grew by ${grown} bytes`);
      const promised = { acknowledged, acknowledgedGap: -1, issued: ticksUpTo(commits) };
      await new Oracle(herdWorkload, context.codecs).check(simulated(scratch.runs), promised);
    });
  }
}

function numbersSaid(stdout: string, what: string): number[] {
  return [...stdout.matchAll(new RegExp(`^${what} (\\d+)$`, "gm"))].map(([, n]) => Number(n));
}

async function slowDisk(context: RowContext): Promise<RowResult> {
  const tally = new Tally("recording");
  const missing = straceMissing();
  await simulatedSyncs(context, tally);
  if (missing === undefined && !context.isContinued) await delayedSyncs(context, tally);
  return tally.result(missing === undefined ? undefined : `not with a real process: ${missing}`);
}

export const slowDiskRow: Row = {
  id: "C6",
  title: "a disk whose every sync takes up to seconds",
  cases: { pr: 4, nightly: 400, release: 4000 },
  run: slowDisk,
};
