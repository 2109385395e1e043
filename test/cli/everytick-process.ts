import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
/** Without it, each of the many processes would strip the types of all sources again. */
export const compileCache = { NODE_COMPILE_CACHE: join(tmpdir(), "everytick-compile-cache") };
const door = new URL("../../src/index.ts", import.meta.url).href;

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}
export interface StartOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What stands on standard input; "open" leaves it to the caller. */
  readonly input?: string;
}

/** The command line as a user has it: a process of its own, started in some folder. */
export function start(
  args: readonly string[],
  { cwd, env = {}, input }: StartOptions,
): ChildProcess {
  const inherited: NodeJS.ProcessEnv = { ...process.env, ...compileCache };
  // A developer's own wish for colours must not change what the tests see.
  delete inherited["FORCE_COLOR"];
  delete inherited["NO_COLOR"];
  const child = spawn(process.execPath, ["--conditions=source", main, ...args], {
    cwd,
    env: { ...inherited, ...env },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  if (input !== undefined && input !== "open") child.stdin?.end(input);
  return child;
}

export function finished(child: ChildProcess): Promise<Finished> {
  const { promise, resolve, reject } = Promise.withResolvers<Finished>();
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.on("error", reject);
  child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  return promise;
}

export function everytick(args: readonly string[], options: StartOptions): Promise<Finished> {
  return finished(start(args, options));
}

export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "everytick-cli-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes the module of a world into a folder, as a user would, and returns its name. */
export async function writeWorld(folder: string, name: string, body: string): Promise<string> {
  const source = `import { defineWorld, grid, value } from ${JSON.stringify(door)};\n${body}\n`;
  await writeFile(join(folder, name), source);
  return name;
}

/** One number that grows by one in each tick, and a parameter of each type. */
export const counterWorld = `
export const counter = defineWorld({
  name: "counter",
  version: 1,
  params: { by: 1, loud: false, name: "x" },
  state: { cells: grid("u32", [64]) },
  init: ({ state, params }) => { if (params.loud) console.log("init says hello"); },
  step: ({ state, tick, params, random }) => {
    state.cells[0] += params.by;
    state.cells[1 + random.int(63)] = tick;
  },
});`;

/** A world whose ticks take this many milliseconds each: busy, as a real simulation is. */
export function slowWorld(milliseconds: number): string {
  return `
export const world = defineWorld({
  name: "slow",
  version: 1,
  state: { cells: grid("u32", [64]) },
  step: ({ state, tick }) => {
    const end = process.hrtime.bigint() + ${Math.round(milliseconds * 1e6)}n;
    while (process.hrtime.bigint() < end);
    state.cells[tick % 64] = tick;
  },
});`;
}

/** The tree of a JSON document with its values replaced by their types: its shape. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shapeOf(item)]));
}
