/** Rows by key, each in the lowest slot that was free when it came. */
export class Slots {
  readonly #slots = new Map<string | number, number>();
  /** Ascending from the end. */
  readonly #free: number[] = [];
  #end = 0;

  /** Every slot that was ever in use lies in [0, end). */
  get end(): number {
    return this.#end;
  }

  slotOf(key: string | number): number {
    const slot = this.#slots.get(key);
    if (slot === undefined) throw new Error(`no row ${key}`);
    return slot;
  }

  take(key: string | number): number {
    const slot = this.#free.pop() ?? this.#end++;
    this.#slots.set(key, slot);
    return slot;
  }

  /** @returns the slots that these rows leave, rising. */
  give(keys: readonly (string | number)[]): Uint32Array {
    const slots = Uint32Array.from(keys, (key) => this.slotOf(key)).sort();
    for (const key of keys) this.#slots.delete(key);
    this.#free.push(...slots);
    this.#free.sort((a, b) => b - a);
    return slots;
  }
}
