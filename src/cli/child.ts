import { type ChildProcess, spawn } from "node:child_process";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The CLI in a process of its own, from the sources or the build, whichever runs here. */
export interface CliChild {
  /** Its lines of JSON, as they come. Ends when its stdout ends. */
  readonly documents: AsyncIterable<unknown>;
  kill(signal: NodeJS.Signals): void;
  /** How it ended, and what it said on stderr. */
  readonly ended: Promise<CliEnd>;
}
interface CliEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

export function spawnCli(args: readonly string[]): CliChild {
  // The build renames `.ts` to `.js` in imports, not in URLs.
  const main = new URL(`main${extname(import.meta.url)}`, import.meta.url);
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(main), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = whenEnded(child);
  return {
    documents: parsedLines(child),
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

function whenEnded(child: ChildProcess): Promise<CliEnd> {
  const { promise, resolve, reject } = Promise.withResolvers<CliEnd>();
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.on("error", reject);
  child.on("close", (code, signal) => resolve({ code, signal, stderr }));
  return promise;
}

async function* parsedLines(child: ChildProcess): AsyncGenerator {
  if (child.stdout === null) return;
  for await (const line of createInterface({ input: child.stdout })) {
    // A killed process may leave half a line: an acknowledgement that nobody got.
    const document = parsed(line);
    if (document !== undefined) yield document;
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
