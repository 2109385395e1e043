import { isEverytickError } from "../errors.ts";
import { bytesOfHex } from "../format/bytes.ts";
import { surveyJournal } from "../journal/survey.ts";
import type { Damage, Ports, RunCard, VerifyReport } from "../types.ts";
import { segmentFiles } from "./segment-files.ts";
import { strayFiles } from "./stray-files.ts";

/** Errors of a run that is too damaged to be opened. */
const damageCodes: ReadonlySet<string> = new Set([
  "FORMAT_DAMAGED",
  "FORMAT_NEWER",
  "FORMAT_UNKNOWN",
  "JOURNAL_DAMAGED",
  "JOURNAL_MISSING",
]);

/** What is wrong with a run that cannot even be opened. @throws `cause` if it tells of no damage */
export async function damagedReport(
  cause: unknown,
  card: RunCard,
  directory: string,
  { vfs, codecs }: Ports,
): Promise<VerifyReport> {
  if (!isEverytickError(cause) || !damageCodes.has(cause.code)) throw cause;
  const identity = {
    uuid: bytesOfHex(card.uuid),
    world: card.world,
    worldHash: bytesOfHex(card.worldHash),
  };
  const survey = await surveyJournal(segmentFiles(vfs, directory), identity, codecs);
  for (const { source } of survey.segments) await source.close();
  const holes = [...survey.strays, ...survey.segments.flatMap((segment) => segment.holes)];
  const found = holes.map(({ file, offset, expected, found: what }): Damage => {
    return { file, offset, expected, found: what };
  });
  const { where = "the journal", expected = "a run", found: told = cause.message } = cause.details;
  const own = { file: where, offset: 0, expected, found: told };
  return {
    firstTick: 0,
    lastTick: survey.lastTick,
    ticks: 0,
    keyframes: 0,
    segments: survey.segments.length,
    bytes: 0,
    tailBytes: 0,
    historyDigest: "",
    damage: found.length === 0 ? [own] : found,
    strays: strayFiles(vfs, directory),
  };
}
