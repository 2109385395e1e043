import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeVfs } from "../journal/vfs-node.ts";
import { SimFs } from "../testing/index.ts";
import type { Tick } from "../types.ts";
import { runsFolder } from "./workload.ts";

/** A program beside this one. The build renames `.ts` to `.js` in imports, not in addresses. */
function programOf(name: string): string {
  return fileURLToPath(new URL(`${name}${extname(import.meta.url)}`, import.meta.url));
}

/** What is said of a process that records until it is killed or done. */
export interface ChildEnd {
  readonly acknowledged: Tick;
  readonly isClosed: boolean;
  readonly isKilled: boolean;
  readonly stderr: string;
}

/** A folder that is gone when it is no longer used. */
export class Scratch implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "everytick-torture-"));

  get runs(): string {
    return join(this.path, runsFolder);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

function childArguments(folder: string, lastTick: Tick): string[] {
  return [...process.execArgv, programOf("child-node"), folder, String(lastTick)];
}

/** Starts the recording, and kills it after so many milliseconds, counted from its start or its first word. */
export async function recordUntilKilled(
  folder: string,
  lastTick: Tick,
  kill: { readonly milliseconds: number; readonly from: "start" | "first word" } | undefined,
): Promise<ChildEnd> {
  const child = spawn(process.execPath, childArguments(folder, lastTick));
  let timer: NodeJS.Timeout | undefined;
  const killLater = (): void => {
    timer ??= setTimeout(() => child.kill("SIGKILL"), kill?.milliseconds);
  };
  if (kill?.from === "start") killLater();
  if (kill?.from === "first word") child.stdout.once("data", killLater);
  const end = await ended(child);
  clearTimeout(timer);
  return end;
}

/** Runs a program beside this one to its end. */
export async function runNode(
  name: string,
  args: readonly string[],
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return spoken(spawn(process.execPath, [...process.execArgv, programOf(name), ...args]));
}

async function ended(child: ChildProcess): Promise<ChildEnd> {
  const { stdout, stderr, signal } = await spoken(child);
  return { ...said(stdout), isKilled: signal === "SIGKILL", stderr };
}

interface Spoken {
  readonly stdout: string;
  readonly stderr: string;
  readonly signal: NodeJS.Signals | null;
}

async function spoken(child: ChildProcess): Promise<Spoken> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const { promise, resolve, reject } = Promise.withResolvers<NodeJS.Signals | null>();
  child.on("error", reject);
  child.on("close", (_, signal) => resolve(signal));
  const signal = await promise;
  return { stdout, stderr, signal };
}

/** The last line may be cut short: an acknowledgement that nobody got. */
function said(stdout: string): { acknowledged: Tick; isClosed: boolean } {
  const acks = [...stdout.matchAll(/^ack (-?\d+)\n/gm)].map(([, tick]) => Number(tick));
  return { acknowledged: Math.max(-1, ...acks), isClosed: stdout.includes("closed\n") };
}

/** The recording under `strace` with these options. */
export function recordTraced(
  folder: string,
  lastTick: Tick,
  options: readonly string[],
): ChildEnd & { readonly log: string } {
  const args = [...options, process.execPath, ...childArguments(folder, lastTick)];
  const { stdout, stderr, signal, status } = spawnSync("strace", args, {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  const isKilled = signal === "SIGKILL" || status === 137;
  return { ...said(stdout), isKilled, stderr, log: stderr };
}

/** Why `strace` cannot be used here. */
export function straceMissing(): string | undefined {
  const { status } = spawnSync("strace", ["-qq", "-o", "/dev/null", "true"]);
  return status === 0 ? undefined : "install strace";
}

/** The files of a folder on this machine, on a simulated disk that holds them durable. */
export function simulated(folder: string): SimFs {
  const disk = new SimFs();
  const copy = (from: string, to: string): void => {
    disk.makeDirectory(to);
    for (const name of nodeVfs.list(from) ?? []) {
      const path = join(from, name);
      // The lock belongs to a process, and is opened by nobody else.
      if (name.startsWith("lock.")) continue;
      if (nodeVfs.stat(path)?.directory === true) {
        copy(path, `${to}/${name}`);
        continue;
      }
      const file = disk.open(`${to}/${name}`, "create");
      file.write(nodeVfs.read(path), 0);
      file.sync();
      file.close();
    }
    disk.syncDirectory(to);
  };
  copy(folder, runsFolder);
  return disk;
}
