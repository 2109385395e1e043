import { EverytickError } from "../errors.ts";
import { applyChanges, ChangeFinder, type StoreChanges } from "../format/changes.ts";
import { Image } from "../format/image.ts";
import type { ColumnLayout, StoreLayout } from "../format/layout.ts";
import { explicitStoreChanges } from "../journal/explicit.ts";
import type { JournalReader } from "../journal/journal-reader.ts";
import type { StoreInput, TickInput } from "../recorder/sink.ts";
import { Timeline, type TimelineIdentity } from "../timeline/timeline.ts";
import type { Codecs, StateDefinition, Tick } from "../types.ts";
import { elementOf } from "../world/past-state.ts";

/**
 * Compares a tick that is committed again with what is recorded: a state with the state rebuilt there, explicit changes
 * with the recorded changes. Random streams are left out: they stand where the run stands.
 * @throws RECORDER_CONFLICT with the first difference
 */
export async function compareWithRecorded(
  journal: JournalReader,
  identity: TimelineIdentity,
  definition: StateDefinition,
  input: TickInput,
  isExplicit: boolean,
  codecs: Codecs,
): Promise<void> {
  const timeline = new Timeline(journal, identity);
  await timeline.seek(input.tick);
  const stores = input.stores.filter(({ store }) => store !== identity.layout.randomStore);
  const found = isExplicit
    ? await afterExplicit(timeline, stores, identity, codecs)
    : afterState(stores, identity);
  const finder = new ChangeFinder(codecs);
  for (const store of identity.layout.stores) {
    if (store.number === identity.layout.randomStore) continue;
    const [recorded, given] = [timeline.image.stores[store.number], found.stores[store.number]];
    const difference = finder.between(store, recorded ?? [], given ?? []);
    if (difference.columns.length === 0) continue;
    throw conflict(input.tick, difference, timeline.image, found, definition);
  }
}

function afterState(stores: readonly StoreInput[], { layout }: TimelineIdentity): Image {
  const image = new Image(layout);
  for (const input of stores) {
    if (!("state" in input)) continue;
    input.state.forEach(({ bytes, values }, column) => {
      const target = image.column(input.store, column);
      target.bytes.set(bytes);
      values.forEach((value, row) => (target.values[row] = value));
    });
  }
  return image;
}

/** The state that the explicit changes give, from the state at the recorded tick before. */
async function afterExplicit(
  timeline: Timeline,
  stores: readonly StoreInput[],
  identity: TimelineIdentity,
  codecs: Codecs,
): Promise<Image> {
  const image = new Image(identity.layout);
  image.copyFrom(timeline.image);
  for (const changes of await timeline.changes()) applyChanges(image, changes, "back");
  for (const input of stores) {
    if (!("changes" in input)) continue;
    const store = identity.layout.stores[input.store] as StoreLayout;
    const before = image.stores[input.store] as Image["stores"][number];
    applyChanges(image, explicitStoreChanges(store, before, input.changes, codecs), "forward");
  }
  return image;
}

function conflict(
  tick: Tick,
  { store, columns }: StoreChanges,
  recorded: Image,
  given: Image,
  definition: StateDefinition,
): EverytickError {
  const { column, index } = columns[0] as StoreChanges["columns"][number];
  const row = index[0] as number;
  const { name } = store.columns[column] as ColumnLayout;
  const element = definition[store.name]?.kind === "grid" ? `${store.name}[${row}]` : `${store.name}.${name}`;
  return new EverytickError("RECORDER_CONFLICT", {
    where: `tick ${tick}, ${element}`,
    expected: show(elementOf(recorded, store, column, row)),
    found: show(elementOf(given, store, column, row)),
    next: "History is never rewritten. Record under another id, or go on with the recorded state.",
  });
}

function show(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Object.is(value, -0)) return "-0";
  return (typeof value === "number" ? String(value) : JSON.stringify(value)).slice(0, 100);
}
