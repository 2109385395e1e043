import { isEverytickError } from "../../errors.ts";
import { openRuns } from "../../runs/runs.ts";
import { Chance, SimFs } from "../../testing/index.ts";
import { herdWorkload } from "../herd.ts";
import { expect, fingerprint } from "../oracle.ts";
import { isDone, type Row, type RowContext, type RowResult, Tally } from "../row.ts";
import { type Action, openWorkload, portsOn, runId, runsFolder, Session } from "../workload.ts";

const moments: readonly Action[] = ["commit", "flush", "rotate", "gap"];

/** While a run is recorded nobody else writes it or copies it; when it is closed, or its process is gone, the next one may. */
async function secondWriters(context: RowContext): Promise<RowResult> {
  const tally = new Tally("second writer");
  const { codecs } = context;
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) break;
    const chance = new Chance(seed);
    const disk = new SimFs();
    const session = new Session(disk, herdWorkload, codecs, { window: chance.below(3) });
    const ports = portsOn(disk, codecs);
    await tally.try(seed, "between the actions of the first", async () => {
      await session.open();
      for (let left = 1 + chance.below(4); left > 0; left--) await session.do(chance.pick(moments));
      const before = fingerprint(disk, codecs);
      for (const resume of ["auto", "only"] as const) {
        await refused(async () => openWorkload(herdWorkload, ports, resume), "a second writer");
      }
      const runs = await openRuns(runsFolder, ports);
      await refused(async () => runs.recover(runId, { as: "copy" }), "a recovery");
      expect(fingerprint(disk, codecs) === before, "who was refused changes files");
      await session.commit();
      if (chance.chance(0.5)) await session.close();
      else session.kill();
      await session.open();
      expect(session.run?.tick === session.issued.at(-1), "the next writer goes on elsewhere");
      await session.close();
    });
  }
  return tally.result();
}

async function refused(work: () => Promise<unknown>, who: string): Promise<void> {
  const found = await work().then(
    () => "nothing",
    (error: unknown) => (isEverytickError(error) ? error.code : String(error)),
  );
  expect(found === "JOURNAL_LOCKED", `${who} is told ${found}`);
}

export const writerRows: readonly Row[] = [
  {
    id: "C11",
    title: "a second writer while a run is recorded",
    cases: { pr: 20, nightly: 2000, release: 20_000 },
    run: secondWriters,
  },
];
