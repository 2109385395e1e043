import { EverytickError } from "../errors.ts";
import { bytesOfHex, hexOf } from "../format/bytes.ts";
import { schemaHashOf } from "../format/digest.ts";
import { layoutOf } from "../format/layout.ts";
import { surveyJournal, type Survey } from "../journal/survey.ts";
import { guardWrites } from "../journal/write-failure.ts";
import { Writer } from "../journal/writer.ts";
import type { JournalSizes } from "../journal/writer-options.ts";
import { Salvage } from "../timeline/salvage.ts";
import { verifyJournal, type JournalReport } from "../timeline/verify.ts";
import type { Damage, Ports, RecoverReport, RunCard } from "../types.ts";
import { writeCard } from "./card.ts";
import { openJournal } from "./run.ts";
import { SalvageLog } from "./salvage-log.ts";
import { segmentFiles } from "./segment-files.ts";

export interface RecoverOptions {
  /** The id of the new run. */
  readonly as: string;
  /** The folder of runs in which it is made. Default: that of the old one. */
  readonly folder?: string;
  readonly onProgress?: (done: { readonly ticks: number; readonly ofTicks: number }) => void;
  readonly signal?: AbortSignal;
}

/** The parts of a recovery that are settled before anything is read. */
export interface RecoverPlan {
  readonly card: RunCard;
  /** Of the damaged run; only ever read. */
  readonly source: string;
  /** Where the new run is to be. */
  readonly folder: string;
  readonly options: RecoverOptions;
  readonly sizes: JournalSizes;
}

/**
 * Writes everything that is intact in a run into a new one, and verifies that before it bears its name.
 * @throws JOURNAL_DAMAGED if nothing can be brought back; nothing is left behind then.
 */
export async function recoverRun(plan: RecoverPlan, ports: Ports): Promise<RecoverReport> {
  const { vfs } = ports;
  const { card: old, folder, options, source } = plan;
  const uuid = hexOf(ports.random.bytes(16));
  // Another name than any run has, so that nobody takes it for one.
  const directory = `${folder}/.recover-${uuid}`;
  const survey = await surveyJournal(
    segmentFiles(vfs, source),
    { ...identityOf(old), world: old.world },
    ports.codecs,
  );
  try {
    guardWrites(directory, () => vfs.makeDirectory(`${directory}/journal`));
    const card = { ...old, id: options.as, uuid, createdAt: now(ports), parent: null };
    const log = await writeSalvaged(plan, card, directory, survey, ports);
    const labels = { ...old.labels, ...log.labels(old) };
    guardWrites(directory, () => writeCard(vfs, directory, { ...card, labels }));
    const report = await verified(directory, card, log, ports, options.signal);
    guardWrites(directory, () => moveInto(plan, directory, ports));
    return reportOf(old, options.as, log, report);
  } catch (error) {
    removeTree(ports, directory);
    throw error;
  } finally {
    for (const segment of survey.segments) await segment.source.close();
  }
}

function now({ clock }: Ports): string {
  return new Date(clock.wallTime()).toISOString();
}

function identityOf(card: RunCard) {
  return { uuid: bytesOfHex(card.uuid), worldHash: bytesOfHex(card.worldHash) };
}

/** Writes each tick that can be rebuilt, and a gap where there is none. */
async function writeSalvaged(
  { card: old, options, sizes }: RecoverPlan,
  card: RunCard,
  directory: string,
  survey: Survey,
  ports: Ports,
): Promise<SalvageLog> {
  const { vfs, codecs, clock } = ports;
  const identity = { layout: layoutOf(old.world), schemaHash: schemaHashOf(old.world) };
  const salvage = new Salvage(survey.segments, identity, codecs, { clock, signal: options.signal });
  const writerIdentity = { ...identity, ...identityOf(card), world: card.world };
  const writer = new Writer(
    { vfs, codecs, clock, directory, identity: writerIdentity, durability: "fsync", ...sizes },
    undefined,
  );
  const log = new SalvageLog(writer, survey, await salvage.gaps(), old.sparse, clock);
  try {
    for await (const tick of salvage.ticks()) {
      log.take(tick);
      options.onProgress?.({ ticks: log.salvaged, ofTicks: survey.lastTick + 1 });
    }
    log.end(salvage.refused);
    if (log.salvaged === 0) throw nothingLeft(old, log.damage);
  } finally {
    writer.closeNow();
  }
  return log;
}

function nothingLeft({ id }: RunCard, damage: readonly Damage[]): EverytickError {
  const [first] = damage;
  return new EverytickError("JOURNAL_DAMAGED", {
    where: first === undefined ? `run ${id}` : `${first.file}, byte ${first.offset}`,
    expected: first?.expected ?? "a keyframe to come from",
    found: first?.found ?? "none",
    next: "No tick could be brought back, and no run was made.",
  });
}

/** Reads the new run as a stranger would. @throws JOURNAL_DAMAGED if it is not exactly what was written */
async function verified(
  directory: string,
  card: RunCard,
  log: SalvageLog,
  ports: Ports,
  signal: AbortSignal | undefined,
): Promise<JournalReport> {
  const { world, worldHash, sparse } = card;
  const schema = { layout: layoutOf(world), schemaHash: schemaHashOf(world) };
  const identity = { ...schema, world, worldHash, sparse };
  const journal = await openJournal(directory, card, ports);
  try {
    const options = signal === undefined ? {} : { signal };
    const report = await verifyJournal(journal, identity, options, ports.clock);
    const { firstTick, lastTick, ticks, damage, tailBytes } = report;
    const found = { firstTick, lastTick, ticks, damages: damage.length, tailBytes };
    const { range, salvaged } = log;
    const written = { firstTick: range[0], lastTick: range[1], ticks: salvaged };
    const expected = { ...written, damages: 0, tailBytes: 0 };
    if (JSON.stringify(found) !== JSON.stringify(expected)) {
      throw new EverytickError("JOURNAL_DAMAGED", {
        where: "the recovered run, read back",
        expected: JSON.stringify(expected),
        found: JSON.stringify(found),
        next: "It was removed again. The disk or this version of everytick is faulty.",
      });
    }
    return report;
  } finally {
    await journal.close();
  }
}

/** The new run bears its name only when it is whole. */
function moveInto({ folder, options }: RecoverPlan, directory: string, { vfs }: Ports): void {
  const target = `${folder}/${options.as}`;
  if (vfs.stat(target) !== undefined) {
    throw new EverytickError("RUNS_EXISTS", { where: target, next: "Choose another id." });
  }
  vfs.rename(directory, target);
  vfs.syncDirectory(folder);
}

/** What is left of an attempt; a failure here hides no other. */
function removeTree({ vfs }: Ports, path: string): void {
  try {
    for (const name of vfs.list(path) ?? []) {
      const full = `${path}/${name}`;
      if (vfs.stat(full)?.directory === true) removeTree({ vfs } as Ports, full);
      else vfs.remove(full);
    }
    vfs.removeDirectory?.(path);
  } catch {
    // `everytick doctor` names what stays.
  }
}

function reportOf(old: RunCard, id: string, log: SalvageLog, verify: JournalReport): RecoverReport {
  const { salvaged, lost, damage, lostTicks } = log;
  const { firstTick, lastTick, historyDigest, bytes } = verify;
  return {
    id,
    from: { id: old.id, uuid: old.uuid },
    firstTick,
    lastTick,
    salvaged,
    lost,
    possible: salvaged + lost,
    lostTicks,
    damage,
    historyDigest,
    bytes,
  };
}
