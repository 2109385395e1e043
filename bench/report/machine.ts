import { execFileSync } from "node:child_process";
import os from "node:os";
import { join } from "node:path";
import { installedVersions, readManifest } from "../installation.ts";

/** What the figures were made on: name and value. */
export function machineFacts(scratch: string): [name: string, value: string][] {
  const [cpu] = os.cpus();
  const { version } = readManifest(join(import.meta.dirname, "../../package.json"));
  const { node, zstd } = process.versions;
  return [
    ["date", new Date().toISOString().slice(0, 10)],
    ["processor", `${cpu?.model.trim() ?? "unknown"}, ${os.cpus().length} cores`],
    ["memory", `${Math.round(os.totalmem() / 1024 ** 3)} GiB`],
    ["system", `${os.type()} ${os.release()} ${os.arch()}`],
    ["file system", said("df", ["--output=fstype", scratch])],
    ["Node", `${node}, zstd ${zstd}`],
    ["Everytick", `${version}, commit ${said("git", ["rev-parse", "--short", "HEAD"])}`],
    ["peers", [...installedVersions(), postgresVersion()].join(", ")],
  ];
}

function postgresVersion(): string {
  return said("postgres", ["--version"]).replace("unknown", "PostgreSQL not found");
}

/** The last line that a command prints. */
function said(command: string, args: readonly string[]): string {
  try {
    const text = execFileSync(command, args, { encoding: "utf8", stdio: "pipe" });
    return text.trim().split("\n").at(-1)!.trim();
  } catch {
    return "unknown";
  }
}
