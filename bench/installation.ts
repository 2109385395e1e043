import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "peers");

/** Installs what Everytick is measured beside, unless it is there. */
export function installPeers(): void {
  if (existsSync(join(folder, "node_modules"))) return;
  console.error("installing bench/peers …");
  // Under `npm run` this is the npm that runs.
  const npm = process.env["npm_execpath"];
  const args = ["--prefix", folder, "ci"];
  const { status } =
    npm === undefined
      ? spawnSync("npm", args, { stdio: "inherit" })
      : spawnSync(process.execPath, [npm, ...args], { stdio: "inherit" });
  if (status !== 0) throw new Error("npm --prefix bench/peers ci failed");
}

/** The packages of the bench and their versions, as they are installed. */
export function installedVersions(): string[] {
  const manifest = readManifest(join(folder, "package.json"));
  return Object.keys(manifest.dependencies ?? {}).map((name) => {
    const path = join(folder, "node_modules", name, "package.json");
    return existsSync(path) ? `${name} ${readManifest(path).version}` : `${name} (not installed)`;
  });
}

interface Manifest {
  readonly version: string;
  readonly dependencies?: { readonly [name: string]: string };
}
export function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, "utf8")) as Manifest;
}
