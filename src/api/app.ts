import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify from "fastify";
import { EverytickError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Runs } from "../runs/index.ts";
import type { Clock } from "../types.ts";
import type { Guard } from "./guard.ts";
import type { Page } from "./page-node.ts";
import { answer, refuseConnection, secure } from "./answer.ts";
import type { OpenRuns } from "./open-runs.ts";
import { Rate } from "./rate.ts";
import { liveRoutes } from "./routes/live.ts";
import { pageRoutes } from "./routes/page.ts";
import { runRoutes } from "./routes/runs.ts";
import { segmentRoutes } from "./routes/segments.ts";
import { seriesRoutes } from "./routes/series.ts";
import { stateRoutes } from "./routes/state.ts";
import type { ServerOptions } from "./server.ts";
import type { Traffic } from "./traffic.ts";

export interface AppParts {
  readonly runs: Runs;
  readonly traffic: Traffic;
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
  const app = newApp(parts.options);
  const rate = new Rate(parts.clock);
  app.addHook("onRequest", async (request, reply) => {
    secure(reply);
    // Comes for answers that are sent, and for those that nobody waited for.
    reply.raw.once("close", () => parts.traffic.leave());
    try {
      parts.traffic.enter();
      const { method, headers, raw } = request;
      parts.guard.check({ method, headers, hosts: raw.headersDistinct["host"] ?? [] });
      rate.take(request.ip);
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

function newApp(serverOptions: ServerOptions) {
  const app = Fastify({
    exposeHeadRoutes: true,
    forceCloseConnections: true,
    return503OnClosing: false,
    connectionTimeout: limits.idleMilliseconds,
    requestTimeout: limits.requestMilliseconds,
    routerOptions: { maxParamLength: 256 },
    // What is not known is refused, not left out; and messages can say what was found.
    ajv: { customOptions: { removeAdditional: false, verbose: true } },
    frameworkErrors: (error, _, reply) => {
      answer(error, secure(reply), serverOptions);
    },
    clientErrorHandler: refuseConnection,
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
