import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from "fastify";
import { EverytickError, isEverytickError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Runs } from "../runs/index.ts";
import type { Clock } from "../types.ts";
import type { Guard } from "./guard.ts";
import type { Page } from "./page-node.ts";
import { problemOf, problemType } from "./problem.ts";
import { pageRoutes } from "./routes/page.ts";
import { runRoutes } from "./routes/runs.ts";
import { segmentRoutes } from "./routes/segments.ts";
import type { ServerOptions } from "./server.ts";

export interface AppParts {
  readonly runs: Runs;
  readonly guard: Guard;
  readonly page: Page | undefined;
  readonly clock: Clock;
  readonly options: ServerOptions;
}

/** The application without an address. `stop` ends what would never end by itself. */
export async function buildApp(parts: AppParts): Promise<{ app: App; stop: () => void }> {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  const app = newApp();
  app.addHook("onRequest", async (request, reply) => {
    for (const [name, value] of securityHeaders) reply.header(name, value);
    // A client that was refused has no more to say on this connection, above all no body.
    try {
      parts.guard.check(request);
    } catch (error) {
      reply.header("connection", "close");
      throw error;
    }
  });
  app.setErrorHandler((error, request, reply) => answer(error, request, reply, parts.options));
  app.setNotFoundHandler((request, reply) => {
    const found = JSON.stringify(request.url.slice(0, 200));
    const next = "GET /v1/openapi.json tells what there is.";
    return answer(new EverytickError("API_ROUTE", { found, next }), request, reply, parts.options);
  });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "everytick",
        description: "Reads a folder of recorded runs. Nothing can be written.",
        version: "1",
      },
    },
  });
  runRoutes(app, parts);
  segmentRoutes(app, parts);
  pageRoutes(app, parts);
  app.get("/v1/openapi.json", { schema: { hide: true } }, async () => app.swagger());
  await app.ready();
  return { app, stop };
}

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

function answer(
  thrown: unknown,
  _request: FastifyRequest,
  reply: FastifyReply,
  { onFailure }: ServerOptions,
): FastifyReply {
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
