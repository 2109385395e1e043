import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Cleanup } from "./cleanup-node.ts";
import { missingFor } from "./machine-node.ts";

const groups = [
  { folder: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes" },
  { folder: "/sys/fs/cgroup", limit: "memory.max" },
];

/** Processes that together may use so much memory; the system kills what uses more. */
export class MemoryGroup implements Disposable {
  /** Words that start a program within the group. */
  readonly through: readonly string[];
  readonly #cleanup: Cleanup;

  constructor(bytes: number, name = `everytick-torture-${process.pid}`) {
    const group = groups.find(({ folder, limit }) => {
      return existsSync(join(folder, limit)) || hasMemoryGroups(folder);
    });
    if (group === undefined) throw new Error("no control group counts memory");
    const path = join(group.folder, name);
    mkdirSync(path);
    this.#cleanup = new Cleanup(() => removeGroup(path));
    try {
      writeFileSync(join(path, group.limit), String(bytes));
      // Swapping instead of killing would only be slow.
      if (existsSync(join(path, "memory.swap.max"))) {
        writeFileSync(join(path, "memory.swap.max"), "0");
      }
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
    const enter = `echo $$ > ${join(path, "cgroup.procs")} && exec "$@"`;
    this.through = ["sh", "-c", enter, "sh"];
  }

  [Symbol.dispose](): void {
    this.#cleanup[Symbol.dispose]();
  }
}

function hasMemoryGroups(folder: string): boolean {
  const path = join(folder, "cgroup.subtree_control");
  return existsSync(path) && readFileSync(path, "utf8").split(/\s+/).includes("memory");
}

/** A dead process leaves its group a moment later. */
function removeGroup(path: string): void {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      rmdirSync(path);
      return;
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

export function memoryGroupMissing(): string | undefined {
  return missingFor("root and a control group that counts memory", () => new MemoryGroup(2 ** 28));
}
