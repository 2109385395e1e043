import {
  type Chance,
  everythingSurvives,
  mixture,
  nothingSurvives,
  onlyContentSurvives,
  SimFs,
} from "../testing/index.ts";
import { bytesOfHex } from "../format/bytes.ts";
import type { Tick, VfsFile } from "../types.ts";
import type { CrashStates, Losses } from "./crash-states.ts";

interface Replay {
  readonly states: CrashStates;
  readonly issued: readonly Tick[];
  readonly losses: Losses;
  readonly seed: number;
}

/** The extremes, and so many mixtures. */
export function lossesOf(chance: Chance, mixtures: number): Losses {
  return function* () {
    yield ["nothing", nothingSurvives];
    yield ["everything", everythingSurvives];
    yield ["content without names", onlyContentSurvives];
    for (let i = 0; i < mixtures; i++) yield [`mixture ${i}`, mixture(chance)];
  };
}

const text = String.raw`"((?:\\x[0-9a-f]{2})*)"`;
const patterns = {
  open: new RegExp(String.raw`^openat\(AT_FDCWD[^,]*, ${text}, ([A-Z_|]+).*\) = (\d+)`),
  mkdir: new RegExp(String.raw`^mkdir\(${text}, .*\) = 0`),
  write: new RegExp(String.raw`^pwrite64\((\d+), ${text}, \d+, (\d+)\) = (\d+)`),
  say: new RegExp(String.raw`^write\(1, ${text}, \d+\) = `),
  sync: /^f(?:data)?sync\((\d+)\) = 0/,
  truncate: /^ftruncate\((\d+), (\d+)\) = 0/,
  rename: new RegExp(String.raw`^rename\(${text}, ${text}\) = 0`),
  remove: new RegExp(String.raw`^unlink\(${text}\) = 0`),
  close: /^close\((\d+)\) = 0/,
};

/**
 * Does on a simulated disk what a real process did, call by call, and loses power behind each. Names of folders are
 * volatile there, as the system leaves them: what the process itself did not sync is not durable.
 */
export async function replayTrace(
  logs: readonly string[],
  root: string,
  { states, issued, losses, seed }: Replay,
): Promise<void> {
  const disk = new SimFs({ hasVolatileFolders: true });
  let acknowledged: Tick = -1;
  let calls = 0;
  for (const log of logs) {
    const traced = new TracedProcess(disk, root);
    for (const line of log.split("\n")) {
      const said = traced.do(line);
      if (said === undefined) continue;
      const tick = /^ack (-?\d+)/.exec(said)?.[1];
      if (tick !== undefined) acknowledged = Math.max(acknowledged, Number(tick));
      calls += 1;
      const promised = { acknowledged, acknowledgedGap: -1, issued };
      for (const [name, survival] of losses(disk)) {
        states.add(disk.afterPowerLoss(survival, {}), promised, `call ${calls}, ${name}`, seed);
      }
      await states.check();
    }
  }
}

/** One process's calls: its descriptors, and what they mean for the disk. */
class TracedProcess {
  readonly #disk: SimFs;
  readonly #root: string;
  readonly #files = new Map<string, VfsFile | string>();

  constructor(disk: SimFs, root: string) {
    this.#disk = disk;
    this.#root = root;
  }

  /** @returns what it said, or an empty text, where the call changed or said something */
  do(line: string): string | undefined {
    const call = line.replace(/^\[pid +\d+\] /, "").replace(/\) +=/, ") =");
    const said = patterns.say.exec(call)?.[1];
    if (said !== undefined) return new TextDecoder().decode(bytesOf(said));
    return this.#open(call) ?? this.#change(call) ?? this.#name(call);
  }

  #open(call: string): string | undefined {
    const [, name = "", flags = "", descriptor = ""] = patterns.open.exec(call) ?? [];
    const closed = patterns.close.exec(call)?.[1];
    if (closed !== undefined) this.#files.delete(closed);
    if (descriptor === "") return undefined;
    const path = this.#pathOf(name);
    if (path === undefined) {
      this.#files.delete(descriptor);
      return undefined;
    }
    const found = this.#disk.stat(path);
    if (found?.directory === true) this.#files.set(descriptor, path);
    else if (found !== undefined) this.#files.set(descriptor, this.#disk.open(path, "update"));
    else if (flags.includes("O_CREAT"))
      this.#files.set(descriptor, this.#disk.open(path, "create"));
    return found === undefined ? "" : undefined;
  }

  #change(call: string): string | undefined {
    const [, written = "", bytes = "", offset, count] = patterns.write.exec(call) ?? [];
    const [, cut = "", size] = patterns.truncate.exec(call) ?? [];
    const synced = patterns.sync.exec(call)?.[1];
    const file = this.#files.get(synced ?? (written === "" ? cut : written));
    if (file === undefined) return undefined;
    if (typeof file === "string") this.#disk.syncDirectory(file);
    else if (synced !== undefined) file.sync();
    else if (written !== "") file.write(bytesOf(bytes).subarray(0, Number(count)), Number(offset));
    else file.truncate(Number(size));
    return "";
  }

  #name(call: string): string | undefined {
    const made = patterns.mkdir.exec(call)?.[1];
    const removed = patterns.remove.exec(call)?.[1];
    const [, from, to] = patterns.rename.exec(call) ?? [];
    const paths = [made, removed, from, to].map((name) => name && this.#pathOf(name));
    if (paths.every((path) => path === undefined)) return undefined;
    const [folder, gone, source, target] = paths;
    if (folder !== undefined) this.#disk.makeDirectory(folder);
    if (gone !== undefined) this.#disk.remove(gone);
    if (source !== undefined && target !== undefined) this.#disk.rename(source, target);
    return "";
  }

  /** A path below the root, as the simulated disk has it; `undefined` for any other. */
  #pathOf(escaped: string): string | undefined {
    const path = new TextDecoder().decode(bytesOf(escaped));
    if (path === this.#root) return "";
    return path.startsWith(`${this.#root}/`) ? path.slice(this.#root.length + 1) : undefined;
  }
}

/** The bytes of a text as `strace -xx` prints it. */
function bytesOf(escaped: string): Uint8Array {
  return bytesOfHex(escaped.replaceAll(String.raw`\x`, ""));
}
