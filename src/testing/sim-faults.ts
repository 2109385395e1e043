/** What a simulated disk is asked for. */
export const simOperations = [
  "makeDirectory",
  "list",
  "stat",
  "read",
  "create",
  "update",
  "rename",
  "remove",
  "syncDirectory",
  "write",
  "truncate",
  "sync",
  "close",
  "size",
  "range",
  "lock",
] as const;
export type SimOperation = (typeof simOperations)[number];

/** One way in which the disk fails. */
export interface Fault {
  /** The system's own code, such as `EIO`, `ENOSPC`, `EMFILE`; `SHORT` gives fewer bytes of a range than there are. */
  readonly code: string;
  /** Which operations count; all, if absent. */
  readonly operations?: readonly SimOperation[];
  /** Only what happens at these paths counts; everything, if absent. */
  readonly only?: RegExp;
  /** Which of the operations that count fails, from 0 on, counted from the injection. */
  readonly at: number;
  /** Whether all later ones fail, too. */
  readonly isSticky?: boolean;
}

/** The faults that a disk was told to have, and those that it had. */
export class FaultPlan {
  #faults: { readonly fault: Fault; count: number }[] = [];
  /** How often each fault came, by code and operation: `EIO sync`. */
  readonly fired = new Map<string, number>();

  inject(fault: Fault): void {
    this.#faults.push({ fault, count: 0 });
  }

  /** No fault comes any more; those that came stay counted. */
  heal(): void {
    this.#faults = [];
  }

  /** Counts an operation. @returns the code of the fault that meets it. */
  next(operation: SimOperation, path: string): string | undefined {
    let code: string | undefined;
    for (const entry of this.#faults) {
      const { operations, only, at, isSticky = false } = entry.fault;
      if (operations?.includes(operation) === false || only?.test(path) === false) continue;
      const number = entry.count++;
      if (number === at || (isSticky && number > at)) code ??= entry.fault.code;
    }
    if (code !== undefined) this.count(code, operation);
    return code;
  }

  count(code: string, operation: SimOperation): void {
    const name = `${code} ${operation}`;
    this.fired.set(name, (this.fired.get(name) ?? 0) + 1);
  }
}

/** An error as the system gives it. */
export function systemError(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}
