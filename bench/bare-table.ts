/** What one writes without an engine: typed arrays by slot, a `Map` of keys, and a heap of free slots, the lowest first. */
export class BareTable {
  readonly id: Uint32Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly energy: Float32Array;
  readonly live: Uint8Array;
  readonly #slots = new Map<number, number>();
  readonly #free: number[] = [];
  #end = 0;

  constructor(capacity: number) {
    this.id = new Uint32Array(capacity);
    this.x = new Float32Array(capacity);
    this.y = new Float32Array(capacity);
    this.energy = new Float32Array(capacity);
    this.live = new Uint8Array(capacity);
  }

  insert(id: number, x: number, y: number, energy: number): void {
    if (this.#slots.has(id)) throw new Error(`key ${id} twice`);
    const slot = this.#free.length === 0 ? this.#end++ : this.#takeLowest();
    this.id[slot] = id;
    this.x[slot] = x;
    this.y[slot] = y;
    this.energy[slot] = energy;
    this.live[slot] = 1;
    this.#slots.set(id, slot);
  }

  delete(id: number): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) throw new Error(`no key ${id}`);
    this.#slots.delete(id);
    this.live[slot] = 0;
    this.#give(slot);
  }

  #give(slot: number): void {
    const heap = this.#free;
    let at = heap.push(slot) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent] as number) <= slot) break;
      heap[at] = heap[parent] as number;
      at = parent;
    }
    heap[at] = slot;
  }

  #takeLowest(): number {
    const heap = this.#free;
    const lowest = heap[0] as number;
    const last = heap.pop() as number;
    let at = 0;
    while (heap.length > 0) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++;
      if ((heap[child] as number) >= last) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    if (heap.length > 0) heap[at] = last;
    return lowest;
  }
}
