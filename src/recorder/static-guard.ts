import { EverytickError } from "../errors.ts";
import type { StoreLayout } from "../format/layout.ts";
import { limits } from "../limits.ts";
import type { Codecs } from "../types.ts";
import type { LiveState } from "../world/state/live-state.ts";

const blockBytes = 64 * 1024;

/**
 * Sees that static stores stay what they were at the first tick. Each commit looks at some of their bytes, in turn, so that
 * large ones cost little; tables and edges refuse changes themselves.
 */
export class StaticGuard {
  readonly #codecs: Codecs;
  readonly #live: LiveState;
  readonly #stores: readonly StoreLayout[];
  #checksums: readonly number[] | undefined;
  #next = 0;

  constructor(codecs: Codecs, live: LiveState) {
    this.#codecs = codecs;
    this.#live = live;
    this.#stores = live.layout.stores.filter(({ lifetime }) => lifetime.isStatic);
  }

  /** @throws WORLD_STATIC */
  check(): void {
    if (this.#stores.length === 0) return;
    const blocks = this.#blocks();
    if (this.#checksums === undefined) {
      this.#checksums = blocks.map(({ bytes }) => this.#codecs.crc32(bytes));
      return;
    }
    const count = Math.min(blocks.length, limits.staticCheckBytes / blockBytes);
    for (let i = 0; i < count; i++, this.#next++) {
      const number = this.#next % blocks.length;
      const { store, bytes } = blocks[number] as (typeof blocks)[number];
      if (this.#codecs.crc32(bytes) === this.#checksums[number]) continue;
      const expected = "no change after the first tick";
      const next = "Nothing of this tick was recorded. Give the store another role if it changes.";
      throw new EverytickError("WORLD_STATIC", {
        where: store,
        expected,
        found: "other bits",
        next,
      });
    }
  }

  #blocks(): { readonly store: string; readonly bytes: Uint8Array }[] {
    return this.#stores.flatMap(({ name, number, rows }) =>
      this.#live.captureStore(number).flatMap(({ bytes, values }) => {
        const blocks: { store: string; bytes: Uint8Array }[] = [];
        for (let at = 0; at < bytes.length; at += blockBytes) {
          blocks.push({ store: name, bytes: bytes.subarray(at, at + blockBytes) });
        }
        if (rows === 1) for (const value of values) blocks.push({ store: name, bytes: value });
        return blocks;
      }),
    );
  }
}
