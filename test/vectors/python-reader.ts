/** The independent reader, `tools/reader.py`, as tests ask it. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const python = "python3";
const reader = join(import.meta.dirname, "../../tools/reader.py");

const isMissing = [
  [python, "--version"],
  ["zstd", "--version"],
].some(([command = "", option = ""]) => spawnSync(command, [option]).status !== 0);
const isCI = process.env["CI"] !== undefined;
const message =
  "needs python3 and the zstd command; on Debian `apt-get install python3 zstd` brings them";
/** Why tests of the reader are skipped, or `false`. */
export const skipReader = isMissing && !isCI ? message : false;

interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the reader says. Several are asked at once: most of their time they wait. */
export async function readerPy(...args: readonly string[]): Promise<Said> {
  const child = spawn(python, [reader, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null) await once(child, "exit");
  return { status: child.exitCode, stdout, stderr };
}
