import { EverytickError, isEverytickError } from "../errors.ts";
import type { Runs } from "../runs/index.ts";
import type { Clock } from "../types.ts";

export interface ServerOptions {
  /** Where to listen. @default "127.0.0.1" */
  readonly host?: string;
  /** 0 takes any that is free. @default 0 */
  readonly port?: number;
  /** Further names, without a port, by which clients may call the server; the machine's own are always trusted. */
  readonly allowedHosts?: readonly string[];
  /** The folder of the built browser page. Without it `/` says how to build it. */
  readonly page?: string;
  /** Is told of every failure that is no error of ours; the answer says nothing of it. */
  readonly onFailure?: (error: unknown) => void;
  readonly clock?: Clock;
}

/** A server that reads a folder of runs, and writes nothing. */
export interface Server extends AsyncDisposable {
  /** Such as `http://127.0.0.1:4173`. */
  readonly url: string;
  /** Whether it has a page to show. */
  readonly hasPage: boolean;
  /** Takes no more requests, ends streams of live ticks, lets the others finish, and resolves. */
  close(): Promise<void>;
}

/**
 * Serves runs over HTTP: `GET /v1/openapi.json` tells what there is. The runs stay the caller's to close.
 * @throws API_PACKAGES if an optional package is not installed, API_ADDRESS, API_OPTION
 */
export async function openServer(runs: Runs, options: ServerOptions = {}): Promise<Server> {
  const { startServer } = await loaded(async () => import("./listen.ts"));
  return startServer(runs, options);
}

/** The packages of the server are optional: whoever only records has none of them. */
async function loaded<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (isEverytickError(cause) || code !== "ERR_MODULE_NOT_FOUND") throw cause;
    const found = /package '([^']+)'/.exec(message)?.[1] ?? message;
    throw new EverytickError(
      "API_PACKAGES",
      {
        expected: serverPackages.join(", "),
        found: `no ${found}`,
        next: `npm install ${serverPackages.join(" ")}`,
      },
      { cause },
    );
  }
}

/** Optional peers of this package. */
const serverPackages = ["fastify", "@fastify/swagger", "typebox"] as const;
