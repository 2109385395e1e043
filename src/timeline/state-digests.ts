import { EverytickError } from "../errors.ts";
import { joinParts, type Body } from "../format/body.ts";
import { hexOf } from "../format/bytes.ts";
import { changedElements, ChangeFinder } from "../format/changes.ts";
import { Digester, type StoreDigest } from "../format/digest.ts";
import type { FrameHeader } from "../format/frame.ts";
import type { Image } from "../format/image.ts";
import { isInKeyframes, type Layout, type StoreLayout } from "../format/layout.ts";
import { digestOfStore } from "../format/store-digest.ts";
import type { Codecs } from "../types.ts";

/** Computes and checks the digests of states and ticks. */
export class StateDigests {
  readonly #finder: ChangeFinder;
  readonly #digester: Digester;
  readonly #schemaHash: Uint8Array;

  constructor(codecs: Codecs, schemaHash: Uint8Array) {
    this.#finder = new ChangeFinder(codecs);
    this.#digester = new Digester(codecs);
    this.#schemaHash = schemaHash;
  }

  /** The digest of a whole state. */
  ofState(image: Image): Uint8Array {
    return this.#digester.state(this.#schemaHash, this.#ofStores(image, isOfState));
  }

  /**
   * @param bodies of the keyframe, which names the digests of static stores without holding them.
   * @throws TIMELINE_DIGEST
   */
  checkKeyframe(image: Image, bodies: readonly Body[], header: FrameHeader, where: string): void {
    const statics = image.layout.stores.filter(({ lifetime }) => lifetime.isStatic);
    const named = bodies
      .flatMap(({ digests }) => digests)
      .filter(({ number }) => statics.some(({ digestNumber }) => digestNumber === number));
    const others = this.#ofStores(image, isInKeyframes);
    const all = [...named, ...others].sort((a, b) => a.number - b.number);
    const digest = this.#digester.state(this.#schemaHash, all);
    checkEqual("state digest", digest, header.stateDigest, where);
    checkListed(all, bodies, where);
  }

  /**
   * Checks the state, every store's digest and the beginning of the chain at the first tick.
   * @throws TIMELINE_DIGEST
   */
  checkFirst(image: Image, bodies: readonly Body[], header: FrameHeader, where: string): void {
    checkEqual("state digest", this.ofState(image), header.stateDigest, where);
    this.#checkChain(this.#ofStores(image, isDigested), bodies, this.#schemaHash, header, where);
  }

  /** @throws TIMELINE_DIGEST */
  checkState(image: Image, expected: Uint8Array, where: string): void {
    checkEqual("state digest", this.ofState(image), expected, where);
  }

  #ofStores(image: Image, isChosen: (store: StoreLayout) => boolean): StoreDigest[] {
    return image.layout.stores.flatMap((store) => {
      if (!isDigested(store) || !isChosen(store)) return [];
      return digestOfStore(store, image, this.#finder, this.#digester) ?? [];
    });
  }

  /**
   * Checks every store's digest of a tick and the chain.
   * @param image the state at the tick.
   * @param before the history digest of the tick before; where it is lost, the chain is not checked.
   * @throws TIMELINE_DIGEST
   */
  checkTick(
    image: Image,
    bodies: readonly Body[],
    before: Uint8Array | undefined,
    header: FrameHeader,
    where: string,
  ): void {
    this.#checkChain(this.#ofChanges(image, bodies), bodies, before, header, where);
  }

  /**
   * Checks the new bits of a tick before it is taken back. The rows of logs are no part of a state, and are left out.
   * @throws TIMELINE_DIGEST
   */
  checkNew(image: Image, bodies: readonly Body[], where: string): void {
    const recorded = bodies.flatMap(({ digests }) => digests);
    for (const { number, digest } of this.#ofChanges(image, bodies)) {
      const other = recorded.find((each) => each.number === number)?.digest ?? new Uint8Array(16);
      checkEqual(`digest of store ${number}`, digest, other, where);
    }
  }

  /**
   * Checks how many elements a tick changes: a group of which frames are missing says so itself.
   * @throws TIMELINE_DIGEST
   */
  checkCount({ randomStore }: Layout, bodies: readonly Body[], header: FrameHeader): void {
    const found = joinParts(bodies.flatMap(({ parts }) => parts))
      .filter(({ store }) => store.number !== randomStore)
      .reduce((sum, store) => sum + changedElements(store), 0);
    if (Math.min(found, 2 ** 32 - 1) === header.changedElements) return;
    const [expected, where] = [`${header.changedElements} changed elements`, "a tick"];
    throw new EverytickError("TIMELINE_DIGEST", { where, expected, found: String(found) });
  }

  #ofChanges(image: Image, bodies: readonly Body[]): StoreDigest[] {
    return joinParts(bodies.flatMap(({ parts }) => parts))
      .filter(({ store }) => store.digestNumber >= 0)
      .map((store) => this.#digester.changes(store, image));
  }

  #checkChain(
    computed: readonly StoreDigest[],
    bodies: readonly Body[],
    before: Uint8Array | undefined,
    header: FrameHeader,
    where: string,
  ): void {
    checkListed(computed, bodies, where);
    if (before === undefined) return;
    const chained = this.#digester.history(before, header.tick, computed);
    checkEqual("history digest", chained, header.historyDigest, where);
  }
}

/** @throws TIMELINE_DIGEST unless bodies list these digests and no others. */
function checkListed(
  computed: readonly StoreDigest[],
  bodies: readonly Body[],
  where: string,
): void {
  const recorded = bodies.flatMap(({ digests }) => digests);
  if (computed.length !== recorded.length) {
    const [expected, found] = [`${recorded.length} digests`, `${computed.length} changed stores`];
    throw new EverytickError("TIMELINE_DIGEST", { where, expected, found });
  }
  computed.forEach(({ number, digest }, i) => {
    const other = recorded[i] as StoreDigest;
    if (other.number !== number) {
      const [expected, found] = [`a digest of store ${other.number}`, `one of store ${number}`];
      throw new EverytickError("TIMELINE_DIGEST", { where, expected, found });
    }
    checkEqual(`digest of store ${number}`, digest, other.digest, where);
  });
}

function isDigested({ digestNumber }: StoreLayout): boolean {
  return digestNumber >= 0;
}

/** The rows of a log are what happened at a tick, no state. */
function isOfState({ lifetime }: StoreLayout): boolean {
  return lifetime.rows !== "tick";
}

function checkEqual(what: string, computed: Uint8Array, recorded: Uint8Array, where: string): void {
  if (computed.every((byte, i) => byte === recorded[i])) return;
  throw new EverytickError("TIMELINE_DIGEST", {
    where,
    expected: `${what} ${hexOf(recorded)}`,
    found: hexOf(computed),
    next: "Run `everytick verify`; the recording or this version is faulty.",
  });
}
