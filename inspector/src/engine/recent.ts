/** What was used last, up to so many bytes; what was not used for the longest goes first. */
export class Recent<K, V> {
  readonly #bytesMax: number;
  readonly #sizeOf: (value: V) => number;
  /** In order of use. */
  readonly #values = new Map<K, V>();
  #bytes = 0;

  constructor(bytesMax: number, sizeOf: (value: V) => number) {
    this.#bytesMax = bytesMax;
    this.#sizeOf = sizeOf;
  }

  get bytes(): number {
    return this.#bytes;
  }

  has(key: K): boolean {
    return this.#values.has(key);
  }

  get(key: K): V | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  /** Keeps a value, unless it alone is more than there is room for. */
  keep(key: K, value: V): void {
    this.forget(key);
    const size = this.#sizeOf(value);
    if (size > this.#bytesMax) return;
    this.#values.set(key, value);
    this.#bytes += size;
    for (const [oldest] of this.#values) {
      if (this.#bytes <= this.#bytesMax) return;
      this.forget(oldest);
    }
  }

  forget(key: K): void {
    const value = this.#values.get(key);
    if (value === undefined) return;
    this.#bytes -= this.#sizeOf(value);
    this.#values.delete(key);
  }

  clear(): void {
    this.#values.clear();
    this.#bytes = 0;
  }
}
