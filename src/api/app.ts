import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, { type FastifyError, type FastifyReply } from "fastify";
import { EverytickError, isEverytickError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Runs } from "../runs/index.ts";
import type { Clock } from "../types.ts";
import type { Guard } from "./guard.ts";
import type { Page } from "./page-node.ts";
import { problemOf, problemType } from "./problem.ts";
import type { OpenRuns } from "./open-runs.ts";
import { liveRoutes } from "./routes/live.ts";
import { pageRoutes } from "./routes/page.ts";
import { runRoutes } from "./routes/runs.ts";
import { segmentRoutes } from "./routes/segments.ts";
import { seriesRoutes } from "./routes/series.ts";
import { stateRoutes } from "./routes/state.ts";
import type { ServerOptions } from "./server.ts";

export interface AppParts {
  readonly runs: Runs;
  readonly openRuns: OpenRuns;
  /** Aborts when the server is to end. */
  readonly stopping: AbortSignal;
  readonly guard: Guard;
  readonly page: Page | undefined;
  readonly clock: Clock;
  readonly options: ServerOptions;
}

/** The application without an address. */
export async function buildApp(parts: AppParts): Promise<App> {
  const app = newApp();
  app.addHook("onRequest", async (request, reply) => {
    for (const [name, value] of securityHeaders) reply.header(name, value);
    try {
      parts.guard.check(request);
    } catch (error) {
      // A client that was refused has no more to say on this connection, above all no body.
      reply.header("connection", "close");
      throw error;
    }
  });
  app.setErrorHandler((error, _, reply) => answer(error, reply, parts.options));
  app.setNotFoundHandler(({ url }, reply) => {
    const found = JSON.stringify(url.slice(0, 200));
    const next = "GET /v1/openapi.json tells what there is.";
    return answer(new EverytickError("API_ROUTE", { found, next }), reply, parts.options);
  });
  await app.register(swagger, { openapi: description });
  runRoutes(app, parts);
  segmentRoutes(app, parts);
  stateRoutes(app, parts);
  seriesRoutes(app, parts);
  liveRoutes(app, parts);
  pageRoutes(app, parts);
  app.get("/v1/openapi.json", { schema: { hide: true } }, async () => app.swagger());
  await app.ready();
  return app;
}

const description = {
  openapi: "3.1.0",
  info: {
    title: "everytick",
    description: "Reads a folder of recorded runs. Nothing can be written.",
    version: "1",
  },
};

function newApp() {
  const app = Fastify({
    exposeHeadRoutes: true,
    forceCloseConnections: "idle",
    connectionTimeout: limits.idleMilliseconds,
    requestTimeout: limits.requestMilliseconds,
    routerOptions: { maxParamLength: 256 },
    ajv: { customOptions: { removeAdditional: false } },
    http: {
      maxHeaderSize: limits.requestHeadBytes,
      headersTimeout: limits.requestMilliseconds,
      connectionsCheckingInterval: 1000,
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.server.maxConnections = limits.serverConnections;
  return app;
}
export type App = ReturnType<typeof newApp>;

/** What is not a page needs nothing: neither scripts nor frames. */
const securityHeaders: readonly (readonly [string, string])[] = [
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"],
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "same-origin"],
  ["referrer-policy", "no-referrer"],
  ["x-content-type-options", "nosniff"],
  ["cache-control", "no-cache"],
];

function answer(thrown: unknown, reply: FastifyReply, { onFailure }: ServerOptions): FastifyReply {
  const error = known(thrown as FastifyError);
  if (!isEverytickError(error)) onFailure?.(error);
  const problem = problemOf(error);
  if (problem.status === 405) reply.header("allow", "GET, HEAD");
  return reply.code(problem.status).type(problemType).send(JSON.stringify(problem));
}

/** What the framework finds wrong with a request, in our words. */
function known(error: FastifyError): unknown {
  if (isEverytickError(error)) return error;
  if (error.validation !== undefined) {
    const [first] = error.validation;
    const where = `${error.validationContext ?? ""}${first?.instancePath ?? ""}`;
    const extra: unknown = first?.params["additionalProperty"];
    const found = typeof extra === "string" ? JSON.stringify(extra) : undefined;
    return new EverytickError("API_REQUEST", { where, expected: first?.message, found });
  }
  if ((error.statusCode ?? 500) >= 500) return error;
  return new EverytickError("API_REQUEST", { found: error.message });
}
