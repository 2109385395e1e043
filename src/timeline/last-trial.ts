import { ChangeFinder, type ColumnChanges } from "../format/changes.ts";
import { differencesOf, hasDifferences } from "../format/differences.ts";
import { chooseEncoding, tryEncodings } from "../format/encoding-choice.ts";
import { Image } from "../format/image.ts";
import type { StoreLayout } from "../format/layout.ts";
import { planeNumbersMin } from "../format/number-blocks.ts";
import { areSameRows } from "../format/row-bytes.ts";
import type { JournalReader } from "../journal/journal-reader.ts";
import { Timeline, type TimelineIdentity } from "./timeline.ts";

/** Why the numbers of a store's column are written as they are, by store and column number. */
export type Reasons = ReadonlyMap<string, string>;

export const reasonKey = (store: number, column: number): string => `${store} ${column}`;

/**
 * Tries the encodings of numbers on what the last recorded tick changed, column by column: the writer's trial once more, for
 * people, but for chunks and parts, which the writer tries one by one.
 */
export async function lastTrial(
  journal: JournalReader,
  identity: TimelineIdentity,
): Promise<Reasons> {
  const reasons = new Map<string, string>();
  const last = await journal.lastStep();
  const middle = last && (await journal.stepAtOrBefore(last.tick - 1));
  if (last === undefined || middle === undefined) return reasons;
  const first = await journal.stepAtOrBefore(middle.tick - 1);
  const timeline = new Timeline(journal, identity);
  const imageAt = async (tick: number): Promise<Image> => {
    await timeline.seek(tick);
    const image = new Image(identity.layout);
    image.copyFrom(timeline.image);
    return image;
  };
  const before = first && (await imageAt(first.tick));
  const [from, to] = [await imageAt(middle.tick), await imageAt(last.tick)];
  for (const store of identity.layout.stores) {
    if (store.lifetime.rows === "tick") continue;
    const earlier = before && changesOf(store, before, from, journal);
    for (const changes of changesOf(store, from, to, journal)) {
      const its = earlier?.find(({ column }) => column === changes.column);
      const reason = reasonOf(store, changes, its, journal);
      if (reason !== undefined) reasons.set(reasonKey(store.number, changes.column), reason);
    }
  }
  return reasons;
}

/** A finder of its own for each: what one finds is valid until it looks again. */
function changesOf(
  store: StoreLayout,
  from: Image,
  to: Image,
  { codecs }: JournalReader,
): readonly ColumnChanges[] {
  const sides = [from.stores[store.number], to.stores[store.number] ?? []] as const;
  return new ChangeFinder(codecs).between(store, ...sides).columns;
}

function reasonOf(
  store: StoreLayout,
  { column, index, xor, bits }: ColumnChanges,
  earlier: ColumnChanges | undefined,
  { codecs }: JournalReader,
): string | undefined {
  const { width, unit } = store.columns[column] ?? { width: 0, unit: 0 };
  const isTried = width > 0 && hasDifferences(unit) && xor.length / unit >= planeNumbersMin;
  if (!isTried || bits === undefined) return undefined;
  const hasSameRows = earlier?.bits !== undefined && areSameRows(earlier.index, index);
  const last = hasSameRows ? differencesOf(earlier.xor, earlier.bits, unit) : undefined;
  const differences = differencesOf(xor, bits, unit);
  return chooseEncoding(tryEncodings(xor, differences, last, unit, codecs)).reason;
}
