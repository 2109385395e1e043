/** The edges at each node, found once after each change: slots by the key of a node. */
export class Neighbours {
  #byNode: readonly [ReadonlyMap<unknown, number[]>, ReadonlyMap<unknown, number[]>] | undefined;

  /** Some edge was inserted or deleted. */
  forget(): void {
    this.#byNode = undefined;
  }

  /**
   * The slots of the edges that have a node at one end, rising.
   * @param ends both ends of the edges that there are, with their slots.
   */
  slots(
    end: 0 | 1,
    node: unknown,
    ends: () => Iterable<readonly [slot: number, from: unknown, to: unknown]>,
  ): readonly number[] {
    this.#byNode ??= collected(ends());
    return this.#byNode[end].get(node) ?? [];
  }
}

function collected(
  ends: Iterable<readonly [slot: number, from: unknown, to: unknown]>,
): [Map<unknown, number[]>, Map<unknown, number[]>] {
  const outgoing = new Map<unknown, number[]>();
  const incoming = new Map<unknown, number[]>();
  for (const [slot, from, to] of ends) {
    add(outgoing, from, slot);
    add(incoming, to, slot);
  }
  return [outgoing, incoming];
}

function add(byNode: Map<unknown, number[]>, node: unknown, slot: number): void {
  const slots = byNode.get(node);
  if (slots === undefined) byNode.set(node, [slot]);
  else slots.push(slot);
}
