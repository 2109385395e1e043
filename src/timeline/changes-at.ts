import type { ColumnChanges, StoreChanges } from "../format/changes.ts";
import { isVariable, numbersOf } from "../format/column-types.ts";
import type { Image } from "../format/image.ts";
import { isGrowing, liveColumn, type ColumnLayout, type StoreLayout } from "../format/layout.ts";
import type { Change, Element, SeekOptions, StoreSchema, Tick, WorldSchema } from "../types.ts";
import { decodeValue, readElement } from "../world/elements.ts";
import { keyColumnsOf } from "../world/state/element-place.ts";
import { elementOf } from "../world/state/past-state.ts";
import type { Timeline } from "./timeline.ts";

/**
 * What a tick changed, in order of store, column and index; the random streams left out. The first tick changes from
 * nothing: zeros, empty texts. So do the rows of a log.
 */
export async function changesAt(
  timeline: Timeline,
  tick: Tick,
  schema: WorldSchema,
  options: SeekOptions,
): Promise<Change[]> {
  await timeline.seek(tick, options);
  const changes = await timeline.changes();
  return changes
    .filter(({ store }) => store.number !== timeline.image.layout.randomStore)
    .flatMap((store) => changesOfStore(store, timeline.image, schema));
}

function changesOfStore(
  { store, columns }: StoreChanges,
  image: Image,
  schema: WorldSchema,
): Change[] {
  const described = schema.stores[store.number] as StoreSchema;
  const olds = new Map(
    columns.map((changes) => [changes.column, oldElements(store, changes, image)]),
  );
  const keyOf = keyReader(store, described, columns, olds, image);
  return columns.flatMap(({ column, index }) => {
    const { name } = store.columns[column] as ColumnLayout;
    return Array.from(index, (row, i) => ({
      store: store.name,
      ...(described.kind === "grid" ? {} : { column: name }),
      index: row,
      ...keyOf(row),
      old: olds.get(column)?.[i] as Element,
      new: elementOf(image, store, column, row),
    }));
  });
}

/** Gives the key of a row: what it is, or what it was if the row died. */
function keyReader(
  store: StoreLayout,
  schema: StoreSchema,
  changes: readonly ColumnChanges[],
  olds: ReadonlyMap<number, readonly Element[]>,
  image: Image,
): (row: number) => Pick<Change, "key"> {
  const keys = keyColumnsOf(store, schema);
  if (keys.length === 0 || !isGrowing(store)) return () => ({});
  const positions = keys.map((key) => {
    const changed = changes.find(({ column }) => column === key);
    return new Map(Array.from(changed?.index ?? [], (row, i) => [row, i]));
  });
  return (row) => {
    const lives = elementOf(image, store, liveColumn, row) === 1;
    const parts = keys.map((key, i) => {
      const at = positions[i]?.get(row);
      if (lives || at === undefined) return elementOf(image, store, key, row);
      return olds.get(key)?.[at] as Element;
    });
    return { key: parts.length === 1 ? (parts[0] as Element) : parts };
  };
}

/** The elements before the tick: the new bits XOR the flips. */
function oldElements(store: StoreLayout, changes: ColumnChanges, image: Image): Element[] {
  const column = store.columns[changes.column] as ColumnLayout;
  const { type, base, width } = column;
  if (isVariable(type)) return changes.oldValues.map((value) => decodeValue(type, value));
  const { bytes } = image.column(store.number, changes.column);
  const old = changes.xor.slice();
  changes.index.forEach((row, i) => {
    for (let byte = 0; byte < width; byte++) {
      const at = i * width + byte;
      old[at] = (old[at] as number) ^ (bytes[row * width + byte] as number);
    }
  });
  const numbers = numbersOf(base, old);
  return Array.from(changes.index, (_, i) => readElement(column, numbers, i));
}
