import { EverytickError } from "../errors.ts";
import { nodeClock } from "../journal/clock-node.ts";
import type { Runs } from "../runs/index.ts";
import { limits } from "../limits.ts";
import { buildApp } from "./app.ts";
import { Guard, loopbackNames } from "./guard.ts";
import { OpenRuns } from "./open-runs.ts";
import { readPage } from "./page-node.ts";
import type { Server, ServerOptions } from "./server.ts";
import { Traffic } from "./traffic.ts";

/** Any address of the machine. */
const wildcards: readonly string[] = ["0.0.0.0", "::"];

/** @throws API_ADDRESS, API_OPTION */
export async function startServer(runs: Runs, options: ServerOptions): Promise<Server> {
  const { host = "127.0.0.1", port = 0, allowedHosts = [], clock = nodeClock } = options;
  if (!Number.isSafeInteger(port) || port < 0 || port > 65_535) {
    const expected = "a whole number from 0 to 65535";
    throw new EverytickError("API_OPTION", { where: "port", expected, found: String(port) });
  }
  const isWildcard = wildcards.includes(host);
  const guard = new Guard([...loopbackNames, urlHost(host), ...allowedHosts], isWildcard);
  const page = options.page === undefined ? undefined : readPage(options.page);
  const stop = new AbortController();
  const held = new OpenRuns(runs, clock);
  const traffic = new Traffic();
  const parts = {
    runs,
    traffic,
    openRuns: held,
    stopping: stop.signal,
    guard,
    page,
    clock,
    options,
  };
  const app = await buildApp(parts);
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    const found = cause instanceof Error ? cause.message : String(cause);
    const next = "Choose another port, or 0 for any that is free.";
    throw new EverytickError("API_ADDRESS", { where: `${host}:${port}`, found, next }, { cause });
  }
  const taken = app.addresses().find((address) => typeof address === "object")?.port ?? port;
  const close = async (): Promise<void> => {
    stop.abort();
    const patience = new AbortController();
    await Promise.race([traffic.end(), clock.sleep(limits.closeMilliseconds, patience.signal)]);
    patience.abort();
    await app.close();
    await held.close();
  };
  return {
    url: `http://${isWildcard ? "127.0.0.1" : urlHost(host)}:${taken}`,
    hasPage: page !== undefined,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** An address of IPv6 stands in brackets. */
function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
