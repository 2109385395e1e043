/** A small simulation in memory whose state at each tick is known, and what a crash would leave of it. */
import { grid, openRuns, value, type Runs, type RunsOptions } from "everytick";
import type { Run } from "../../src/runs/run.ts";
import type { LiveRun } from "../../src/runs/live-run.ts";
import { ManualClock, MemoryVfs, plainCodecs, seededRandom } from "../../src/testing/index.ts";
import type { Ports, RecordCommonOptions, Vfs } from "../../src/types.ts";

/** Sizes of what is written. */
export type Sizes = Pick<RunsOptions, "segmentBytesMin" | "bodyBytesMax">;

/** One set for all: they keep nothing between two calls. */
export const codecs = await plainCodecs();

export const state = {
  cells: grid("u8", [5, 6], { chunk: [3, 4] }),
  seen: grid("u16", [4], { role: "observed" }),
  note: value({ text: "utf8", share: "f64" }),
};
type Live = LiveRun<typeof state>["state"];

/** What the simulation does in one tick. */
export function advance({ cells, seen, note }: Live, tick: number): void {
  cells[(tick * 7) % 30] = (tick * 3) % 251;
  cells[tick % 30]! += 1;
  seen[tick % 4]! += tick;
  note.text = tick % 3 === 0 ? "" : `tick ${tick} ${"🐑".repeat(tick % 5)}`;
  note.share = 1 / (tick + 1);
}

/** The state as plain data, to compare. */
export function shown({ cells, seen, note }: Live): string {
  return JSON.stringify([[...cells], [...seen], note.text, note.share]);
}

/** The state at each tick from 0 on, by doing the same without any recorder. */
export function states(lastTick: number): string[] {
  const live = {
    cells: new Uint8Array(30),
    seen: new Uint16Array(4),
    note: { text: "", share: 0 },
  };
  const found = [shown(live)];
  for (let tick = 1; tick <= lastTick; tick++) {
    advance(live, tick);
    found.push(shown(live));
  }
  return found;
}

export type SmallPorts = Ports & { readonly clock: ManualClock };

export function portsOn<V extends Vfs>(vfs: V): SmallPorts & { readonly vfs: V } {
  return { vfs, codecs, clock: new ManualClock(), random: seededRandom(1) };
}

export async function runsOn(vfs: Vfs, sizes: Sizes = {}): Promise<Runs> {
  return openRuns("runs", { ...portsOn(vfs), ...sizes });
}

export const directory = "runs/a";
export const journalPath = `${directory}/journal`;

export async function recordOn(
  vfs: Vfs,
  sizes: Sizes = {},
  options: RecordCommonOptions = {},
): Promise<LiveRun<typeof state>> {
  return (await runsOn(vfs, sizes)).record("a", { state, ...options });
}

/** Commits up to and with `lastTick`. */
export async function goOn(run: LiveRun<typeof state>, lastTick: number): Promise<void> {
  while (run.tick < lastTick) {
    advance(run.state, run.tick + 1);
    await run.commit();
  }
}

export async function openOn(vfs: Vfs): Promise<Run> {
  return (await runsOn(vfs)).open("a");
}

export function past(given: { readonly state: unknown }): string {
  return shown(given.state as Live);
}

/** The paths of all files under a folder. */
export function filesUnder(vfs: Vfs, path: string): string[] {
  return (vfs.list(path) ?? []).flatMap((name) => {
    const full = `${path}/${name}`;
    return vfs.stat(full)?.directory === true ? filesUnder(vfs, full) : [full];
  });
}

/** The files of a folder in a memory of their own: what a process that dies now would leave. */
export function crashCopy(vfs: Vfs, path = "runs", to = path): MemoryVfs {
  const copy = new MemoryVfs();
  copyFolder(vfs, path, copy, to);
  return copy;
}

export function copyFolder(from: Vfs, path: string, to: Vfs, target: string): void {
  to.makeDirectory(target);
  for (const name of from.list(path) ?? []) {
    const isFolder = from.stat(`${path}/${name}`)?.directory === true;
    if (isFolder) copyFolder(from, `${path}/${name}`, to, `${target}/${name}`);
    else putFile(to, `${target}/${name}`, from.read(`${path}/${name}`));
  }
}

/** Makes or replaces a file. */
export function putFile(vfs: Vfs, path: string, bytes: Uint8Array): void {
  if (vfs.stat(path) !== undefined) vfs.remove(path);
  const file = vfs.open(path, "create");
  file.write(bytes, 0);
  file.close();
}

/** The content of all files under a folder, by path: two equal ones mean that nothing was touched. */
export function contents(vfs: Vfs, path: string): Map<string, string> {
  const hex = (file: string): string => Buffer.from(vfs.read(file)).toString("hex");
  return new Map(filesUnder(vfs, path).map((file) => [file, hex(file)]));
}

/** The segments of the run, in order of their names. */
export function segmentPaths(vfs: Vfs): string[] {
  return filesUnder(vfs, journalPath).filter((path) => /journal\/[^/]+\.seg$/.test(path));
}
