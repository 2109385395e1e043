/** What is still to be undone should this process end before. */
const pending = new Set<() => void>();

process.on("exit", () => {
  for (const undo of pending) undo();
});

/** Undoes something once: when it is no longer used, or when this process ends. A crash of this process undoes nothing. */
export class Cleanup implements Disposable {
  readonly #undo: () => void;

  constructor(undo: () => void) {
    this.#undo = undo;
    pending.add(undo);
  }

  [Symbol.dispose](): void {
    if (pending.delete(this.#undo)) this.#undo();
  }
}
