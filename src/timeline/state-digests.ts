import { EverytickError } from "../errors.ts";
import { joinParts, type Body } from "../format/body.ts";
import { hexOf } from "../format/bytes.ts";
import { ChangeFinder } from "../format/changes.ts";
import { Digester, type StoreDigest } from "../format/digest.ts";
import type { FrameHeader } from "../format/frame.ts";
import type { Image } from "../format/image.ts";
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
    const stores: StoreDigest[] = [];
    for (const store of image.layout.stores) {
      if (store.digestNumber < 0) continue;
      const columns = image.stores[store.number] as Image["stores"][number];
      let isNothing = true;
      this.#digester.begin();
      for (const piece of this.#finder.pieces(store, undefined, columns)) {
        this.#digester.add(piece, image);
        isNothing = false;
      }
      if (!isNothing) stores.push(this.#digester.end(store, image));
    }
    return this.#digester.state(this.#schemaHash, stores);
  }

  /** @throws TIMELINE_DIGEST */
  checkState(image: Image, expected: Uint8Array, where: string): void {
    checkEqual("state digest", this.ofState(image), expected, where);
  }

  /**
   * Checks every store's digest of a tick and the chain.
   * @param image the state at the tick.
   * @throws TIMELINE_DIGEST
   */
  checkTick(
    image: Image,
    bodies: readonly Body[],
    before: FrameHeader,
    header: FrameHeader,
    where: string,
  ): void {
    const recorded = bodies.flatMap(({ digests }) => digests);
    const changes = joinParts(bodies.flatMap(({ parts }) => parts));
    const computed = changes
      .filter(({ store }) => store.digestNumber >= 0)
      .map((store) => this.#digester.changes(store, image));
    if (computed.length !== recorded.length) {
      const [expected, found] = [`${recorded.length} digests`, `${computed.length} changed stores`];
      throw new EverytickError("TIMELINE_DIGEST", { where, expected, found });
    }
    computed.forEach(({ digest }, i) => {
      checkEqual("digest of a store", digest, (recorded[i] as StoreDigest).digest, where);
    });
    const chained = this.#digester.history(before.historyDigest, header.tick, computed);
    checkEqual("history digest", chained, header.historyDigest, where);
  }
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
