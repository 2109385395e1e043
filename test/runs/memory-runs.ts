/** Folders of runs in memory, and what one asks of the errors that they throw. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import {
  EverytickError,
  isEverytickError,
  openRuns,
  type ErrorCode,
  type Ports,
  type Runs,
  type RunsOptions,
  type Vfs,
} from "everytick";
import { memoryPorts, type ManualClock, type MemoryVfs } from "everytick/testing";

export const folder = "/runs";

export interface Memory {
  readonly runs: Runs;
  readonly ports: Ports & { vfs: MemoryVfs; clock: ManualClock };
  /** Another `Runs` over the same files, as another process has it. */
  readonly others: () => Promise<Runs>;
}

export async function memoryRuns(options: RunsOptions = {}): Promise<Memory> {
  const ports = await memoryPorts();
  const all = { ...ports, ...options };
  const others = async (): Promise<Runs> => openRuns(folder, all);
  return { runs: await others(), ports, others };
}

/** The one error that `work` ends with: of our class, and whole. */
export async function refusal(
  work: () => unknown,
  code: ErrorCode,
  details: Partial<Record<keyof EverytickError["details"], RegExp>> = {},
): Promise<EverytickError> {
  let error: unknown;
  try {
    await work();
  } catch (thrown) {
    error = thrown;
  }
  assert(error !== undefined, `${code} was expected, and nothing was thrown`);
  if (!isEverytickError(error)) {
    const found = error instanceof Error ? error.stack : inspect(error);
    throw new assert.AssertionError({ message: `${code} was expected, not ${found}` });
  }
  assert(error instanceof EverytickError);
  assert.equal(error.code, code, error.message);
  for (const [name, text] of Object.entries(error.details) as [string, unknown][]) {
    if (text === undefined) continue;
    assert(typeof text === "string" && text.length > 0, `${name} is a text`);
    assert.doesNotMatch(text, /\[object /, name);
  }
  for (const [name, pattern] of Object.entries(details)) {
    assert.match(error.details[name as keyof typeof error.details] ?? "", pattern, error.message);
  }
  return error;
}

/** Each case must be refused with the code; all that are not are told at once. */
export async function allRefused(
  code: ErrorCode,
  cases: Readonly<Record<string, () => unknown>>,
): Promise<void> {
  const others: Record<string, string> = {};
  for (const [name, work] of Object.entries(cases)) {
    try {
      await refusal(work, code);
    } catch (error) {
      others[name] = (error as Error).message.split("\n", 1)[0] as string;
    }
  }
  assert.deepEqual(others, {});
}

/** Every byte below a folder, by path; the lock's files are no history and left out. */
export function bytesBelow(vfs: Vfs, path: string): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (at: string): void => {
    for (const name of vfs.list(at) ?? []) {
      const full = `${at}/${name}`;
      if (vfs.stat(full)?.directory === true) visit(full);
      else if (!name.startsWith("lock.")) found.set(full, hexOf(vfs.read(full)));
    }
  };
  visit(path);
  return found;
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** Changes a file as a broken disk or a hand would. */
export function rewrite(vfs: Vfs, path: string, change: (bytes: Uint8Array) => Uint8Array): void {
  const bytes = change(vfs.read(path));
  const file = vfs.open(path, "update");
  file.truncate(0);
  file.write(bytes, 0);
  file.close();
}

/** The bits of numbers, so that NaN payloads and −0 count. */
export function bitsOf(array: ArrayBufferView): string {
  return hexOf(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
}
