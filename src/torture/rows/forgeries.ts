import { Chance } from "../../testing/index.ts";
import { isBesideHistory } from "../damages.ts";
import { examine, makeSpecimens, putFile, type Specimen } from "../examine.ts";
import { bodyForgery, fieldForgeries, type Forgery, indexForgeries } from "../forgeries.ts";
import { expect } from "../oracle.ts";
import { isDone, type Row, type RowContext, type RowResult, Tally } from "../row.ts";

/** Each field that a reader bounds or compares, wrong under checksums that are right. */
async function forgeries(context: RowContext): Promise<RowResult> {
  const tally = new Tally("forgery");
  const specimens = await makeSpecimens(context.codecs);
  for (const specimen of context.isContinued ? [] : specimens) {
    const all = [...fieldForgeries(specimen), ...indexForgeries(specimen)];
    for (const [number, each] of all.entries()) {
      if (isSkipped(context, number) || isDone(context, tally)) continue;
      await tryOne(context.seed, tally, specimen, each);
    }
  }
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) break;
    const chance = new Chance(seed);
    const specimen = chance.pick(specimens);
    await tryOne(seed, tally, specimen, bodyForgery(specimen, chance));
  }
  return tally.result();
}

/** The shortest tier tries one of so many; which ones, its seed says. */
const stride = 5;

function isSkipped({ tier, seed }: RowContext, number: number): boolean {
  return tier === "pr" && (number + seed) % stride !== 0;
}

async function tryOne(
  seed: number,
  tally: Tally,
  specimen: Specimen,
  { path, what, bytes, isTold }: Forgery,
): Promise<void> {
  const { vfs, facts } = specimen;
  const before = vfs.read(path);
  await tally.try(seed, `${path}, ${what}`, async () => {
    putFile(vfs, path, bytes);
    try {
      const { right, isReported, isRefused } = await examine(specimen, true);
      tally.count(isRefused ? "refusal at the door" : isReported ? "report" : "forgery of nothing");
      const isWhole = right.size === facts.length;
      if (isBesideHistory(path)) expect(isWhole && !isReported, "a cache changes what is read");
      else if (!isReported) expect(isWhole && !isTold, "nothing reports it");
    } finally {
      putFile(vfs, path, before);
    }
  });
}

export const forgeryRows: readonly Row[] = [
  {
    id: "K6",
    title: "every field that a reader checks, forged behind its checksums",
    cases: { pr: 100, nightly: 30_000, release: 300_000 },
    run: forgeries,
  },
];
