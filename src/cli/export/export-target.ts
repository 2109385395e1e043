import { once } from "node:events";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Output } from "../output.ts";
import { usageError } from "../usage.ts";

/** Where an export goes. */
export interface ExportTarget extends AsyncDisposable {
  /** Resolves when more can be taken. */
  write(text: string): Promise<void>;
  /** Everything is written. Without it, disposing leaves nothing behind. */
  finish(): Promise<void>;
}

/** Standard output, which its reader may leave at any time. */
export class StandardOutput implements ExportTarget {
  readonly #unread: AbortSignal;

  constructor({ unread }: Output) {
    this.#unread = unread;
  }

  async write(text: string): Promise<void> {
    if (this.#unread.aborted || process.stdout.write(text)) return;
    await once(process.stdout, "drain", { signal: this.#unread }).catch((error: unknown) => {
      if (!this.#unread.aborted) throw error;
    });
  }

  async finish(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** A file that is there whole or not at all: it gets its name when it is finished. */
export class FileTarget implements ExportTarget {
  readonly #path: string;
  readonly #partialPath: string;
  readonly #file: FileHandle;
  readonly #replaces: boolean;
  #isFinished = false;

  private constructor(path: string, partialPath: string, file: FileHandle, replaces: boolean) {
    this.#path = path;
    this.#partialPath = partialPath;
    this.#file = file;
    this.#replaces = replaces;
  }

  /** @throws CLI_USAGE if the file is there and is not to be replaced */
  static async open(path: string, replaces: boolean): Promise<FileTarget> {
    if (!replaces) await checkFree(path);
    const partialPath = join(dirname(path), `.${basename(path)}.${process.pid}.partial`);
    return new FileTarget(path, partialPath, await open(partialPath, "w"), replaces);
  }

  async write(text: string): Promise<void> {
    await this.#file.writeFile(text);
  }

  async finish(): Promise<void> {
    await this.#file.sync();
    if (!this.#replaces) await checkFree(this.#path);
    await rename(this.#partialPath, this.#path);
    this.#isFinished = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
    if (!this.#isFinished) await rm(this.#partialPath, { force: true });
  }
}

async function checkFree(path: string): Promise<void> {
  const entry = await stat(path).catch(() => undefined);
  if (entry === undefined) return;
  throw usageError({
    where: `--out ${path}`,
    expected: "a file that is not there yet",
    found: entry.isFile() ? "a file" : "something else of that name",
    next: "another name, or --force to replace it",
  });
}
