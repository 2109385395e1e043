import { joinParts, readBody, type Body } from "../../format/body.ts";
import { applyChanges, ChangeFinder } from "../../format/changes.ts";
import { DifferenceReader } from "../../format/difference-reader.ts";
import { Digester, schemaHashOf, type StoreDigest } from "../../format/digest.ts";
import {
  FrameFlag,
  FrameKind,
  frameHeaderSize,
  readFrameHeader,
  type FrameHeader,
} from "../../format/frame.ts";
import { isStep } from "../../format/frame-table.ts";
import { Image } from "../../format/image.ts";
import type { LastDifferences } from "../../format/last-differences.ts";
import { isInKeyframes, layoutOf, type Layout, type StoreLayout } from "../../format/layout.ts";
import { digestOfStore } from "../../format/store-digest.ts";
import type { Codecs, WorldSchema } from "../../types.ts";
import { parseBody, writeBody } from "./body-tree.ts";
import { joined } from "./noise.ts";
import type { SegmentTree } from "./segment-tree.ts";

/** Replays forged frames and makes their digests those of what they say, so that no digest gives the forgery away. */
export class Redigester {
  readonly #codecs: Codecs;
  readonly #layout: Layout;
  readonly #finder: ChangeFinder;
  readonly #digester: Digester;
  readonly #schemaHash: Uint8Array;
  #image: Image;
  #history: Uint8Array;
  #bodies: Body[] = [];
  #begin = 0;
  #reader: DifferenceReader | undefined;
  #differences: LastDifferences | undefined;
  #isBegun = false;

  constructor(world: WorldSchema, codecs: Codecs) {
    this.#codecs = codecs;
    this.#layout = layoutOf(world);
    this.#finder = new ChangeFinder(codecs);
    this.#digester = new Digester(codecs);
    this.#schemaHash = this.#history = schemaHashOf(world);
    this.#image = new Image(this.#layout);
  }

  /** Changes the segments, as far as their frames can be read. @throws for the first that cannot */
  run(segments: readonly SegmentTree[]): void {
    for (const segment of segments) {
      if (segment.header.length >= 80) segment.header.set(this.#history, 64);
      this.#differences = undefined;
      for (let place = 0; place < segment.frames.length; place++) this.#frame(segment, place);
    }
  }

  #frame({ frames }: SegmentTree, place: number): void {
    const frame = frames[place] as Uint8Array;
    const header = readFrameHeader(frame);
    if (header === undefined) throw new RangeError("no frame");
    frame.set(this.#history, 56);
    const isDelta = header.kind === FrameKind.delta;
    if (!isDelta && header.kind !== FrameKind.keyframe) return;
    if (this.#bodies.length === 0) this.#begin = place;
    if (isDelta) this.#reader ??= new DifferenceReader(this.#image, "before", this.#differences);
    const options = isDelta && this.#reader ? { differences: this.#reader } : {};
    const body = frame.subarray(frameHeaderSize);
    this.#bodies.push(readBody(body, this.#layout, this.#codecs, options));
    if ((header.flags & FrameFlag.continued) !== 0) return;
    const digests = this.#digestsOf(header, frame);
    for (let other = this.#begin; other <= place; other++) {
      frames[other] = withDigests(frames[other] as Uint8Array, other === place ? digests : []);
    }
    if (isDelta) this.#differences = this.#reader?.found;
    this.#bodies = [];
    this.#reader = undefined;
  }

  #digestsOf(header: FrameHeader, frame: Uint8Array): readonly StoreDigest[] {
    if (header.kind === FrameKind.keyframe) return this.#keyframe(header, frame);
    this.#image.clear(({ lifetime }) => lifetime.rows === "tick");
    this.#apply(this.#image);
    const digests = joinParts(this.#bodies.flatMap(({ parts }) => parts))
      .filter(({ store }) => store.digestNumber >= 0)
      .map((changes) => this.#digester.changes(changes, this.#image));
    this.#chain(this.#history, header, digests, frame);
    return digests;
  }

  #keyframe(header: FrameHeader, frame: Uint8Array): readonly StoreDigest[] {
    if (isStep(header)) {
      if (this.#isBegun) throw new RangeError("a second beginning");
      this.#isBegun = true;
      this.#image.clear();
      this.#apply(this.#image);
      frame.set(this.#stateDigest(this.#image), 72);
      const digests = this.#ofStores(this.#image, () => true);
      this.#chain(this.#schemaHash, header, digests, frame);
      return digests;
    }
    const image = new Image(this.#layout);
    image.copyFrom(this.#image);
    image.clear(({ lifetime }) => !lifetime.isStatic);
    this.#apply(image);
    frame.set(this.#stateDigest(image), 72);
    return this.#ofStores(image, (store) => isInKeyframes(store) || store.lifetime.isStatic);
  }

  #chain(
    before: Uint8Array,
    { tick }: FrameHeader,
    digests: readonly StoreDigest[],
    frame: Uint8Array,
  ): void {
    this.#history = this.#digester.history(before, tick, digests);
    frame.set(this.#history, 56);
  }

  #stateDigest(image: Image): Uint8Array {
    const digests = this.#ofStores(image, ({ lifetime }) => lifetime.rows !== "tick");
    return this.#digester.state(this.#schemaHash, digests);
  }

  #ofStores(image: Image, isChosen: (store: StoreLayout) => boolean): StoreDigest[] {
    return this.#layout.stores.flatMap((store) => {
      if (store.digestNumber < 0 || !isChosen(store)) return [];
      return digestOfStore(store, image, this.#finder, this.#digester) ?? [];
    });
  }

  #apply(image: Image): void {
    for (const part of this.#bodies.flatMap(({ parts }) => parts)) {
      applyChanges(image, part, "forward");
    }
  }
}

function withDigests(frame: Uint8Array, digests: readonly StoreDigest[]): Uint8Array {
  const tree = parseBody(frame.subarray(frameHeaderSize));
  if (tree === undefined) return frame;
  const body = writeBody({ ...tree, digests: [...digests] });
  return joined(frame.subarray(0, frameHeaderSize), body);
}
