import { EverytickError, kindOf } from "../../errors.ts";
import type { ColumnImage } from "../../format/image.ts";
import { rowBytes, type StoreLayout } from "../../format/layout.ts";
import { limits } from "../../limits.ts";
import { FreeSlots } from "./free-slots.ts";
import { FixedColumn, makeLiveColumn, type LiveColumn } from "./live-column.ts";
import type { RowBits } from "./live-store.ts";
import { bitsOfSlots } from "./slot-bits.ts";
import { TouchedSlots } from "./touched-slots.ts";

/** From this share of touched slots on, all are looked at. */
const scanShare = 3;

/** The slots of a live table: which hold a row, and the columns' memory, which grows by doubling. */
export class TableMemory {
  /** The declared columns, without `$live`. */
  readonly columns: readonly LiveColumn[];
  readonly #store: StoreLayout;
  readonly #free = new FreeSlots();
  readonly #touched = new TouchedSlots();
  readonly #keyColumns: readonly number[];
  /** What the key columns hold, where no view reaches. Nobody needs it while there is no view. */
  readonly #keys: { readonly column: FixedColumn; readonly copy: FixedColumn }[] = [];
  /** Whether an array of this memory was given away: it may be written at any time from then on. */
  #isExposed = false;
  #live = new Uint8Array(0);
  #generations = new Uint32Array(0);
  /** Whether anybody asked for a generation yet; before that, deaths need not be counted. */
  #hasRows = false;
  #slotCount = 0;
  #size = 0;

  /** @param keys positions of the key columns. */
  constructor(store: StoreLayout, keys: readonly number[]) {
    this.#store = store;
    this.columns = store.columns
      .slice(1)
      .map((column) => makeLiveColumn(column, `${store.name}.${column.name}`));
    this.#keyColumns = keys;
  }

  /** The arrays behind the columns are given away. */
  expose(): void {
    if (this.#isExposed) return;
    this.#isExposed = true;
    for (const key of this.#keyColumns) {
      const column = this.columns[key] as LiveColumn;
      if (!(column instanceof FixedColumn)) continue;
      const copy = new FixedColumn(column.layout, "");
      copy.grow(this.#live.length);
      copy.load(column.image(this.#live.length));
      this.#keys.push({ column, copy });
    }
  }

  get live(): Uint8Array {
    return this.#live;
  }

  /** Every slot in use is below it. */
  get slotCount(): number {
    return this.#slotCount;
  }

  get size(): number {
    return this.#size;
  }

  isLive(slot: number): boolean {
    return this.#live[slot] === 1;
  }

  /** How many rows have died in a slot since it was made. */
  generation(slot: number): number {
    this.#hasRows = true;
    return this.#generations[slot] as number;
  }

  /** The slots that hold rows, rising. Rows that are born or die meanwhile may be met or not. */
  *slots(): Generator<number> {
    for (let slot = 0; slot < this.#slotCount; slot++) if (this.#live[slot] === 1) yield slot;
  }

  /** The lowest free slot, with memory behind it, not taken yet. @throws WORLD_ROWS */
  lowestFree(): number {
    const lowest = this.#free.lowest();
    if (lowest !== -1) return lowest;
    this.reserve(this.#slotCount + 1);
    return this.#slotCount;
  }

  /** The row that was written into the lowest free slot lives from here on. */
  bear(slot: number): void {
    if (slot === this.#slotCount) this.#slotCount += 1;
    else this.#free.delete(slot);
    this.#live[slot] = 1;
    this.#size += 1;
    this.#touched.add(slot);
    for (const { column, copy } of this.#keys) copy.copyFrom(column, slot);
  }

  /** The row in a slot dies. What its columns hold stays there until the next `sweep`. */
  bury(slot: number): void {
    this.#free.add(slot);
    this.#live[slot] = 0;
    if (this.#hasRows) this.#generations[slot] = (this.#generations[slot] as number) + 1;
    this.#size -= 1;
    this.#touched.add(slot);
  }

  /** A column of the row in a slot was written. */
  touch(slot: number): void {
    this.#touched.add(slot);
  }

  /** What was touched is committed. */
  settle(): void {
    this.#touched.clear();
  }

  /**
   * The slots that were touched since the last commit, rising.
   * @throws WORLD_ARRAY, WORLD_KEY for what was written past the table, if that may be in them
   */
  pending(): Uint32Array {
    if (this.#isExposed && this.#touched.count > 0) this.capture();
    return this.#touched.list();
  }

  /** Makes nothing of what free slots hold: their last rows, and whatever was written to them since. */
  sweep(): void {
    const columns = this.#withCopies();
    this.#free.forEachRun((begin, end) => {
      for (const column of columns) column.clear(begin, end);
    });
  }

  /** Makes room for so many slots. @throws WORLD_ROWS */
  reserve(slots: number): void {
    const capacity = this.#live.length;
    if (slots <= capacity) return;
    const isTooMuch = slots * rowBytes(this.#store) > limits.stateBytes;
    if (!Number.isSafeInteger(slots) || slots > limits.tableRows || isTooMuch) {
      const expected = `at most ${limits.tableRows} rows and ${limits.stateBytes} bytes`;
      const where = this.#store.name;
      throw new EverytickError("WORLD_ROWS", { where, expected, found: String(slots) });
    }
    const grown = Math.min(limits.tableRows, Math.max(64, 2 * capacity, slots));
    for (const column of this.#withCopies()) column.grow(grown);
    this.#live = copied(this.#live, new Uint8Array(grown));
    this.#generations = copied(this.#generations, new Uint32Array(grown));
    this.#free.reserve(grown);
    this.#touched.reserve(grown);
  }

  /**
   * The bits of the slots that were touched since the last commit; nothing else can have changed while no array was given
   * away. `undefined` where looking at everything costs no more.
   */
  changes(): RowBits[] | undefined {
    if (this.#isExposed || scanShare * this.#touched.count > this.#slotCount) return undefined;
    const slots = this.#touched.list();
    for (const slot of slots) {
      if (this.#live[slot] === 1) continue;
      for (const column of this.columns) column.clear(slot, slot + 1);
    }
    const images = this.images();
    return this.#store.columns.map((column, number) =>
      bitsOfSlots(number, slots, images[number] as ColumnImage, column),
    );
  }

  /** The bits of all slots in use, lent. @throws WORLD_ARRAY, WORLD_KEY for what was written past the table */
  capture(): readonly ColumnImage[] {
    for (const column of this.columns) this.#checkViews(column);
    // Loops over columns need not ask which slots live; what they leave in the others is nothing.
    this.sweep();
    for (const { column, copy } of this.#keys) this.#checkKeys(column, copy);
    if (this.#isExposed) this.#checkLive();
    return this.images();
  }

  /** The same, unchecked. */
  images(): readonly ColumnImage[] {
    const live = { bytes: this.#live.subarray(0, this.#slotCount), values: [] };
    return [live, ...this.columns.map((column) => column.image(this.#slotCount))];
  }

  load([live, ...images]: readonly ColumnImage[]): void {
    const { bytes } = live as ColumnImage;
    this.reserve(bytes.length);
    this.#live.set(bytes);
    this.#live.fill(0, bytes.length);
    this.columns.forEach((column, i) => column.load(images[i] as ColumnImage));
    for (const { column, copy } of this.#keys) copy.load(column.image(this.#live.length));
    this.#generations.forEach((generation, slot) => (this.#generations[slot] = generation + 1));
    this.#slotCount = bytes.lastIndexOf(1) + 1;
    this.#free.clear();
    this.#touched.clear();
    this.#size = 0;
    for (let slot = 0; slot < this.#slotCount; slot++) {
      if (bytes[slot] === 1) this.#size += 1;
      else this.#free.add(slot);
    }
  }

  /** The columns, and the copies of those of the key. */
  #withCopies(): readonly LiveColumn[] {
    return [...this.columns, ...this.#keys.map(({ copy }) => copy)];
  }

  #checkKeys(column: LiveColumn, copy: FixedColumn): void {
    const [bytes, expected] = [column, copy].map((one) => one.image(this.#slotCount).bytes);
    const at = firstDifference(bytes as Uint8Array, expected as Uint8Array);
    if (at === -1) return;
    const slot = Math.floor(at / column.layout.width);
    throw new EverytickError("WORLD_KEY", {
      where: `${this.#store.name}.${column.layout.name}, slot ${slot}`,
      expected: `the key ${kindOf(copy.get(slot))}`,
      found: kindOf(column.get(slot)),
      next: "Delete the row and insert another: keys are not changed in place. Nothing was recorded.",
    });
  }

  #checkLive(): void {
    let count = 0;
    for (let slot = 0; slot < this.#slotCount; slot++) count += this.#live[slot] as number;
    let isFreeDead = true;
    this.#free.forEachRun((begin, end) => {
      for (let slot = begin; slot < end; slot++) isFreeDead &&= this.#live[slot] === 0;
    });
    if (count === this.#size && isFreeDead) return;
    throw new EverytickError("WORLD_ARRAY", {
      where: `${this.#store.name}.live`,
      expected: `${this.#size} live slots, as they were inserted and deleted`,
      found: "flags that were written",
      next: "Insert and delete rows instead. Nothing was recorded.",
    });
  }

  #checkViews(column: LiveColumn): void {
    if (!(column instanceof FixedColumn) || !column.wasWrittenElsewhere()) return;
    throw new EverytickError("WORLD_ARRAY", {
      where: `${this.#store.name}.${column.layout.name}`,
      expected: "writes into the array that `columns` gives now",
      found: "a write into one from before the table grew",
      next: "Fetch `columns` anew after inserting, or call `reserve` first. Nothing was recorded.",
    });
  }
}

/** The position of the first byte that differs, or −1; most are the same, four at a time. */
function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const words = a.length >> 2;
  const [one, other] = [new Uint32Array(a.buffer, 0, words), new Uint32Array(b.buffer, 0, words)];
  let word = 0;
  while (word < words && one[word] === other[word]) word++;
  for (let at = 4 * word; at < a.length; at++) if (a[at] !== b[at]) return at;
  return -1;
}

function copied<A extends Uint8Array | Uint32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
