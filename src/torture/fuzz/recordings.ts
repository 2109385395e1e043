import type { JournalSizes } from "../../journal/writer-options.ts";
import { openRuns, type Runs } from "../../runs/runs.ts";
import { Chance, ManualClock, MemoryVfs, seededRandom } from "../../testing/index.ts";
import type { Codecs, StateDefinition, Tick, Vfs } from "../../types.ts";
import { defineWorld } from "../../world/index.ts";
import { filesBelow } from "../oracle.ts";
import { runFolder, runId, runsFolder } from "../workload.ts";
import { changeState, randomDefinition } from "./random-state.ts";
import { shownState } from "./shown.ts";

/** Files of a run by their path within its folder. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** What was served at a tick of the run as it was recorded. */
export interface TickShown {
  readonly shown: string;
  readonly historyDigest: string;
}
/** A run that was recorded in memory, and what its ticks hold. */
export interface Recording {
  readonly files: Files;
  readonly ticks: ReadonlyMap<Tick, TickShown>;
}

/** A run of a random world, decided by a seed. */
export async function record(seed: number, codecs: Codecs): Promise<Recording> {
  const chance = new Chance(seed);
  const definition = randomDefinition(chance);
  const vfs = new MemoryVfs();
  const sizes = {
    segmentBytesMin: chance.pick([1, 1, 4000]),
    bodyBytesMax: chance.pick([150, 600, 100_000]),
  };
  for (let writers = 1 + chance.below(2); writers > 0; writers--) {
    const isLast = writers === 1;
    await recordOn(vfs, codecs, definition, sizes, chance, isLast ? chance.chance(0.5) : true);
  }
  const files = filesOf(vfs);
  return { files, ticks: await ticksOf(files, codecs) };
}

async function recordOn(
  vfs: Vfs,
  codecs: Codecs,
  definition: StateDefinition,
  sizes: JournalSizes,
  chance: Chance,
  isClosed: boolean,
): Promise<void> {
  const ports = { vfs, codecs, clock: new ManualClock(), random: seededRandom(1) };
  const runs = await openRuns(runsFolder, { ...ports, ...sizes });
  const world = defineWorld({
    name: "fuzz",
    version: 0,
    state: definition,
    init: ({ state }: { readonly state: object }) => {
      changeState(definition, state as never, 0, chance);
    },
  });
  const run = await runs.record(runId, { world, resume: "auto", window: 99 });
  let gapEnd = -1;
  for (let left = 3 + chance.below(chance.pick([5, 5, 10, 25])); left > 0; left--) {
    if (chance.chance(0.05)) {
      gapEnd = Math.max(run.tick, gapEnd) + 2;
      await run.gap({ until: gapEnd, reason: "fuzz" });
    }
    const tick = Math.max(run.tick, gapEnd) + 1;
    changeState(definition, run.state, tick, chance);
    await run.commit({ tick });
  }
  await (isClosed ? run.close() : run.flush());
}

/** The files of the run; locks left out. */
function filesOf(vfs: Vfs): Files {
  const paths = filesBelow(vfs, runFolder).filter((path) => !/\/lock\./.test(path));
  return new Map(paths.map((path) => [path.slice(runFolder.length + 1), vfs.read(path)]));
}

/** A disk in memory that holds these files as the run `a`. */
export function diskOf(files: Files): MemoryVfs {
  const vfs = new MemoryVfs();
  for (const [name, bytes] of files) {
    const path = `${runFolder}/${name}`;
    vfs.makeDirectory(path.slice(0, path.lastIndexOf("/")));
    vfs.open(path, "create").write(bytes, 0);
  }
  return vfs;
}

/** A folder of runs in memory, without any. */
export async function emptyRuns(codecs: Codecs): Promise<Runs> {
  const ports = { codecs, clock: new ManualClock(), random: seededRandom(1) };
  return openRuns(runsFolder, { ...ports, vfs: new MemoryVfs() });
}

/** @throws what reading throws */
async function ticksOf(files: Files, codecs: Codecs): Promise<Map<Tick, TickShown>> {
  const ports = { vfs: diskOf(files), codecs, clock: new ManualClock(), random: seededRandom(1) };
  const runs = await openRuns(runsFolder, ports);
  const run = await runs.open(runId);
  const ticks = new Map<Tick, TickShown>();
  for await (const { tick, state, historyDigest } of run.play({ reuse: true, verify: true })) {
    const shown = shownState(state, run.card.world, codecs);
    ticks.set(tick, { shown, historyDigest });
  }
  await run.close();
  return ticks;
}

/** Recordings of which seeds are taken; a later part of a long row meets others. */
export class Recordings {
  readonly #codecs: Codecs;
  readonly #made = new Map<number, Promise<Recording>>();

  constructor(codecs: Codecs) {
    this.#codecs = codecs;
  }

  /** One that the seed of an execution decides. */
  async of(seed: number, chance: Chance): Promise<Recording> {
    const number = Math.floor(seed / seedsEach) * recordingsEach + chance.below(recordingsEach);
    let made = this.#made.get(number);
    if (made === undefined) {
      if (this.#made.size >= keptMax) this.#made.clear();
      made = record(number, this.#codecs);
      this.#made.set(number, made);
    }
    return made;
  }
}

const seedsEach = 1000;
const recordingsEach = 10;
const keptMax = 40;
