import type { Output } from "../output.ts";

export interface CheckJson {
  readonly name: string;
  readonly ok: boolean;
}

/** What the demo claims. Each claim is printed once it has been tried, and none is forgotten in the end. */
export class Checks {
  readonly #output: Output;
  readonly #done: CheckJson[] = [];

  constructor(output: Output) {
    this.#output = output;
  }

  check(ok: boolean, name: string): void {
    this.#done.push({ name, ok });
    if (ok) this.#output.check(name);
    else this.#output.cross(name);
  }

  get all(): readonly CheckJson[] {
    return this.#done;
  }

  get failed(): number {
    return this.#done.filter(({ ok }) => !ok).length;
  }
}
