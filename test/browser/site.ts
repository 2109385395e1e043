/** The page as it is built, before the service of a folder of recorded runs. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { openRuns, type Runs } from "everytick";
import { openServer, type Server } from "../../src/api/index.ts";

const root = resolve(import.meta.dirname, "../..");

/** Builds the page into a folder. */
export function buildPage(folder: string): void {
  const vite = join(root, "node_modules/vite/bin/vite.js");
  const options = [vite, "build", "inspector", "--outDir", folder, "--logLevel", "error"];
  execFileSync(process.execPath, options, { cwd: root, stdio: "pipe" });
}

export interface Site extends AsyncDisposable {
  readonly runs: Runs;
  /** The folder of runs. */
  readonly folder: string;
  url: string;
  server: Server;
  /** Ends the server, and begins again at the same address. */
  stop(): Promise<void>;
  restart(): Promise<void>;
}

export async function openSite(record: (runs: Runs) => Promise<void>): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "everytick-site-"));
  const [page, runsFolder] = [join(folder, "page"), join(folder, "runs")];
  buildPage(page);
  const runs = await openRuns(runsFolder);
  await record(runs);
  const server = await openServer(runs, { page });
  const site: Site = {
    runs,
    folder: runsFolder,
    server,
    url: server.url,
    stop: async () => site.server.close(),
    async restart() {
      site.server = await openServer(runs, { page, port: Number(new URL(site.url).port) });
    },
    async [Symbol.asyncDispose]() {
      await site.server.close();
      await runs.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return site;
}
