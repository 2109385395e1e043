/** Runs that are damaged in every way, and what `recover` brings back of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isEverytickError,
  openRuns,
  type RecoverReport,
  type Codecs,
  type Runs,
  type Tick,
  type Vfs,
} from "everytick";
import { MemoryVfs } from "everytick/testing";
import { copyFolder } from "../journal/small-run.ts";
import { framesOf, headerOf, like, segmentOf } from "../journal/forge.ts";
import { Choices } from "../model/choices.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { driftingRun, textOf as driftingText } from "../timeline/drifting-run.ts";
import { recordedRows, textOf as rowsText } from "../timeline/recorded-rows.ts";
import { definition, recordedRun, textOf } from "../timeline/recorded-run.ts";
import { bytesBelow, folder, refusal, rewrite } from "./memory-runs.ts";

interface Subject {
  readonly states: ReadonlyMap<Tick, string>;
  readonly files: MemoryVfs;
  readonly textOf: (state: never) => string;
  readonly codecs: Codecs;
}
const numbers = await recordedRun();
const rows = await recordedRows();
// Of an even seed bodies are continued over many frames.
const drifting = await driftingRun(4, 90, 25_000);
const subjects = {
  numbers: subjectOf(numbers, textOf),
  rows: subjectOf(rows, rowsText),
  drifting: {
    states: new Map(drifting.texts.map((text, tick) => [tick, text])),
    files: movable(drifting.vfs),
    textOf: driftingText,
    codecs: await nodeCodecs(),
  },
};
const journal = `${folder}/run/journal`;
/** Damages of each kind; more with EVERYTICK_DAMAGES, and others with another seed. */
const rounds = Number(process.env["EVERYTICK_DAMAGES"] ?? 40);
const seedShift = Number(process.env["EVERYTICK_DAMAGES_SEED"] ?? 0);

function subjectOf(
  { states, ports }: typeof numbers | typeof rows,
  text: Subject["textOf"],
): Subject {
  return { states, files: movable(ports.vfs), textOf: text, codecs: ports.codecs };
}

function movable(vfs: Vfs): MemoryVfs {
  const files = new MemoryVfs();
  copyFolder(vfs, folder, files, folder);
  return files;
}

/** A copy of the files, to be damaged. */
function copyOf({ files }: Subject): MemoryVfs {
  return movable(files);
}

async function runsOn(
  vfs: MemoryVfs,
  { codecs }: Pick<Subject, "codecs"> = numbers.ports,
): Promise<Runs> {
  return openRuns(folder, { ...numbers.ports, codecs, vfs, segmentBytesMin: 2500 });
}

/** What must hold of every recovery, whatever was damaged. @returns `undefined` if nothing could be brought back. */
async function recovered(
  subject: Subject,
  vfs: MemoryVfs,
  what: string,
): Promise<RecoverReport | undefined> {
  const before = bytesBelow(vfs, `${folder}/run`);
  await using runs = await runsOn(vfs, subject);
  let report: RecoverReport;
  try {
    report = await runs.recover("run", { as: "new" });
  } catch (error) {
    assert(isEverytickError(error), `${what}: ${String((error as Error).stack)}`);
    assert(["JOURNAL_DAMAGED", "RUNS_CARD"].includes(error.code), `${what}: ${error.message}`);
    assert.deepEqual(vfs.list(folder), ["run"], `${what}: nothing is left behind`);
    return undefined;
  }
  assert.deepEqual(bytesBelow(vfs, `${folder}/run`), before, `${what}: the source is untouched`);
  assert.deepEqual(vfs.list(folder), ["new", "run"], what);
  await checkNew(subject, runs, report, what);
  return report;
}

/** `verify` finds all damage; only at the end of the open segment a torn tail, or a shorter run, cannot be told from it. */
async function checkFound(
  subject: Subject,
  vfs: MemoryVfs,
  isLast: boolean,
  what: string,
): Promise<void> {
  await using runs = await runsOn(vfs, subject);
  const { damage, tailBytes } = await runs.verify("run");
  if (damage.length === 0) {
    assert(isLast && (tailBytes > 0 || what.includes("cut")), `${what} was not found`);
  }
}

async function checkNew(
  { states, textOf: text }: Subject,
  runs: Runs,
  report: RecoverReport,
  what: string,
): Promise<void> {
  await using run = await runs.open("new");
  const verified = await run.verify();
  assert.deepEqual(verified.damage, [], what);
  assert.equal(verified.ticks, report.salvaged, what);
  const found: Tick[] = [];
  for await (const past of run.play()) {
    assert.equal(text(past.state as never), states.get(past.tick), `${what}: tick ${past.tick}`);
    assert.equal(past.simTime, past.tick, what);
    found.push(past.tick);
  }
  assert.equal(found.length, report.salvaged, what);
  assert.deepEqual([found[0], found.at(-1)], [report.firstTick, report.lastTick], what);
  assert.equal(report.possible, report.salvaged + report.lost, what);
  // What was a gap whose own frame is damaged may be counted as lost.
  assert(report.possible <= Math.max(...states.keys()) + 1, `${what}: ${report.possible}`);
  const isLost = (tick: Tick): boolean =>
    report.lostTicks.some(({ ticks: [from, to] }) => tick >= from && tick <= to);
  for (const tick of states.keys()) {
    if (found.includes(tick)) assert(!isLost(tick), `${what}: tick ${tick} is there and lost`);
    else if (tick <= report.lastTick) assert(isLost(tick), `${what}: tick ${tick} is not told`);
  }
}

const segments = ({ files }: Subject): string[] =>
  (files.list(journal) ?? []).filter((name) => name.endsWith(".seg"));

for (const [name, subject] of Object.entries(subjects)) {
  test(`R8: a whole run of ${name} is copied with the same history`, async () => {
    const vfs = copyOf(subject);
    const report = await recovered(subject, vfs, name);
    assert.equal(report?.salvaged, subject.states.size);
    assert.deepEqual([report.lost, report.damage], [0, []]);
    await using runs = await runsOn(vfs, subject);
    await using old = await runs.open("run");
    assert.equal(report.historyDigest, (await old.facts()).historyDigest);
    await using run = await runs.open("new");
    assert.equal(run.card.labels["recoveredFrom"], `run ${old.card.uuid}`);
    assert.notEqual(run.card.uuid, old.card.uuid);
  });

  test(`R8, T5: of ${name} with any bit flipped, all that is brought back is right, and verify finds it, seed 3`, async (t) => {
    const choices = new Choices(3 + seedShift);
    let [whole, part, none, lost] = [0, 0, 0, 0];
    for (let round = 0; round < rounds; round++) {
      const vfs = copyOf(subject);
      const file = choices.pick(segments(subject));
      const offset = choices.below(vfs.stat(`${journal}/${file}`)?.size as number);
      const mask = 1 << choices.below(8);
      rewrite(vfs, `${journal}/${file}`, (bytes) => bytes.with(offset, bytes[offset]! ^ mask));
      const report = await recovered(subject, vfs, `${name}, byte ${offset} of ${file}`);
      const isLast = file === segments(subject).at(-1);
      await checkFound(subject, vfs, isLast, `byte ${offset} of ${file}`);
      // Where a keyframe follows, a flip takes no tick.
      if (name === "numbers" && !isLast) assert.equal(report?.lost, 0, `byte ${offset} of ${file}`);
      if (report === undefined) none++;
      else if (report.lost > 0) part++;
      else whole++;
      lost += report?.lost ?? 0;
    }
    const figures = `${whole} whole, ${part} in part, ${none} not at all, ${lost} ticks lost`;
    t.diagnostic(figures);
    // The rows that a tick appended to logs stand in its own frames alone.
    if (name !== "rows") assert.equal(none, 0, figures);
    else assert(none <= rounds / 8 && lost < 6 * part, figures);
  });

  test(`R8, T5: of ${name} with a sector zeroed, cut out or written twice, all that is brought back is right, seed 4`, async () => {
    const choices = new Choices(4 + seedShift);
    for (let round = 0; round < rounds; round++) {
      const vfs = copyOf(subject);
      const file = choices.pick(segments(subject));
      const size = vfs.stat(`${journal}/${file}`)?.size as number;
      const [at, length] = [choices.below(size), choices.pick([64, 512, 1024])];
      const kind = choices.pick(["zeroed", "cut", "swapped", "doubled"] as const);
      const whole = vfs.read(`${journal}/${file}`);
      const changed = broken(whole, kind, at, length);
      if (Buffer.compare(whole, changed) === 0) continue;
      rewrite(vfs, `${journal}/${file}`, () => changed);
      const what = `${name}, ${kind} ${length} at ${at} of ${size} of ${file}`;
      await checkFound(subject, vfs, file === segments(subject).at(-1), what);
      await recovered(subject, vfs, what);
    }
  });

  test(`R8: of ${name} with any one segment missing, the others are brought back`, async () => {
    for (const [place, file] of segments(subject).entries()) {
      const vfs = copyOf(subject);
      vfs.remove(`${journal}/${file}`);
      const report = await recovered(subject, vfs, `${name} without ${file}`);
      const until = Number(segments(subject)[place + 1]?.slice(0, 16) ?? Infinity);
      const ticks = [...subject.states.keys()];
      const others = ticks.filter((tick) => tick < Number(file.slice(0, 16)) || tick >= until);
      if (name === "rows" && place === 0) assert.equal(report, undefined, "no static stores");
      else assert((report?.salvaged ?? 0) >= others.length, `${report?.salvaged} without ${file}`);
    }
  });
}

function broken(
  bytes: Uint8Array,
  kind: "zeroed" | "cut" | "swapped" | "doubled",
  at: number,
  length: number,
): Uint8Array {
  if (kind === "cut") return bytes.slice(0, at);
  const copy = bytes.slice();
  if (kind === "zeroed") return copy.fill(0, at, at + length);
  // The sector and the one behind it, as far as both lie in the file.
  const begin = Math.max(0, Math.min(at, bytes.length - 2 * length));
  const [first, second] = [bytes.subarray(begin, begin + length), begin + length];
  copy.set(first, second);
  if (kind === "swapped") copy.set(bytes.subarray(second, second + length), begin);
  return copy;
}

test("R8: a recovered run is resumed where it ends, and its gaps say what was lost", async () => {
  const vfs = copyOf(subjects.numbers);
  const [, file = ""] = segments(subjects.numbers);
  // The only keyframe of the segment and the deltas behind it.
  rewrite(vfs, `${journal}/${file}`, (bytes) => bytes.fill(0, 700, 4200));
  const report = await recovered(subjects.numbers, vfs, "half a segment zeroed");
  assert(report !== undefined && report.lost > 3, JSON.stringify(report?.lostTicks));
  const [lost] = report.lostTicks;
  assert.match(lost?.file ?? "", /^journal\/0000000000000007\.seg$/);
  await using runs = await runsOn(vfs);
  const [from] = lost?.ticks ?? [0];
  {
    await using old = await runs.open("new");
    const found = /lost to damage: journal\/0+7\.seg, byte \d+/;
    await refusal(() => old.at(from), "TIMELINE_GAP", { found });
    assert.match(old.card.labels["lostTicks"] ?? "", new RegExp(`^${from} to `));
  }
  await using live = await runs.record("new", { state: definition(), resume: "only" });
  assert.equal(live.tick, 39);
  live.state.cells.fill(7);
  assert.equal((await live.commit()).tick, 40);
  assert.deepEqual((await live.verify()).damage, []);
});

test("R8: a damaged first tick is rebuilt from what follows, unless it held static stores", async () => {
  const first = async (subject: Subject): Promise<RecoverReport | undefined> => {
    const vfs = copyOf(subject);
    const [file = ""] = segments(subject);
    const { offset, header } = framesOf(vfs.read(`${journal}/${file}`))[0]!;
    const at = offset + header.length - 3;
    rewrite(vfs, `${journal}/${file}`, (bytes) => bytes.with(at, bytes[at]! ^ 1));
    return recovered(subject, vfs, "the first tick");
  };
  // The first segment has no other keyframe: the next one leads back into it.
  assert.equal((await first(subjects.numbers))?.lost, 0);
  assert.equal(await first(subjects.rows), undefined);
});

test("R8: a segment with a broken header is read by its frames; a foreign one is named and left out", async () => {
  const vfs = copyOf(subjects.numbers);
  const [first = "", second = ""] = segments(subjects.numbers);
  rewrite(vfs, `${journal}/${second}`, (bytes) => bytes.fill(0, 0, 200));
  assert.equal((await recovered(subjects.numbers, vfs, "no header"))?.lost, 0);

  const other = copyOf(subjects.numbers);
  const foreign = rows.ports.vfs.read(`${journal}/${segments(subjects.rows)[0]}`);
  rewrite(other, `${journal}/${first}`, () => withUuid(foreign));
  const report = await recovered(subjects.numbers, other, "a foreign segment");
  assert.match(JSON.stringify(report?.damage), /a segment of run/);
  assert(report !== undefined && report.lost > 0);
});

/** A segment of another run than those here, whose entropy is the same. */
function withUuid(bytes: Uint8Array): Uint8Array {
  const uuid = new Uint8Array(16).fill(1);
  return segmentOf(
    { ...headerOf(bytes), uuid },
    framesOf(bytes).map((frame) => like(frame)),
  );
}

test("R8, F6: a broken version is damage, a newer one and an unknown frame are refused", async () => {
  const vfs = copyOf(subjects.numbers);
  const last = segments(subjects.numbers).at(-1) as string;
  rewrite(vfs, `${journal}/${last}`, (bytes) => bytes.with(8, 4));
  assert.equal((await recovered(subjects.numbers, vfs, "version"))?.lost, 0);
  await using runs = await runsOn(vfs);
  assert((await runs.verify("run")).damage.length > 0);

  const newer = copyOf(subjects.numbers);
  rewrite(newer, `${journal}/${last}`, (bytes) => {
    const [header, frames] = [headerOf(bytes), framesOf(bytes).map((frame) => like(frame))];
    return segmentOf(header, [
      ...frames,
      { ...frames.at(-1)!, fields: { ...frames.at(-1)!.fields, kind: 5 } },
    ]);
  });
  await using others = await runsOn(newer);
  await refusal(() => others.recover("run", { as: "new" }), "FORMAT_UNKNOWN");
  assert.deepEqual(newer.list(folder), ["run"]);
});

test("R8: recover refuses a run that is recorded, an id that is taken, and what it cannot read", async () => {
  const vfs = copyOf(subjects.numbers);
  await using runs = await runsOn(vfs);
  await refusal(() => runs.recover("run", { as: "run" }), "RUNS_EXISTS");
  await refusal(() => runs.recover("run", { as: "../x" }), "RUNS_ID");
  await refusal(() => runs.recover("none", { as: "new" }), "RUNS_MISSING");
  const live = await runs.record("run", { state: definition(), resume: "only" });
  await refusal(() => runs.recover("run", { as: "new" }), "JOURNAL_LOCKED");
  await live.close();
  rewrite(vfs, `${folder}/run/run.json`, (bytes) => bytes.with(20, 0));
  await refusal(() => runs.recover("run", { as: "new" }), "RUNS_CARD");
  assert.deepEqual(vfs.list(folder), ["run"]);
});

test("R8: a recovery that is stopped, or whose disk fails, leaves nothing under the new id", async () => {
  const vfs = copyOf(subjects.numbers);
  await using runs = await runsOn(vfs);
  const stop = new AbortController();
  const { signal } = stop;
  const onProgress = ({ ticks }: { readonly ticks: number }): void => {
    if (ticks === 20) stop.abort();
  };
  const stopped = runs.recover("run", { as: "new", signal, onProgress });
  await assert.rejects(stopped, { name: "AbortError" });
  assert.deepEqual(vfs.list(folder), ["run"]);
  const rename = vfs.rename.bind(vfs);
  vfs.rename = (from, to) => {
    assert.equal(vfs.stat(`${folder}/new`), undefined, "the name comes last");
    if (to === `${folder}/new`) throw Object.assign(new Error("EIO: rename"), { code: "EIO" });
    rename(from, to);
  };
  await refusal(() => runs.recover("run", { as: "new" }), "JOURNAL_WRITE", { found: /EIO/ });
  assert.deepEqual(vfs.list(folder), ["run"]);
});
