/** How vectors are recorded: in memory, with a clock and entropy that are always the same. */
import {
  openRuns,
  type LiveRun,
  type Params,
  type Runs,
  type StateDefinition,
  type World,
} from "everytick";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { ManualClock, MemoryVfs, seededRandom } from "../../src/testing/index.ts";
import type { RecordCommonOptions, Vfs } from "../../src/types.ts";
import { copyFolder, crashCopy, journalPath, putFile, type Sizes } from "../journal/small-run.ts";

const codecs = await nodeCodecs();
const clock = new ManualClock();

export interface Style extends Sizes, RecordCommonOptions {
  readonly streams?: readonly string[];
  readonly params?: Params;
}

/** Records as the run `a`; what `simulate` leaves open is left as a crash would leave it. */
export async function recordOn<D extends StateDefinition>(
  vfs: Vfs,
  state: D,
  simulate: (run: LiveRun<D>) => Promise<void>,
  style: Style = {},
): Promise<void> {
  const { runs, options } = await opened(vfs, style);
  await simulate(await runs.record("a", { state, ...options }));
}

export async function record<D extends StateDefinition>(
  state: D,
  simulate: (run: LiveRun<D>) => Promise<void>,
  style: Style = {},
): Promise<MemoryVfs> {
  const vfs = new MemoryVfs();
  await recordOn(vfs, state, simulate, style);
  return crashCopy(vfs);
}

/** Records a world, whose `init` can give the first tick logs and static stores. */
export async function recordWorld<P extends Params, D extends StateDefinition>(
  world: World<P, D>,
  simulate: (run: LiveRun<D>) => Promise<void>,
  style: Style = {},
): Promise<MemoryVfs> {
  const vfs = new MemoryVfs();
  const { runs, options } = await opened(vfs, style);
  // The digest of the code would change with its layout.
  const codeDigest = "0".repeat(64);
  const { params, ...others } = options;
  const overrides = params === undefined ? {} : { params: params as never };
  await simulate(await runs.record("a", { world, codeDigest, ...others, ...overrides }));
  return crashCopy(vfs);
}

async function opened(
  vfs: Vfs,
  { segmentBytesMin, bodyBytesMax, ...options }: Style,
): Promise<{ runs: Runs; options: Omit<Style, keyof Sizes> }> {
  const sizes = {
    ...(segmentBytesMin === undefined ? {} : { segmentBytesMin }),
    ...(bodyBytesMax === undefined ? {} : { bodyBytesMax }),
  };
  const ports = { vfs, codecs, clock, random: seededRandom(1) };
  return { runs: await openRuns("runs", { ...ports, ...sizes }), options };
}

export async function commits<D extends StateDefinition>(
  run: LiveRun<D>,
  count: number,
  change: (tick: number) => void,
): Promise<void> {
  for (let done = 0; done < count; done++) {
    change(run.tick + 1);
    await run.commit();
  }
}

/** The files that are history: no cache, no locks. */
export function historyOf(vfs: Vfs): MemoryVfs {
  const history = new MemoryVfs();
  copyFolder(vfs, journalPath, history, journalPath);
  putFile(history, "runs/a/run.json", vfs.read("runs/a/run.json"));
  return history;
}
