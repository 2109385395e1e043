import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Option } from "commander";
import { openServer, type Server } from "../api/index.ts";
import { isEverytickError } from "../errors.ts";
import type { Runs } from "../runs/index.ts";
import { openBrowser } from "./browser.ts";
import { visibleLines, type Output } from "./output.ts";
import type { Shell } from "./shell.ts";
import { parsePort } from "./usage.ts";

/** Where a command serves. */
export interface Address {
  readonly host: string;
  readonly port?: number;
  readonly allowHost: readonly string[];
}

export const loopback: Address = { host: "127.0.0.1", allowHost: [] };

/** Links to views name it, so it is the same from day to day unless another program has it. */
const usualPort = 4173;

export const addressOptions = () => [
  new Option(
    "--port <n>",
    `where to listen (default: ${usualPort}, or any that is free)`,
  ).argParser(parsePort),
  new Option("--host <address>", "who can reach it; 0.0.0.0 is everybody on the network").default(
    loopback.host,
  ),
  new Option("--allow-host <name>", "a further name by which it is called; repeatable")
    .argParser((name: string, earlier: readonly string[]) => [...earlier, name])
    .default([], "none"),
];

/** @throws API_PACKAGES, API_ADDRESS */
export async function startServer(
  runs: Runs,
  { host, port, allowHost }: Address,
  output: Output,
): Promise<Server> {
  const options = {
    host,
    allowedHosts: allowHost,
    page: pageFolder(),
    onFailure: (error: unknown) => output.aside(failureText(error)),
  };
  try {
    return await openServer(runs, { ...options, port: port ?? usualPort });
  } catch (error) {
    if (port !== undefined || !isEverytickError(error, "API_ADDRESS")) throw error;
    return openServer(runs, { ...options, port: 0 });
  }
}

/** Says where a run is shown, and shows it there if it can and may. */
export function showRun({ output }: Shell, server: Server, id: string, mayOpen: boolean): void {
  const url = `${server.url}/r/${id}`;
  const isOpened = mayOpen && server.hasPage && openBrowser(url);
  output.line();
  output.fact("inspect", output.paint("bold", url) + (isOpened ? " (opened)" : ""));
  if (!server.hasPage) output.fact("", notBuilt);
  output.fact("", "Ctrl-C ends it");
}

export const notBuilt = "the page is not built here: npm run build";

/** Resolves at the first Ctrl-C, or when nobody reads any more. */
export async function untilStopped(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
}

export function isPageBuilt(): boolean {
  return existsSync(join(pageFolder(), "index.html"));
}

/** The built page lies at another place beside the sources than in the package. */
function pageFolder(): string {
  const [source = "", built = ""] = ["../../dist/inspector", "../../inspector"].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  return import.meta.url.endsWith(".ts") || !existsSync(built) ? source : built;
}

function failureText(error: unknown): string {
  return visibleLines(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
