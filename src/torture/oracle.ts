import type { LiveRun } from "../runs/live-run.ts";
import { everythingSurvives, nothingSurvives, type SimFs } from "../testing/index.ts";
import type { Codecs, Recovery, Tick, Vfs } from "../types.ts";
import { References, type TickFacts } from "./reference.ts";
import { openWorkload, portsOn, type Promised, runFolder, type Workload } from "./workload.ts";

/** A promise that was not kept. */
export class Violation extends Error {}

export function expect(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Violation(what);
}

/** Ticks that a recovered run is driven on, to compare with one that never stopped. */
const ticksOn = 3;

/**
 * What must hold of a disk after any crash (O1): acknowledged ticks are there and the same, the history is a prefix of what was
 * committed, the run goes on exactly, a second recovery changes nothing, nothing is left over, and no byte that was cut is lost.
 */
export class Oracle {
  readonly workload: Workload;
  readonly references: References;
  readonly codecs: Codecs;

  constructor(workload: Workload, codecs: Codecs) {
    this.workload = workload;
    this.codecs = codecs;
    this.references = new References(workload, codecs);
  }

  /** Recovers the run on this disk, and changes it. @throws Violation, or the engine's own error where it fails */
  async check(disk: SimFs, promised: Promised): Promise<Recovery> {
    const [seen, durable] = [
      journalFiles(disk),
      journalFiles(disk.afterPowerLoss(nothingSurvives)),
    ];
    const run = await this.#open(disk, promised);
    const { recovery } = run;
    expect(disk.openFiles <= 1, `${disk.openFiles} files are open`);
    if (!recovery.resumed) checkNew(run, promised);
    checkKept(seen, disk);
    checkKept(durable, disk.afterPowerLoss(nothingSurvives));
    checkStray(disk);
    await this.#checkSecond(disk, run);
    const ticks = await this.#checkHistory(run, promised);
    await this.#checkOnwards(disk, ticks, promised);
    return recovery;
  }

  async #open(disk: SimFs, { acknowledged }: Promised): Promise<LiveRun> {
    return this.#record(disk, acknowledged < 0 ? "auto" : "only");
  }

  async #record(disk: SimFs, resume: "auto" | "only"): Promise<LiveRun> {
    return openWorkload(this.workload, portsOn(disk, this.codecs), resume);
  }

  /** Every tick that is there is one that was committed, in order, and no acknowledged one is missing. @returns the ticks */
  async #checkHistory(run: LiveRun, { acknowledged, issued }: Promised): Promise<Tick[]> {
    const ticks = await this.checkReadable(run, issued);
    expect(run.tick >= acknowledged, `tick ${acknowledged} was acknowledged, ${run.tick} is last`);
    const last = (await this.references.of(ticks)).at(-1) as TickFacts;
    expect(
      this.workload.shown(run.state) === last.shown,
      `the resumed state is not that of tick ${last.tick}`,
    );
    return ticks;
  }

  /** Plays a whole run. @returns its ticks */
  async checkReadable(run: Pick<LiveRun, "play">, issued: readonly Tick[]): Promise<Tick[]> {
    const facts = await this.references.of(issued);
    const ticks: Tick[] = [];
    for await (const { tick, historyDigest, state } of run.play({ reuse: true, verify: true })) {
      const expected = facts[ticks.length];
      expect(expected?.tick === tick, `tick ${tick} stands where ${expected?.tick} was committed`);
      const isSame =
        expected.historyDigest === historyDigest && expected.shown === this.workload.shown(state);
      expect(isSame, `tick ${tick} is not what was committed`);
      ticks.push(tick);
    }
    return ticks;
  }

  /** Another process, and another loss of power, find what the first recovery left. */
  async #checkSecond(disk: SimFs, { tick }: LiveRun): Promise<void> {
    for (const [what, survival] of [
      ["a second recovery", everythingSurvives],
      ["a recovery after another loss of power", nothingSurvives],
    ] as const) {
      const again = disk.afterPowerLoss(survival);
      const before = fingerprint(again, this.codecs);
      const second = await this.#record(again, "only");
      expect(second.tick === tick, `${what} finds tick ${second.tick}, the first found ${tick}`);
      expect(second.recovery.tornBytes === 0, `${what} cuts ${second.recovery.tornBytes} bytes`);
      expect(fingerprint(again, this.codecs) === before, `${what} changes files`);
    }
  }

  /** The run goes on as one that never stopped, is closed, and is whole. */
  async #checkOnwards(disk: SimFs, ticks: readonly Tick[], promised: Promised): Promise<void> {
    disk.killProcess();
    const run = await this.#record(disk, "only");
    const all = [...ticks];
    for (let i = 0; i < ticksOn; i++) {
      this.workload.advance(run);
      const { tick } = await run.commit();
      expect(tick > promised.acknowledgedGap, `tick ${tick} lies in an acknowledged gap`);
      all.push(tick);
    }
    await run.close();
    const facts = await this.references.of(all);
    const last = facts.at(-1) as TickFacts;
    const reader = await this.#record(disk, "only");
    expect(this.workload.shown(reader.state) === last.shown, "the run goes on differently");
    const { damage, historyDigest, tailBytes, ticks: count } = await reader.verify();
    expect(historyDigest === last.historyDigest, "the run goes on to another history");
    expect(damage.length === 0, `verify finds damage: ${JSON.stringify(damage[0])}`);
    expect(tailBytes === 0 && count === all.length, `${count} of ${all.length} ticks, a tail`);
    await reader.close();
  }
}

/** A run whose first tick was never acknowledged counts as none. */
function checkNew(run: LiveRun, { acknowledged }: Promised): void {
  expect(acknowledged < 0, `a new run stands where tick ${acknowledged} was acknowledged`);
  expect(run.tick === 0, `a new run begins with tick ${run.tick}`);
}

/** Nothing but what a run is made of; what was cut stands in its own folder. */
function checkStray(vfs: Vfs): void {
  const known = /^(run\.json|journal\/\d{16}(\.g\d+)?\.seg|journal\/torn\/.*|cache\/.*|lock\..*)$/;
  for (const path of filesBelow(vfs, runFolder)) {
    const name = path.slice(runFolder.length + 1);
    expect(known.test(name), `${name} is left over`);
  }
}

function journalFiles(vfs: Vfs): ReadonlyMap<string, Uint8Array> {
  const paths = filesBelow(vfs, `${runFolder}/journal`);
  return new Map(paths.map((path) => [path, vfs.read(path)]));
}

/** Each byte that was in a file of the journal is there still, in its place or kept aside, unless it was zero. */
function checkKept(before: ReadonlyMap<string, Uint8Array>, now: Vfs): void {
  const torn = filesBelow(now, `${runFolder}/journal/torn`);
  const kept = torn.map((path) => String(now.read(path)));
  for (const [path, bytes] of before) {
    const cut = bytes.subarray(now.stat(path)?.size ?? 0);
    if (cut.every((byte) => byte === 0) || kept.includes(String(cut))) continue;
    // A new file may have taken the name of one that was moved aside.
    if (kept.includes(String(bytes))) continue;
    throw new Violation(`${cut.length} bytes of ${path} are gone`);
  }
}

/** All files below a folder, sorted. */
export function filesBelow(vfs: Vfs, path: string): string[] {
  return (vfs.list(path) ?? []).flatMap((name) => {
    const full = `${path}/${name}`;
    return vfs.stat(full)?.directory === true ? filesBelow(vfs, full) : [full];
  });
}

/** Equal for equal files; the cache and the lock are not looked at. */
export function fingerprint(vfs: Vfs, codecs: Codecs): string {
  const digest = codecs.xxh3();
  digest.reset();
  for (const path of filesBelow(vfs, runFolder)) {
    if (/\/cache\/|\/lock\./.test(path)) continue;
    const bytes = vfs.read(path);
    digest.update(new TextEncoder().encode(`${path} ${bytes.length}\n`));
    digest.update(bytes);
  }
  return String(digest.digest());
}
