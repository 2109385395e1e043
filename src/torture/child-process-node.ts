import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout } from "node:timers/promises";
import { nodeVfs } from "../journal/vfs-node.ts";
import { type Chance, SimFs } from "../testing/index.ts";
import type { Tick } from "../types.ts";
import type { ChildPlan } from "./child-plan.ts";
import { Cleanup } from "./cleanup-node.ts";
import { runsFolder } from "./workload.ts";

/** A program beside this one. The build renames `.ts` to `.js` in imports, not in addresses. */
function programOf(name: string): string {
  return fileURLToPath(new URL(`${name}${extname(import.meta.url)}`, import.meta.url));
}

/** What is known of a process that ended. */
export interface ChildEnd {
  /** The last tick that was acknowledged; -1 for none. */
  readonly acknowledged: Tick;
  /** The first one: what it found when it opened the run. */
  readonly opened: Tick;
  readonly isClosed: boolean;
  readonly isKilled: boolean;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that is gone when it is no longer used. */
export class Scratch implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "everytick-torture-"));
  readonly #cleanup = new Cleanup(() => rmSync(this.path, { recursive: true, force: true }));

  get runs(): string {
    return join(this.path, runsFolder);
  }

  [Symbol.dispose](): void {
    this.#cleanup[Symbol.dispose]();
  }
}

function childArguments(plan: ChildPlan): string[] {
  return [...process.execArgv, programOf("child-node"), JSON.stringify(plan)];
}

export interface ChildOptions {
  /** A program that starts the one behind it, with its arguments. */
  readonly through?: readonly string[];
  readonly nodeArguments?: readonly string[];
}

/** A process that records, while it lives. */
export class Child implements Disposable {
  readonly ended: Promise<ChildEnd>;
  readonly #process: ChildProcess;
  readonly #cleanup: Cleanup;
  #stdout = "";

  constructor(plan: ChildPlan, { through = [], nodeArguments = [] }: ChildOptions = {}) {
    const words = [...through, process.execPath, ...nodeArguments, ...childArguments(plan)];
    const [command = "", ...args] = words;
    this.#process = spawn(command, args);
    this.#cleanup = new Cleanup(() => this.#process.kill("SIGKILL"));
    this.#process.stdin?.on("error", () => undefined);
    this.ended = this.#end();
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** The last tick whose acknowledgement came here. */
  get acknowledged(): Tick {
    return said(this.#stdout).acknowledged;
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Tells it to go on. */
  tell(): void {
    this.#process.stdin?.write("go on\n");
  }

  /** The next match in what it says behind this place, or `undefined` once it ended without. */
  async heard(pattern: RegExp, from = 0): Promise<RegExpExecArray | undefined> {
    let isOver = false;
    void this.ended.then(() => (isOver = true));
    for (;;) {
      const match = pattern.exec(this.#stdout.slice(from));
      if (match !== null || isOver) return match ?? undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#process.stdout?.once("data", () => resolve());
      await Promise.race([promise, this.ended]);
    }
  }

  /** How much it has said so far. */
  get saidLength(): number {
    return this.#stdout.length;
  }

  async kill(): Promise<ChildEnd> {
    this.signal("SIGKILL");
    return this.ended;
  }

  [Symbol.dispose](): void {
    this.#cleanup[Symbol.dispose]();
  }

  async #end(): Promise<ChildEnd> {
    const child = this.#process;
    const stderr = await spoken(child, (text) => (this.#stdout += text));
    return endOf(this.#stdout, stderr, child.exitCode, child.signalCode);
  }
}

/** Runs a program beside this one to its end. */
export async function runNode(
  name: string,
  args: readonly string[],
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  let stdout = "";
  const child = spawn(process.execPath, [...process.execArgv, programOf(name), ...args]);
  const stderr = await spoken(child, (text) => (stdout += text));
  return { stdout, stderr };
}

/** Listens until a process ended. @returns what it complained of */
async function spoken(child: ChildProcess, onText: (text: string) => void): Promise<string> {
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", onText);
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.on("error", reject);
  child.on("close", () => resolve());
  await promise;
  return stderr;
}

/** The last line may be cut short: an acknowledgement that nobody got. */
function said(stdout: string): Pick<ChildEnd, "acknowledged" | "opened" | "isClosed"> {
  const acks = [...stdout.matchAll(/^ack (-?\d+)\n/gm)].map(([, tick]) => Number(tick));
  const isClosed = stdout.includes("closed\n");
  const acknowledged = acks.reduce((last, tick) => Math.max(last, tick), -1);
  return { acknowledged, opened: acks[0] ?? -1, isClosed };
}

function endOf(
  stdout: string,
  stderr: string,
  code: number | null,
  signal: NodeJS.Signals | null,
): ChildEnd {
  const isKilled = signal === "SIGKILL" || code === 137;
  return { ...said(stdout), isKilled, code, signal, stdout, stderr };
}

/** When a process is killed, counted from its start or its first word. */
export interface Kill {
  readonly milliseconds: number;
  readonly from: "start" | "first word";
}

export function killOf(chance: Chance): Kill {
  const from = chance.chance(0.4) ? "start" : "first word";
  return { milliseconds: chance.below(300), from };
}

/** Starts the recording, and kills it. */
export async function recordUntilKilled(plan: ChildPlan, kill: Kill): Promise<ChildEnd> {
  using child = new Child(plan);
  if (kill.from === "first word") await child.heard(/\n/);
  await Promise.race([setTimeout(kill.milliseconds), child.ended]);
  return await child.kill();
}

/** The recording under `strace` with these options. */
export function recordTraced(
  plan: ChildPlan,
  options: readonly string[],
): ChildEnd & { readonly log: string } {
  const args = [...options, process.execPath, ...childArguments(plan)];
  const { stdout, stderr, signal, status } = spawnSync("strace", args, {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  return { ...endOf(stdout, stderr, status, signal), log: stderr };
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
