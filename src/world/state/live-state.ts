import { assert } from "../../assert.ts";
import type { ColumnImage, Image } from "../../format/image.ts";
import type { Layout, StoreLayout } from "../../format/layout.ts";
import type { StateDefinition, StoreDefinition, StoreSchema, WorldSchema } from "../../types.ts";
import type { RandomStreams } from "../random.ts";
import { computed } from "./derived.ts";
import { LiveRandom } from "./live-random.ts";
import { makeLiveStore } from "./make-live-store.ts";
import { LiveRowLog, LiveRows } from "./live-rows.ts";
import type { LiveStore, RowBits } from "./live-store.ts";
import { planRowChanges } from "./row-changes.ts";

/** The state of a running simulation, in engine-owned or bound arrays and objects. */
export class LiveState {
  readonly layout: Layout;
  /** The object that user code sees as `state`. */
  readonly state: object = {};
  /** A derived store has none. */
  readonly #stores: readonly (LiveStore | undefined)[];

  constructor(
    definition: StateDefinition,
    schema: WorldSchema,
    layout: Layout,
    random: RandomStreams,
  ) {
    this.layout = layout;
    this.#stores = layout.stores.map((store) => {
      if (store.number === layout.randomStore) return new LiveRandom(random);
      return makeLiveStore(definition[store.name] as StoreDefinition, store);
    });
    layout.stores.slice(0, -1).forEach(({ name }, number) => {
      const get = (): unknown => {
        const store = this.#stores[number];
        if (store !== undefined) return store.present();
        return computed(definition[name], schema.stores[number] as StoreSchema, this.state);
      };
      Object.defineProperty(this.state, name, { get, enumerable: true });
    });
    Object.freeze(this.state);
  }

  /** The current bits of a store. Fixed-width bytes are views of the live memory. @throws WORLD_ARRAY, WORLD_VALUE */
  captureStore(store: number): readonly ColumnImage[] {
    return this.#stores[store]?.capture() ?? [];
  }

  /** The same of every store, in order. */
  capture(): readonly (readonly ColumnImage[])[] {
    return this.#stores.map((store) => store?.capture() ?? []);
  }

  /** The bits of a store that may have changed since the last commit; `undefined` if all must be looked at. */
  storeChanges(store: number): readonly RowBits[] | undefined {
    return this.#stores[store]?.changes?.();
  }

  /** What these stores hold is committed. */
  settle(stores: readonly number[]): void {
    for (const store of stores) this.#stores[store]?.settle?.();
  }

  load(image: Image): void {
    this.#stores.forEach((store, number) => store?.load(image.stores[number] ?? []));
  }

  /** The same, but for what lives in the caller's own arrays and objects. */
  loadOwned(image: Image): void {
    this.#stores.forEach((store, number) => {
      if (store?.isBound === false) store.load(image.stores[number] ?? []);
    });
  }

  /** Writes new bits into some rows of a store. */
  write(store: number, columns: readonly RowBits[]): void {
    for (const column of columns) this.#stores[store]?.write?.(column);
  }

  /**
   * Checks changes to a table or log.
   * @returns what makes them; of a table it gives the new bits of the slots that they touch.
   */
  planRows(store: StoreLayout, changes: object): () => RowBits[] {
    const rows = this.#stores[store.number];
    if (rows instanceof LiveRows) {
      const make = planRowChanges(store, rows.table, changes);
      return () => {
        const bits = make();
        rows.writeBack();
        return bits;
      };
    }
    assert(rows instanceof LiveRowLog, "the store is a table or a log");
    return rows.log.planAppends(changes);
  }

  /** The tick is recorded: the next one's logs are empty, and static stores stay as they are. */
  endTick(): void {
    for (const { number, lifetime } of this.layout.stores) {
      const store = this.#stores[number];
      if (store instanceof LiveRowLog) store.log.clear();
      if (store instanceof LiveRows && lifetime.isStatic) store.table.fix();
    }
  }
}
