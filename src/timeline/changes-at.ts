import { decodeValue } from "../world/elements.ts";
import { elementOf } from "../world/past-state.ts";
import type { ColumnChanges, StoreChanges } from "../format/changes.ts";
import { isNumericType, numbersOf, type ColumnLayout, type StoreLayout } from "../format/layout.ts";
import type { Image } from "../format/image.ts";
import type { Change, Element, SeekOptions, Tick, WorldSchema } from "../types.ts";
import type { Timeline } from "./timeline.ts";

/**
 * What a tick changed, in order of store, column and index; the random streams left out. The first tick changes from
 * nothing: zeros, empty texts.
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
  const isGrid = schema.stores[store.number]?.kind === "grid";
  return columns.flatMap((column) => {
    const { name } = store.columns[column.column] as ColumnLayout;
    const olds = oldElements(store, column, image);
    return Array.from(column.index, (index, i) => ({
      store: store.name,
      ...(isGrid ? {} : { column: name }),
      index,
      old: olds[i] as Element,
      new: elementOf(image, store, column.column, index),
    }));
  });
}

/** The elements before the tick: the new bits XOR the flips. */
function oldElements(store: StoreLayout, changes: ColumnChanges, image: Image): Element[] {
  const { type, width } = store.columns[changes.column] as ColumnLayout;
  if (!isNumericType(type)) {
    return changes.oldValues.map((value) => decodeValue(type, value));
  }
  const { bytes } = image.column(store.number, changes.column);
  const old = changes.xor.slice();
  changes.index.forEach((row, i) => {
    for (let byte = 0; byte < width; byte++) {
      const at = i * width + byte;
      old[at] = (old[at] as number) ^ (bytes[row * width + byte] as number);
    }
  });
  return Array.from(numbersOf(type, old) as ArrayLike<Element>);
}
