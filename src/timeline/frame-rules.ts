import { EverytickError } from "../errors.ts";
import type { Body } from "../format/body.ts";
import type { StoreChanges } from "../format/changes.ts";
import { isVariable } from "../format/column-types.ts";
import { FrameFlag, type FrameHeader } from "../format/frame.ts";
import { isStep } from "../format/frame-table.ts";
import type { Image } from "../format/image.ts";
import type { ColumnLayout } from "../format/layout.ts";
import type { Codecs } from "../types.ts";
import { decodeValue } from "../world/elements.ts";

/**
 * Static stores stand in the frames of the first tick, logs in those of their own (`docs/format.md`, section 5).
 * @throws FORMAT_DAMAGED for a part that stands elsewhere.
 */
export function checkParts({ parts }: Body, header: FrameHeader): void {
  const isFirst = (header.flags & FrameFlag.required) !== 0;
  for (const { store } of parts) {
    const { isStatic, rows } = store.lifetime;
    if (isStatic && !isFirst) throw misplaced(store.name, "static stores", "the first tick");
    if (rows === "tick" && !isStep(header)) throw misplaced(store.name, "logs", "recorded ticks");
  }
}

/**
 * Values follow their type, and the old ones are those of the state before: what leads back.
 * @param image the state before.
 * @throws FORMAT_DAMAGED
 */
export function checkValues(image: Image, { store, columns }: StoreChanges, codecs: Codecs): void {
  for (const { column, index, oldValues, newValues } of columns) {
    const { name, type } = store.columns[column] as ColumnLayout;
    if (!isVariable(type)) continue;
    const { values } = image.column(store.number, column);
    index.forEach((row, i) => {
      decodeValue(type, newValues[i] as Uint8Array);
      const [before, old] = [values[row] ?? noBytes, oldValues[i] as Uint8Array];
      if (before.length === old.length && codecs.equal(before, old)) return;
      const where = `row ${row} of ${store.name}.${name}`;
      const [expected, found] = ["the value before the tick as the old one", "another one"];
      throw new EverytickError("FORMAT_DAMAGED", { where, expected, found });
    });
  }
}

const noBytes = new Uint8Array(0);

function misplaced(store: string, stores: string, where: string): EverytickError {
  return new EverytickError("FORMAT_DAMAGED", {
    where: `a part of ${store}`,
    expected: `${stores} in the frames of ${where} alone`,
    found: "another frame",
  });
}

/** A gap whose changes are unknown ends in a keyframe to which no delta leads. No writer makes one yet. */
export function unknownKeyframe(where: string): EverytickError {
  return new EverytickError("FORMAT_UNKNOWN", {
    where,
    expected: "a delta, or the keyframe of the first tick",
    found: "another required keyframe",
    next: "Read it with the version of everytick that wrote it.",
  });
}
