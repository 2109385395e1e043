const bitsPerWord = 32;

/** The slots that were written since the last commit, in a bit each. */
export class TouchedSlots {
  #words = new Uint32Array(0);
  #count = 0;

  /** Slots that were touched, counted once each. */
  get count(): number {
    return this.#count;
  }

  /** Makes room for slots in [0, capacity). */
  reserve(capacity: number): void {
    const grown = new Uint32Array(Math.ceil(capacity / bitsPerWord));
    grown.set(this.#words);
    this.#words = grown;
  }

  add(slot: number): void {
    const word = slot >>> 5;
    const bit = 1 << (slot & 31);
    const before = this.#words[word] as number;
    if ((before & bit) !== 0) return;
    this.#words[word] = before | bit;
    this.#count += 1;
  }

  clear(): void {
    if (this.#count > 0) this.#words.fill(0);
    this.#count = 0;
  }

  /** The slots, rising. */
  list(): Uint32Array {
    const slots = new Uint32Array(this.#count);
    let count = 0;
    for (let word = 0; word < this.#words.length; word++) {
      for (let bits = this.#words[word] as number; bits !== 0; bits &= bits - 1) {
        slots[count++] = word * bitsPerWord + 31 - Math.clz32(bits & -bits);
      }
    }
    return slots;
  }
}
