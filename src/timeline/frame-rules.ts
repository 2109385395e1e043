import { EverytickError } from "../errors.ts";
import type { Body } from "../format/body.ts";
import { FrameFlag, type FrameHeader } from "../format/frame.ts";
import { isStep } from "../format/frame-table.ts";

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
