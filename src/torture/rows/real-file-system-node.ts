import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Chance } from "../../testing/index.ts";
import { Child, simulated } from "../child-process-node.ts";
import { herdWorkload } from "../herd.ts";
import { ext4Missing, Image, type Mounted } from "../machine-node.ts";
import { Oracle } from "../oracle.ts";
import { isDone, type Row, type RowContext, type RowResult, Tally } from "../row.ts";
import { runsFolder, ticksUpTo } from "../workload.ts";

/** Moments of one recording. */
const momentsPerRecording = 4;

/**
 * The image below a mounted file system is copied while a process records there. The copy holds what the disk would hold
 * after a loss of power at that moment: blocks that the system had written out, in the order in which it wrote them.
 * Assumed: the loop device answers a flush once everything before it is in the image file.
 */
async function copiedImages(context: RowContext): Promise<RowResult> {
  const tally = new Tally("image");
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) break;
    const chance = new Chance(seed);
    using image = Image.ext4();
    using disk = image.mount(`commit=${chance.pick([1, 5])}`);
    using child = new Child({ folder: join(disk.path, runsFolder), lastTick: 1e6 });
    await child.heard(/^ack /m);
    for (let i = 0; i < momentsPerRecording; i++) {
      if (isDone(context, tally)) break;
      await setTimeout(chance.below(150));
      // Half of them with the process stopped, to come between any two of its calls.
      const isStopped = chance.chance(0.5);
      if (isStopped) child.signal("SIGSTOP");
      const { acknowledged } = child;
      using copy = image.copyOfMoment();
      if (isStopped) child.signal("SIGCONT");
      if (copy === undefined) tally.count("moment without rest");
      if (copy === undefined) continue;
      // One tick may be there whose acknowledgement is still on its way here, and those that followed during the copy.
      await child.heard(/^ack /m, child.saidLength);
      await tally.try(seed, `tick ${acknowledged} acknowledged`, async () => {
        await check(copy, acknowledged, child.acknowledged + 1, chance, context);
      });
    }
    await child.kill();
  }
  return tally.result();
}

async function check(
  copy: Image,
  acknowledged: number,
  lastIssued: number,
  chance: Chance,
  { codecs }: RowContext,
): Promise<void> {
  // The journal of the file system is replayed by its own check, or by mounting.
  if (chance.chance(0.5)) copy.repair();
  using disk: Mounted = copy.mount();
  const oracle = new Oracle(herdWorkload, codecs);
  const issued = ticksUpTo(lastIssued);
  await oracle.check(simulated(join(disk.path, runsFolder)), {
    acknowledged,
    acknowledgedGap: -1,
    issued,
  });
}

export const realFileSystemRow: Row = {
  id: "A12",
  title: "power loss of a real ext4: its image, copied while a process records",
  cases: { pr: 1, nightly: 50, release: 500 },
  missing: ext4Missing,
  run: copiedImages,
};
