import { EverytickError, type ErrorCode } from "../errors.ts";
import { applyChanges, ChangeFinder } from "../format/changes.ts";
import { Image } from "../format/image.ts";
import type { StoreLayout } from "../format/layout.ts";
import type { JournalReader } from "../journal/journal-reader.ts";
import { planChanges } from "../recorder/explicit-changes.ts";
import type { CommittedAgain } from "../recorder/recorder.ts";
import { Timeline, type TimelineIdentity } from "../timeline/timeline.ts";
import type { Codecs, StateDefinition, StoreSchema, Tick, WorldSchema } from "../types.ts";
import { RandomStreams } from "../world/random.ts";
import { streamsOf } from "../world/schema.ts";
import { elementPlace } from "../world/state/element-place.ts";
import { LiveState } from "../world/state/live-state.ts";
import { elementOf } from "../world/state/past-state.ts";

/** What is known of a run's state without looking at it. */
export interface StateIdentity extends TimelineIdentity {
  readonly schema: WorldSchema;
  readonly definition: StateDefinition;
}

/**
 * Compares a tick that is committed again with what is recorded: the given states, or those that the explicit changes
 * lead to. Random streams are left out: they stand where the run stands.
 * @throws RECORDER_CONFLICT with the first difference
 */
export async function compareWithRecorded(
  journal: JournalReader,
  identity: StateIdentity,
  tick: Tick,
  given: CommittedAgain,
  codecs: Codecs,
): Promise<void> {
  const timeline = new Timeline(journal, identity);
  await timeline.seek(tick);
  const found = new Image(identity.layout);
  found.copyFrom(timeline.image);
  if ("changes" in given) {
    await makeAgain(timeline, found, identity, given.changes);
  } else {
    for (const input of given.stores) {
      if ("state" in input) found.copyStore(input.store, input.state);
    }
  }
  const difference = firstDifference(identity, timeline.image, found, codecs);
  if (difference === undefined) return;
  const where = `tick ${tick}, ${difference.where}`;
  const next =
    "History is never rewritten. Record under another id, or go on with the recorded state.";
  throw refusedState("RECORDER_CONFLICT", { ...difference, where }, next);
}

/** Brings an image to what the explicit changes lead to, from the state at the recorded tick before. */
async function makeAgain(
  timeline: Timeline,
  image: Image,
  { layout, schema, definition }: StateIdentity,
  changes: object,
): Promise<void> {
  for (const recorded of await timeline.changes()) applyChanges(image, recorded, "back");
  const random = new RandomStreams(streamsOf(schema));
  // The caller's own arrays and objects stay as they are.
  const live = new LiveState(unbound(definition), schema, layout, random);
  live.load(image);
  planChanges(changes, definition, live)();
  live.capture().forEach((columns, store) => {
    if (store !== layout.randomStore) image.copyStore(store, columns);
  });
}

function unbound(definition: StateDefinition): StateDefinition {
  const stores = Object.entries(definition).map(([name, store]) => {
    if (store.kind !== "grid" && store.kind !== "table") return [name, store];
    const { source: _, ...own } = store;
    return [name, own];
  });
  return Object.fromEntries(stores) as StateDefinition;
}

export interface StateDifference {
  readonly where: string;
  readonly expected: string;
  readonly found: string;
}

/** The first element in which two states differ, the random streams left out. */
export function firstDifference(
  { layout, schema }: Pick<StateIdentity, "layout" | "schema">,
  recorded: Image,
  given: Image,
  codecs: Codecs,
  isLookedAt: (store: StoreLayout) => boolean = () => true,
): StateDifference | undefined {
  const finder = new ChangeFinder(codecs);
  for (const store of layout.stores) {
    if (store.number === layout.randomStore || !isLookedAt(store)) continue;
    const [from, to] = [recorded.stores[store.number], given.stores[store.number]];
    const [first] = finder.between(store, from, to ?? []).columns;
    if (first === undefined) continue;
    const row = first.index[0] as number;
    const described = schema.stores[store.number] as StoreSchema;
    return {
      where: elementPlace(store, described, [recorded, given], first.column, row),
      expected: show(elementOf(recorded, store, first.column, row)),
      found: show(elementOf(given, store, first.column, row)),
    };
  }
  return undefined;
}

export function refusedState(
  code: ErrorCode,
  difference: StateDifference,
  next: string,
): EverytickError {
  return new EverytickError(code, { ...difference, next });
}

function show(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (ArrayBuffer.isView(value))
    return `[${Array.from(value as unknown as ArrayLike<number | bigint>).join()}]`.slice(0, 100);
  if (Object.is(value, -0)) return "-0";
  return (typeof value === "number" ? String(value) : JSON.stringify(value)).slice(0, 100);
}
