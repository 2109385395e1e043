import { isEverytickError } from "../errors.ts";
import { readCard } from "../runs/card.ts";
import { openJournal, type Run } from "../runs/run.ts";
import { openRuns } from "../runs/runs.ts";
import { MemoryVfs, SimFs } from "../testing/index.ts";
import type { Codecs, PlayOptions, RunCard, Tick, Vfs } from "../types.ts";
import { herdWorkload } from "./herd.ts";
import { expect, filesBelow, Violation } from "./oracle.ts";
import { References, type TickFacts } from "./reference.ts";
import { portsOn, runFolder, runId, runsFolder, Session, type Action } from "./workload.ts";

/** Where a tick stands, all its frames. */
interface TickPlace {
  readonly tick: Tick;
  readonly path: string;
  readonly end: number;
}
/** A recording in memory that rows damage, and what is known of it. */
export interface Specimen {
  readonly vfs: Vfs;
  readonly codecs: Codecs;
  readonly facts: readonly TickFacts[];
  readonly places: readonly TickPlace[];
  /** Ends of frames, by path: where a cut makes a shorter run of an open segment. */
  readonly boundaries: ReadonlyMap<string, ReadonlySet<number>>;
  readonly segments: readonly string[];
}

/** Three segments, a gap, an index cache. */
const recorded: readonly Action[] = ["commit", "gap", "rotate", "rotate", "commit", "commit"];

/** How the process that recorded ended: in good order, killed, or killed again behind a recovery. */
const endings = ["closed", "killed", "recovered"] as const;
export type Ending = (typeof endings)[number];

/** Recorded runs, with every kind of file that the engine writes into one; the lock's own file is empty. */
export async function makeSpecimens(codecs: Codecs): Promise<readonly Specimen[]> {
  return Promise.all(endings.map(async (ending) => makeSpecimen(codecs, ending)));
}

export async function makeSpecimen(
  codecs: Codecs,
  ending: Ending,
  actions: readonly Action[] = recorded,
): Promise<Specimen> {
  const disk = new SimFs();
  const session = new Session(disk, herdWorkload, codecs);
  await session.open();
  for (const action of actions) await session.do(action);
  if (ending === "closed") await session.close();
  if (ending === "recovered") await recoverTorn(session);
  const vfs = copyInto(disk, new MemoryVfs());
  const facts = await new References(herdWorkload, codecs).of(session.issued);
  return { vfs, codecs, facts, ...(await placesIn(vfs, codecs)) };
}

/** Leaves a torn tail and a segment that was hardly begun, which the next process keeps aside. */
async function recoverTorn(session: Session): Promise<void> {
  session.kill();
  const { disk } = session;
  const journal = `${runFolder}/journal`;
  const last = `${journal}/${disk.list(journal)?.at(-1)}`;
  const whole = disk.read(last);
  const torn = Uint8Array.from({ length: 99 }, (_, i) => i ^ 0xa5);
  putFile(disk, last, Uint8Array.of(...whole, ...torn));
  putFile(disk, `${journal}/${"9".repeat(16)}.seg`, torn);
  await session.open();
  // A segment of one tick has no keyframe of its own yet.
  for (let i = 0; i < 3; i++) await session.commit();
}

/** Copies the files of all runs, and makes them durable there. */
export function copyInto<V extends Vfs>(from: Vfs, to: V): V {
  for (const path of filesBelow(from, runsFolder)) {
    const folder = path.slice(0, path.lastIndexOf("/"));
    to.makeDirectory(folder);
    const file = to.open(path, "create");
    file.write(from.read(path), 0);
    file.sync();
    file.close();
    to.syncDirectory(folder);
  }
  return to;
}

export function putFile(vfs: Vfs, path: string, bytes: Uint8Array): void {
  const isNew = vfs.stat(path) === undefined;
  const file = vfs.open(path, isNew ? "create" : "update");
  file.truncate(0);
  file.write(bytes, 0);
  file.close();
}

/** Bytes of all files of a specimen. */
export function placesOf({ vfs }: Pick<Specimen, "vfs">): number {
  return filesBelow(vfs, runFolder).reduce((sum, path) => sum + (vfs.stat(path)?.size ?? 0), 0);
}

type Places = Pick<Specimen, "places" | "boundaries" | "segments">;

async function placesIn(vfs: Vfs, codecs: Codecs): Promise<Places> {
  const card = readCard(vfs, runFolder) as RunCard;
  const journal = await openJournal(runFolder, card, portsOn(vfs, codecs));
  const places: TickPlace[] = [];
  const boundaries = new Map<string, Set<number>>();
  for (let number = 0; number < journal.names.length; number++) {
    const { name, table } = await journal.segment(number);
    const path = `${runFolder}/journal/${name}`;
    const endOf = (position: number): number =>
      position < table.count ? table.offset(position) : table.end;
    const ends = Array.from({ length: table.count + 1 }, (_, position) => endOf(position));
    boundaries.set(path, new Set(ends));
    for (let step = 0; step < table.stepCount; step++) {
      const position = table.step(step);
      places.push({ tick: table.tick(position), path, end: endOf(table.groupEnd(position)) });
    }
  }
  await journal.close();
  return { places, boundaries, segments: [...boundaries.keys()] };
}

/** What a reader makes of files. */
export interface Examined {
  /** Ticks that were read, and are right. */
  readonly right: ReadonlySet<Tick>;
  /** Whether `verify` finds something, or the run is refused at the door. */
  readonly isReported: boolean;
  /** Whether the run could not even be opened. */
  readonly isRefused: boolean;
}

/**
 * Reads a run from both ends and verifies it.
 * @param verify checks digests of what is read, too, where checksums were made to fit. They cover what a tick changes to, and so
 *   one way alone.
 * @throws Violation for a wrong state or an error without a code
 */
export async function examine({ vfs, codecs, facts }: Specimen, verify = false): Promise<Examined> {
  const right = new Set<Tick>();
  const runs = await openRuns(runsFolder, portsOn(vfs, codecs));
  const run = await coded(async () => runs.open(runId));
  if (run === undefined) return { right, isReported: true, isRefused: true };
  const ends: readonly (readonly [Tick, Tick])[] = [
    [run.firstTick, run.tick],
    [run.tick, run.firstTick],
  ];
  for (const [from, to] of verify ? ends.slice(0, 1) : ends) {
    const whole = await coded(async () => read(run, { from, to, verify }, facts, right));
    if (whole === true) break;
  }
  // Alone, a tick may be reached where a way over several ends.
  for (const { tick } of facts) {
    if (!right.has(tick))
      await coded(async () => read(run, { from: tick, to: tick, verify }, facts, right));
  }
  const report = await coded(async () => run.verify());
  const isReported = report === undefined || report.damage.length > 0 || report.tailBytes > 0;
  await run.close();
  return { right, isReported, isRefused: false };
}

/** Reads a range of a run, every tick of which must be there. @throws Violation for a wrong state */
export async function readWhole(
  run: Run,
  range: PlayOptions,
  facts: readonly TickFacts[],
): Promise<ReadonlySet<Tick>> {
  const right = new Set<Tick>();
  await read(run, range, facts, right);
  return right;
}

async function read(
  run: Run,
  range: PlayOptions,
  facts: readonly TickFacts[],
  right: Set<Tick>,
): Promise<true> {
  for await (const { tick, state } of run.play({ ...range, reuse: true })) {
    const expected = facts.find((one) => one.tick === tick);
    expect(expected !== undefined, `tick ${tick} was never committed`);
    expect(expected.shown === herdWorkload.shown(state), `tick ${tick} is read wrong`);
    right.add(tick);
  }
  return true;
}

/** `undefined` where the engine refuses with an error of its own. */
export async function coded<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Violation) throw error;
    if (isEverytickError(error)) return undefined;
    throw new Violation(`an error without a code: ${String(error)}`);
  }
}
