import { Chance } from "../../testing/index.ts";
import { Child, type ChildOptions, Scratch, simulated } from "../child-process-node.ts";
import { herdWorkload } from "../herd.ts";
import { MemoryGroup, memoryGroupMissing } from "../memory-group-node.ts";
import { expect, Oracle } from "../oracle.ts";
import { isDone, type Row, type RowContext, type RowResult, Tally } from "../row.ts";
import { ticksUpTo } from "../workload.ts";

const MB = 2 ** 20;
const lastTick = 60;
/** Each tick keeps so much for ever, so that limits between none and all of it are met amid the recording. */
const leakedBytes = MB;

interface Limits {
  /** Megabytes: from too little for anything up to enough for everything. */
  readonly from: number;
  readonly to: number;
}
const heap: Limits = { from: 6, to: 90 };
const group: Limits = { from: 20, to: 240 };

function drawn({ from, to }: Limits, chance: Chance): number {
  return from + chance.below(to - from);
}

/** A process that gets no more memory ends where it stands; nothing that it acknowledged is lost. */
async function limited(
  seed: number,
  where: string,
  options: ChildOptions,
  tally: Tally,
  context: RowContext,
): Promise<void> {
  await tally.try(seed, where, async () => {
    using scratch = new Scratch();
    using child = new Child({ folder: scratch.runs, lastTick, leakedBytes }, options);
    const { acknowledged, isClosed, code, signal, stdout, stderr } = await child.ended;
    const said = `${stdout.slice(-500)}${stderr}`;
    const isByItself = code === 0 || (code === 1 && !/memory|allocation/i.test(said));
    expect(isClosed || !isByItself, `it ended by itself, with ${code ?? signal}: ${said}`);
    if (acknowledged < 0) tally.count("end before the first tick");
    else if (!isClosed) tally.count("end amid ticks");
    const promised = { acknowledged, acknowledgedGap: -1, issued: ticksUpTo(lastTick) };
    await new Oracle(herdWorkload, context.codecs).check(simulated(scratch.runs), promised);
  });
}

async function memoryLimits(context: RowContext): Promise<RowResult> {
  const tally = new Tally("limit");
  // Aborting must not leave a picture of the memory behind.
  const withoutCore = ["sh", "-c", 'ulimit -c 0 && exec "$@"', "sh"];
  const missing = memoryGroupMissing();
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) break;
    const chance = new Chance(seed);
    const megabytes = drawn(heap, chance);
    const nodeArguments = [`--max-old-space-size=${megabytes}`];
    const options = { through: withoutCore, nodeArguments };
    await limited(seed, `a heap of ${megabytes} MB`, options, tally, context);
    if (missing !== undefined) continue;
    const groupMegabytes = drawn(group, chance);
    using memory = new MemoryGroup(groupMegabytes * MB);
    const through = [...withoutCore, ...memory.through];
    await limited(seed, `a group of ${groupMegabytes} MB`, { through }, tally, context);
  }
  return tally.result(missing === undefined ? undefined : `not by a control group: ${missing}`);
}

export const memoryRow: Row = {
  id: "C9",
  title: "a process that gets no more memory",
  cases: { pr: 1, nightly: 40, release: 200 },
  run: memoryLimits,
};
