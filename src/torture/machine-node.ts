/** File systems of their own for rows with real ones. */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Cleanup } from "./cleanup-node.ts";

/** Runs a program to its end. @throws with what it said where it fails */
export function tool(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(" ")} ended with ${status}: ${stderr.trim()}`);
}

/** Why something cannot be used here: `undefined` if trying it works. */
export function missingFor(what: string, attempt: () => Disposable): string | undefined {
  try {
    attempt()[Symbol.dispose]();
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    return `it needs ${what} (${why})`;
  }
}

/** A file system that is mounted while it is used. */
export class Mounted implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "everytick-mount-"));
  readonly #filling = join(this.path, "filling");
  readonly #cleanup: Cleanup;

  /** @param args what stands before the folder in a call of `mount` */
  constructor(...args: readonly string[]) {
    try {
      tool("mount", ...args, this.path);
    } catch (error) {
      rmdirSync(this.path);
      throw error;
    }
    this.#cleanup = new Cleanup(() => {
      // Lazily: a process that just died may still hold files for a moment.
      spawnSync("umount", ["--lazy", this.path]);
      rmdirSync(this.path);
    });
  }

  static tmpfs(bytes: number): Mounted {
    return new Mounted("-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs");
  }

  remount(options: string): void {
    tool("mount", "-o", `remount,${options}`, this.path);
  }

  /** Takes all space, to the last page, until it is freed. */
  fill(): void {
    for (const bytes of [2 ** 20, 2 ** 12]) {
      try {
        for (;;) appendFileSync(this.#filling, Buffer.alloc(bytes));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
    }
  }

  free(): void {
    rmSync(this.#filling);
  }

  [Symbol.dispose](): void {
    this.#cleanup[Symbol.dispose]();
  }
}

const imageBytes = 24 * 2 ** 20;
/** Attempts to find the device at rest. */
const copyAttempts = 400;

/** A file that holds an ext4 file system. */
export class Image implements Disposable {
  readonly path: string;
  readonly #cleanup: Cleanup;

  /** @param within a folder of a file system that stands for the device */
  constructor(within = tmpdir()) {
    const folder = mkdtempSync(join(within, "everytick-image-"));
    this.#cleanup = new Cleanup(() => rmSync(folder, { recursive: true, force: true }));
    this.path = join(folder, "disk");
  }

  static ext4(within?: string): Image {
    const image = new Image(within);
    writeFileSync(image.path, "");
    tool("truncate", "--size", String(imageBytes), image.path);
    tool("mkfs.ext4", "-q", "-F", image.path);
    return image;
  }

  /** @param options of ext4, such as `commit=1` */
  mount(options = "defaults"): Mounted {
    return new Mounted("-o", `loop,${options}`, this.path);
  }

  /** Replays its journal. @throws where more is amiss than that can cure */
  repair(): void {
    // Exit code 1 says that something was repaired, as the replay is (fsck(8)).
    const said = tool("sh", "-c", 'e2fsck -p "$1" || [ $? -eq 1 ]', "sh", this.path);
    if (said.includes("UNEXPECTED INCONSISTENCY")) throw new Error(said);
  }

  /**
   * What the disk holds at one moment while it is mounted and written, as a loss of power would leave it: what is in the
   * system's cache alone is missing. The copy counts only where the device wrote nothing meanwhile; freezing the file
   * system first would write everything out, and hide each sync that the engine forgets.
   * @returns `undefined` if the device was never at rest for so long
   */
  copyOfMoment(): Image | undefined {
    const device = basename(
      tool("losetup", "--noheadings", "--output", "NAME", "-j", this.path).trim(),
    );
    const copy = new Image();
    for (let attempt = 0; attempt < copyAttempts; attempt++) {
      const before = writesOf(device);
      if (before === undefined) continue;
      tool("cp", "--sparse=always", this.path, copy.path);
      if (writesOf(device) === before) return copy;
    }
    copy[Symbol.dispose]();
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#cleanup[Symbol.dispose]();
  }
}

/** Writes, discards and flushes of a block device so far; `undefined` while some are under way (Documentation/block/stat.rst). */
function writesOf(device: string): string | undefined {
  const fields = readFileSync(`/sys/block/${device}/stat`, "utf8").trim().split(/\s+/);
  if (fields[8] !== "0") return undefined;
  return [fields[4], fields[6], fields[11], fields[15]].join();
}

export function ext4Missing(): string | undefined {
  return missingFor("root, mkfs.ext4 and loop devices", () => {
    using image = Image.ext4();
    return image.mount();
  });
}
