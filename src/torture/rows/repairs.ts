import { openRuns } from "../../runs/runs.ts";
import { Chance, ManualClock, MemoryVfs } from "../../testing/index.ts";
import type { RecoverReport, ScrubEvent, VerifyReport } from "../../types.ts";
import { anyDamage, type Damage, isBesideHistory, isShorterRun } from "../damages.ts";
import { coded, copyInto, makeSpecimens, putFile, readWhole, type Specimen } from "../examine.ts";
import { expect, filesBelow, Violation } from "../oracle.ts";
import { isDone, type Row, type RowContext, type RowResult, Tally } from "../row.ts";
import { portsOn, runFolder, runId, runsFolder } from "../workload.ts";
import { type Change, changes, foreignSegment } from "./files.ts";

/** What the rows B1 to B5 do to files: bytes of one, or whole ones. */
interface Case {
  readonly what: string;
  /** Absent where whole files are missing, foreign or misnamed. */
  readonly damage?: Damage;
  readonly change: Change;
}

/** Tries each case of whole files, and one of bytes for each seed, on a copy of a specimen. */
async function onDamaged(
  context: RowContext,
  tally: Tally,
  work: (damaged: Specimen, one: Case) => Promise<void>,
): Promise<void> {
  const attempt = async (seed: number, specimen: Specimen, one: Case): Promise<void> => {
    await tally.try(seed, one.what, async () => {
      const damaged = { ...specimen, vfs: copyInto(specimen.vfs, new MemoryVfs()) };
      one.change(damaged);
      await work(damaged, one);
    });
  };
  const specimens = await makeSpecimens(context.codecs);
  const foreign = await foreignSegment(context.codecs);
  for (const specimen of context.isContinued ? [] : specimens) {
    for (const [what, change] of Object.entries(changes(specimen, foreign))) {
      if (!isDone(context, tally)) await attempt(context.seed, specimen, { what, change });
    }
  }
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) return;
    const chance = new Chance(seed);
    const specimen = chance.pick(specimens);
    const damage = anyDamage(specimen, chance);
    // Zeros over zeros damage nothing.
    if (damage !== undefined) await attempt(seed, specimen, caseOf(damage));
  }
}

function caseOf(damage: Damage): Case {
  const { path, what, bytes } = damage;
  return { what: `${path}, ${what}`, damage, change: ({ vfs }) => putFile(vfs, path, bytes) };
}

const recoveredId = "recovered";
const cardPath = `${runFolder}/run.json`;

/** What a recovery says it brought back is there, right, and whole by its own strict reader; the source is as it was. */
async function recoveries(context: RowContext): Promise<RowResult> {
  const tally = new Tally("damaged run");
  await onDamaged(context, tally, async (damaged, { damage }) => {
    const before = contentOf(damaged);
    const report = await recover(damaged);
    expect(isUntouched(before, damaged), "the source is changed");
    const expected = report === undefined ? [runId] : [runId, recoveredId];
    expect(String(damaged.vfs.list(runsFolder)) === String(expected), "something is left behind");
    // No case touches every segment, so that some ticks are left while the card is.
    expect(report !== undefined || damage?.path === cardPath, "it brings nothing back");
    if (report === undefined) return tally.count("refused card");
    await checkRecovered(damaged, report);
    tally.count("salvaged tick", report.salvaged);
    tally.count("lost tick", damaged.facts.length - report.salvaged);
  });
  return tally.result();
}

/** The bytes of every file of the damaged run. */
function contentOf({ vfs }: Specimen): ReadonlyMap<string, Uint8Array> {
  return new Map(filesBelow(vfs, runFolder).map((path) => [path, vfs.read(path)]));
}

function isUntouched(before: ReadonlyMap<string, Uint8Array>, damaged: Specimen): boolean {
  const now = contentOf(damaged);
  return (
    now.size === before.size &&
    [...now].every(([path, bytes]) => {
      const old = before.get(path);
      return old?.length === bytes.length && damaged.codecs.equal(old, bytes);
    })
  );
}

async function recover({ vfs, codecs }: Specimen): Promise<RecoverReport | undefined> {
  const runs = await openRuns(runsFolder, portsOn(vfs, codecs));
  return coded(async () => runs.recover(runId, { as: recoveredId }));
}

async function checkRecovered(damaged: Specimen, report: RecoverReport): Promise<void> {
  const { vfs, codecs, facts } = damaged;
  const runs = await openRuns(runsFolder, portsOn(vfs, codecs));
  const { firstTick, lastTick, salvaged, lost, possible, lostTicks } = report;
  const found = await runs.verify(recoveredId);
  expect(found.damage.length === 0 && found.tailBytes === 0, "verify refuses what was recovered");
  const isCounted =
    found.ticks === salvaged && found.firstTick === firstTick && found.lastTick === lastTick;
  expect(isCounted && found.historyDigest === report.historyDigest, "verify counts otherwise");
  const run = await runs.open(recoveredId);
  for (const range of [{}, { from: lastTick, to: firstTick }]) {
    const ticks = await readWhole(run, range, facts);
    expect(ticks.size === salvaged, `${salvaged} ticks are said, ${ticks.size} are read`);
    for (const { tick } of facts) {
      const isTold = lostTicks.some(({ ticks: [from, to] }) => tick >= from && tick <= to);
      expect(!ticks.has(tick) || !isTold, `tick ${tick} is there, and said to be lost`);
      expect(ticks.has(tick) || isTold || tick > lastTick, `that tick ${tick} is lost is not said`);
    }
  }
  expect(possible === salvaged + lost, "the counts do not add up");
  await run.close();
}

/** What `verify` may say of a damage, from the plainest on. */
type Verdict =
  "named damage" | "refused card" | "torn tail" | "shorter run" | "damage of no history";

async function verifications(context: RowContext): Promise<RowResult> {
  const tally = new Tally("damage");
  await onDamaged(context, tally, async (damaged, one) => {
    const { vfs, codecs } = damaged;
    const runs = await openRuns(runsFolder, portsOn(vfs, codecs));
    const report = await coded(async () => runs.verify(runId));
    tally.count(verdictOn(damaged, one, report));
  });
  return tally.result();
}

/** @throws Violation where `verify` misses it, or names other files */
function verdictOn(
  specimen: Specimen,
  { damage }: Case,
  report: VerifyReport | undefined,
): Verdict {
  if (report === undefined) return "refused card";
  const path = damage?.path ?? "";
  if (report.damage.length > 0) {
    const isNamed = report.damage.some(({ file }) => path.endsWith(file));
    expect(damage === undefined || isNamed, `it names ${report.damage[0]?.file}`);
    return "named damage";
  }
  if (isBesideHistory(path)) return "damage of no history";
  expect(path === specimen.segments.at(-1) && damage !== undefined, "verify finds nothing");
  if (report.tailBytes > 0) return "torn tail";
  expect(isShorterRun(specimen, damage), "verify finds nothing");
  return "shorter run";
}

/** Bytes that a scrub reads in a second here, so that a pass takes seconds of the simulated clock. */
const bytesPerSecond = 2000;

/** A bit that is flipped while a scrub runs, at any moment: told by an event, and by the end of the next pass. */
async function scrubs(context: RowContext): Promise<RowResult> {
  const tally = new Tally("flipped bit");
  const specimens = await makeSpecimens(context.codecs);
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) break;
    const chance = new Chance(seed);
    const specimen = chance.pick(specimens);
    const path = chance.pick(specimen.segments);
    const bytes = specimen.vfs.read(path);
    const bit = chance.below(8 * bytes.length);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    await tally.try(seed, `${path}, bit ${bit}`, async () => {
      const damage = { path, bytes, what: "a bit", at: bit >> 3 };
      const passes = await scrubOnce(specimen, damage, chance);
      tally.most("hundredth of a pass until it is told", Math.ceil(100 * passes));
    });
  }
  return tally.result();
}

/** @returns passes between the flip and the event that tells of it */
async function scrubOnce(specimen: Specimen, damage: Damage, chance: Chance): Promise<number> {
  const vfs = copyInto(specimen.vfs, new MemoryVfs());
  const clock = new AlarmClock();
  const ports = portsOn(vfs, specimen.codecs, { clock });
  const run = await (await openRuns(runsFolder, ports)).open(runId);
  const history = specimen.segments.reduce((sum, path) => sum + (vfs.stat(path)?.size ?? 0), 0);
  const passMilliseconds = (1000 * history) / bytesPerSecond;
  let [flippedAt, flippedIn, pass] = [Number.POSITIVE_INFINITY, 0, 1];
  clock.ringAfter(chance.below(2 * Math.floor(passMilliseconds)), () => {
    putFile(vfs, damage.path, damage.bytes);
    [flippedAt, flippedIn] = [clock.monotonic(), pass];
  });
  try {
    for await (const event of run.scrub({ bytesPerSecond })) {
      const wait = clock.monotonic() - flippedAt;
      if (event.kind === "damage") {
        checkEvent(event, damage, wait);
        return wait / passMilliseconds;
      }
      expect(flippedIn === 0 || event.pass <= flippedIn, "a whole pass behind the flip misses it");
      pass = event.pass + 1;
    }
  } finally {
    await run.close();
  }
  throw new Violation("the scrub ends by itself");
}

function checkEvent(event: ScrubEvent & { kind: "damage" }, { path }: Damage, wait: number): void {
  expect(wait >= 0, "damage is told before there is any");
  expect(path.endsWith(event.damage.file), `it names ${event.damage.file}`);
}

/** A clock that calls once when a time has come; only sleeping moves it. */
class AlarmClock extends ManualClock {
  #due = Number.POSITIVE_INFINITY;
  #ring: () => void = () => undefined;

  ringAfter(milliseconds: number, ring: () => void): void {
    this.#due = this.monotonic() + milliseconds;
    this.#ring = ring;
  }

  override advance(milliseconds: number): void {
    super.advance(milliseconds);
    if (this.monotonic() < this.#due) return;
    this.#due = Number.POSITIVE_INFINITY;
    this.#ring();
  }
}

export const repairRows: readonly Row[] = [
  {
    id: "B8",
    title: "what `recover` says of every kind of damage, read back by a strict reader",
    cases: { pr: 100, nightly: 2000, release: 20_000 },
    run: recoveries,
  },
  {
    id: "B9",
    title: "`verify` on every kind of damage: what it does not name",
    cases: { pr: 400, nightly: 20_000, release: 20_000 },
    run: verifications,
  },
  {
    id: "B10",
    title: "bits flipped while a scrub runs, at any moment",
    cases: { pr: 100, nightly: 10_000, release: 50_000 },
    run: scrubs,
  },
];
