const bitsPerWord = 32;
const allBits = 2 ** bitsPerWord - 1;

/**
 * Which slots are free, as a tree of bits: level 0 has a bit for each slot, each level above a bit for each word below
 * that is not zero. The lowest free slot is found in a step for each level.
 */
export class FreeSlots {
  #levels: Uint32Array[] = [new Uint32Array(1)];

  /** Makes room for slots in [0, capacity). */
  reserve(capacity: number): void {
    const levels: Uint32Array[] = [];
    let bits = capacity;
    do {
      const words = Math.ceil(bits / bitsPerWord);
      const level = new Uint32Array(Math.max(words, 1));
      const below = levels.at(-1);
      const old = this.#levels[levels.length];
      if (old !== undefined) level.set(old);
      // A level that is new says what stands below.
      else if (below !== undefined) summarise(below, level);
      levels.push(level);
      bits = words;
    } while (bits > 1);
    this.#levels = levels;
  }

  clear(): void {
    for (const level of this.#levels) level.fill(0);
  }

  add(slot: number): void {
    let bit = slot;
    for (const level of this.#levels) {
      const word = bit >>> 5;
      const before = level[word] as number;
      level[word] = before | (1 << (bit & 31));
      if (before !== 0) return;
      bit = word;
    }
  }

  /** The lowest free slot, or −1. */
  lowest(): number {
    let word = 0;
    for (let depth = this.#levels.length - 1; depth >= 0; depth--) {
      const bits = this.#levels[depth]?.[word] as number;
      if (bits === 0) return -1;
      word = word * bitsPerWord + lowestBit(bits);
    }
    return word;
  }

  delete(slot: number): void {
    let bit = slot;
    for (const level of this.#levels) {
      const word = bit >>> 5;
      level[word] = (level[word] as number) & ~(1 << (bit & 31));
      if (level[word] !== 0) return;
      bit = word;
    }
  }

  /** Calls back with each run of free slots [begin, end), rising; long ones in one go. */
  forEachRun(visit: (begin: number, end: number) => void): void {
    const [level] = this.#levels as [Uint32Array];
    for (let word = 0; word < level.length; word++) {
      const bits = level[word] as number;
      if (bits === 0) continue;
      const begin = word * bitsPerWord;
      if (bits === allBits) {
        while (level[word + 1] === allBits) word++;
        visit(begin, (word + 1) * bitsPerWord);
        continue;
      }
      for (let rest = bits; rest !== 0; rest &= rest - 1) {
        const slot = begin + lowestBit(rest);
        visit(slot, slot + 1);
      }
    }
  }
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

function summarise(below: Uint32Array, level: Uint32Array): void {
  below.forEach((word, i) => {
    if (word !== 0) level[i >>> 5] = (level[i >>> 5] as number) | (1 << (i & 31));
  });
}
