import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "../oracle.ts";
import type { Recording } from "./recordings.ts";

const python = "python3";
/** Beside the sources of a working copy; a package has none. */
const script = join(import.meta.dirname, "../../../tools/reader.py");

/** Why the independent reader cannot be asked. */
export function pythonMissing(): string | undefined {
  if (!existsSync(script)) return "needs tools/reader.py of a working copy";
  const isThere = [
    [python, "--version"],
    ["zstd", "--version"],
  ].every(([command = "", option = ""]) => spawnSync(command, [option]).status === 0);
  return isThere ? undefined : "needs python3 and the zstd command";
}

interface Said {
  readonly ticks: readonly { readonly tick: number; readonly historyDigest: string }[];
}

/** The independent reader checks everything, and finds the same ticks with the same digests. @throws Violation */
export function differential({ files, ticks }: Recording): void {
  const folder = mkdtempSync(join(tmpdir(), "everytick-fuzz-"));
  try {
    for (const [name, bytes] of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), bytes);
    }
    const options = { encoding: "utf8", maxBuffer: 2 ** 28 } as const;
    const { status, stdout, stderr } = spawnSync(python, [script, folder, "--json"], options);
    expect(status === 0, `the independent reader says: ${stderr}`);
    const said = (JSON.parse(stdout) as Said).ticks;
    expect(said.length === ticks.size, `${said.length} ticks, not ${ticks.size}`);
    for (const { tick, historyDigest } of said) {
      expect(ticks.get(tick)?.historyDigest === historyDigest, `tick ${tick} is another one`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
