import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Chance } from "../../testing/index.ts";
import { Child, type ChildEnd, Scratch, simulated } from "../child-process-node.ts";
import { herdWorkload } from "../herd.ts";
import { expect, Oracle } from "../oracle.ts";
import { isDone, type Row, type RowContext, type RowResult, Tally } from "../row.ts";
import { runId, ticksUpTo } from "../workload.ts";

/** So many that a process is still busy with them when the row is done with it, and few enough that it ends on its own. */
const manyTicks = 3000;
const lastTick = 40;

/** A process that holds the run and goes on recording. */
async function holding(folder: string, last = manyTicks): Promise<Child> {
  const child = new Child({ folder, lastTick: last });
  await child.heard(/^ack /m);
  return child;
}

/** Another process that wants to record the same run, and lives until it is refused or done. */
async function another(folder: string, last: number): Promise<ChildEnd> {
  using child = new Child({ folder, lastTick: last });
  return await child.ended;
}

/** It is refused with who holds the run. */
async function expectRefused(folder: string, holder: Child): Promise<void> {
  const { acknowledged, stdout, stderr } = await another(folder, manyTicks);
  const said = stdout + stderr;
  expect(acknowledged < 0, `a second writer acknowledged tick ${acknowledged}`);
  expect(stdout.startsWith("refused JOURNAL_LOCKED"), `a second writer met: ${said}`);
  const holderName = `process ${holder.pid} on ${hostname()}`;
  expect(said.includes(holderName), `a second writer was not told of ${holderName}: ${said}`);
}

/** What is left of a run that nobody holds any more is whole, and goes on. */
async function expectWhole(folder: string, tick: number, { codecs }: RowContext): Promise<void> {
  const oracle = new Oracle(herdWorkload, codecs);
  // Ticks may be there whose acknowledgement nobody got.
  const issued = ticksUpTo(tick + 2);
  await oracle.check(simulated(folder), { acknowledged: tick, acknowledgedGap: -1, issued });
}

/** Files of a lock that is nobody's: what each holds, from what its last holder left. */
const stale: readonly (readonly [what: string, files: (facts: string) => Leftovers])[] = [
  ["as it was left", () => ({})],
  ["without what the holder said of itself", () => ({ "lock.json": null })],
  ["with half of what the holder said", (facts) => ({ "lock.json": facts.slice(0, 20) })],
  ["with nothing that the holder said", () => ({ "lock.json": "" })],
  ["of another process with the same number", (facts) => ({ "lock.json": reborn(facts) })],
  ["without the locked file", () => ({ "lock.db": null })],
  ["without both", () => ({ "lock.db": null, "lock.json": null })],
];
type Leftovers = Readonly<Record<string, string | null>>;

/** The number of a dead process is that of a living one now: this very process. */
function reborn(facts: string): string {
  return JSON.stringify({ ...(JSON.parse(facts) as object), pid: process.ppid });
}

function putLeftovers(folder: string, leftovers: Leftovers): void {
  for (const [name, content] of Object.entries(leftovers)) {
    const path = join(folder, name);
    if (content === null) rmSync(path, { force: true });
    else writeFileSync(path, content);
  }
}

/** Two processes want one run: while one holds it, when it is killed, and with what it left. */
async function twoWriters(context: RowContext): Promise<RowResult> {
  const tally = new Tally("lock of a killed holder");
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) break;
    const chance = new Chance(seed);
    using scratch = new Scratch();
    const folder = scratch.runs;
    let acknowledged = -1;
    for (const [what, leftovers] of chance
      .shuffled(stale)
      .slice(0, context.tier === "pr" ? 2 : undefined)) {
      if (isDone(context, tally)) break;
      await tally.try(seed, `a lock ${what}`, async () => {
        using holder = await holding(folder);
        await setTimeout(chance.below(50));
        await expectRefused(folder, holder);
        acknowledged = Math.max(acknowledged, (await holder.kill()).acknowledged);
        const run = join(folder, runId);
        expect(existsSync(join(run, "lock.json")), "a killed holder left no facts");
        putLeftovers(run, leftovers(readFileSync(join(run, "lock.json"), "utf8")));
        await expectWhole(folder, acknowledged, context);
        const next = await another(folder, acknowledged + 5);
        expect(next.isClosed, `the next writer met: ${next.stdout}${next.stderr}`);
        expect(next.opened >= acknowledged, `tick ${acknowledged} is lost, ${next.opened} is last`);
        acknowledged = Math.max(acknowledged, next.acknowledged);
      });
    }
  }
  return tally.result();
}

/** How long the writer is stopped, at most. */
const pauses = { pr: 200, nightly: 5000, release: 60_000 };

/** A writer is stopped amid its work: it holds its run, and goes on where it was. */
async function stoppedWriter(context: RowContext): Promise<RowResult> {
  const tally = new Tally("pause");
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) break;
    const chance = new Chance(seed);
    using scratch = new Scratch();
    const folder = scratch.runs;
    await tally.try(seed, "a writer that is stopped", async () => {
      using holder = await holding(folder, lastTick);
      await setTimeout(chance.below(100));
      holder.signal("SIGSTOP");
      await setTimeout(chance.below(pauses[context.tier]));
      // One that had finished before it could be stopped holds nothing.
      const isDoneAlready = !existsSync(join(folder, runId, "lock.json"));
      if (!isDoneAlready) {
        const isTold = chance.chance(0.5);
        // Without its facts only the lock itself is in the way.
        if (!isTold) rmSync(join(folder, runId, "lock.json"));
        if (isTold) await expectRefused(folder, holder);
        else await expectLocked(folder);
        tally.count("refused writer");
      }
      holder.signal("SIGCONT");
      const end = await holder.ended;
      expect(end.isClosed, `the stopped writer met: ${end.stdout}${end.stderr}`);
      await expectWhole(folder, lastTick, context);
    });
  }
  return tally.result();
}

async function expectLocked(folder: string): Promise<void> {
  const { acknowledged, stdout, stderr } = await another(folder, manyTicks);
  const isRefused = acknowledged < 0 && stdout.startsWith("refused JOURNAL_LOCKED");
  expect(isRefused, `a second writer met: ${stdout}${stderr}`);
}

export const contenderRows: readonly Row[] = [
  {
    id: "C10",
    title: "two processes and one run; holders that are killed, and what they leave",
    cases: { pr: 1, nightly: 20, release: 200 },
    run: twoWriters,
  },
  {
    id: "D2",
    title: "a writer that is stopped, and goes on",
    cases: { pr: 2, nightly: 40, release: 100 },
    run: stoppedWriter,
  },
];
