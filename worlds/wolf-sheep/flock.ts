import { cellAt, type Field } from "./field.ts";
import type { Animals } from "./state.ts";

/** Which sheep stand on each cell: a chain of slots for each, so that a wolf finds its prey in one step. */
export class Flock {
  /** Slots + 1, so that 0 ends a chain. */
  readonly #first: Uint32Array;
  readonly #following: Uint32Array;

  /** Valid until a sheep moves. */
  constructor({ columns, live, slotCount }: Animals, field: Field) {
    this.#first = new Uint32Array(field.width * field.height);
    this.#following = new Uint32Array(slotCount);
    const { x, y } = columns;
    // Backwards, so that a chain begins with its lowest slot.
    for (let slot = slotCount - 1; slot >= 0; slot--) {
      if (live[slot] === 0) continue;
      const cell = cellAt(field, x[slot] as number, y[slot] as number);
      this.#following[slot] = this.#first[cell] as number;
      this.#first[cell] = slot + 1;
    }
  }

  /** Takes a sheep away from a cell. @returns its slot, or −1 if there is none. */
  take(cell: number): number {
    const slot = (this.#first[cell] as number) - 1;
    if (slot !== -1) this.#first[cell] = this.#following[slot] as number;
    return slot;
  }
}
