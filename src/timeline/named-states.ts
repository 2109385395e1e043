import { EverytickError } from "../errors.ts";
import type { Image } from "../format/image.ts";
import { isInKeyframes } from "../format/layout.ts";
import { isStep } from "../format/frame-table.ts";
import type { Segment } from "../journal/segment-reader.ts";
import type { Codecs, StreamingDigest, Tick } from "../types.ts";

/**
 * Compares keyframes with the replayed states of the ticks that they name, also ticks before the last one, and stores that
 * no digest covers: a reader may begin at any keyframe.
 */
export class NamedStates {
  readonly #hash: StreamingDigest;
  #segment: Segment | undefined;
  readonly #named = new Set<Tick>();
  readonly #kept = new Map<Tick, Uint8Array>();

  constructor(codecs: Codecs) {
    this.#hash = codecs.xxh3();
  }

  /** Takes note of the state at a tick, if a keyframe of its segment names it. */
  keep(segment: Segment, tick: Tick, image: Image): void {
    this.#look(segment);
    if (this.#named.has(tick)) this.#kept.set(tick, this.#digestOf(image));
  }

  /** @throws FORMAT_DAMAGED for a keyframe of another state, or of a tick that its segment does not record */
  check(segment: Segment, tick: Tick, image: Image): void {
    this.#look(segment);
    const { table } = segment;
    const step = table.stepAtOrBefore(tick);
    if (step === -1 || table.tick(table.step(step)) !== tick) {
      throw wrongKeyframe(segment, tick, "one of a tick that the segment does not record");
    }
    const kept = this.#kept.get(tick);
    if (kept === undefined) return;
    const digest = this.#digestOf(image);
    if (kept.every((byte, i) => digest[i] === byte)) return;
    throw wrongKeyframe(segment, tick, "another state");
  }

  #look(segment: Segment): void {
    if (segment === this.#segment) return;
    this.#segment = segment;
    this.#kept.clear();
    this.#named.clear();
    const { table } = segment;
    for (const position of table.keyframes()) {
      if (!isStep(table.entry(position))) this.#named.add(table.tick(position));
    }
  }

  /** Of the bits that keyframes hold. What lies behind the last of them is nothing, however much room there is. */
  #digestOf(image: Image): Uint8Array {
    const hash = this.#hash;
    hash.reset();
    for (const store of image.layout.stores) {
      if (!isInKeyframes(store)) continue;
      for (const { bytes, values } of image.stores[store.number] ?? []) {
        const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
        const last = values.findLastIndex(({ length }) => length > 0) + 1;
        hash.update(new Uint8Array(Float64Array.of(end, last).buffer));
        hash.update(bytes.subarray(0, end));
        for (const value of values.slice(0, last)) {
          hash.update(new Uint8Array(Float64Array.of(value.length).buffer));
          hash.update(value);
        }
      }
    }
    return hash.digest();
  }
}

function wrongKeyframe({ name }: Segment, tick: Tick, found: string): EverytickError {
  const [where, expected] = [`${name}, keyframe of tick ${tick}`, "the state of that tick"];
  return new EverytickError("FORMAT_DAMAGED", { where, expected, found });
}
