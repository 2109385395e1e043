import { limits } from "../limits.ts";
import type { ByteSource } from "../types.ts";

interface OpenFile {
  readonly opening: Promise<ByteSource>;
  /** Reads that are under way. */
  users: number;
}

/**
 * The files of a journal, few of them open at once: a process may have a thousand, and a run of a week has more segments than
 * that. A file that was closed here is opened again when it is read again.
 */
export class OpenFiles {
  readonly #open: (name: string) => Promise<ByteSource>;
  /** By name; the one that was read longest ago first. */
  readonly #files = new Map<string, OpenFile>();

  constructor(open: (name: string) => Promise<ByteSource>) {
    this.#open = open;
  }

  /** A file that is opened by its first read. */
  source(name: string): ByteSource {
    return {
      size: async () => this.#use(name, async (file) => file.size()),
      read: async (offset, length) => this.#use(name, async (file) => file.read(offset, length)),
      close: async () => this.#close(name),
    };
  }

  async close(): Promise<void> {
    for (const name of this.#files.keys()) await this.#close(name);
  }

  async #use<T>(name: string, work: (file: ByteSource) => Promise<T>): Promise<T> {
    const file = this.#files.get(name) ?? { opening: this.#open(name), users: 0 };
    this.#files.delete(name);
    this.#files.set(name, file);
    file.users += 1;
    try {
      return await work(await file.opening);
    } finally {
      file.users -= 1;
      await this.#closeOldest();
    }
  }

  async #closeOldest(): Promise<void> {
    for (const [name, { users }] of this.#files) {
      if (this.#files.size <= limits.openFiles) return;
      if (users === 0) await this.#close(name);
    }
  }

  async #close(name: string): Promise<void> {
    const file = this.#files.get(name);
    this.#files.delete(name);
    // A file that could not be opened told those who wanted to read it.
    const source = await file?.opening.catch(() => undefined);
    await source?.close();
  }
}
