import type { FastifyError, FastifyReply } from "fastify";
import { EverytickError, isEverytickError, kindOf } from "../errors.ts";
import { problemOf, problemType } from "./problem.ts";
import type { ServerOptions } from "./server.ts";

/** What is not a page needs nothing: neither scripts nor frames. */
const securityHeaders: readonly (readonly [string, string])[] = [
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"],
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "same-origin"],
  ["referrer-policy", "no-referrer"],
  ["x-content-type-options", "nosniff"],
  ["cache-control", "no-cache"],
];

/** Sets them on an answer, whatever it is going to be. */
export function secure(reply: FastifyReply): FastifyReply {
  for (const [name, value] of securityHeaders) reply.header(name, value);
  return reply;
}

/** Answers with what went wrong. */
export function answer(
  thrown: unknown,
  reply: FastifyReply,
  { onFailure }: ServerOptions,
): FastifyReply {
  const error = known(thrown as FastifyError);
  if (!isEverytickError(error)) onFailure?.(error);
  const problem = problemOf(error);
  if (problem.status === 405) reply.header("allow", "GET, HEAD");
  if (problem.status === 429) reply.header("retry-after", 1);
  return reply.code(problem.status).type(problemType).send(JSON.stringify(problem));
}

/** What the framework finds wrong with a request, in our words. */
function known(error: FastifyError): unknown {
  if (isEverytickError(error)) return error;
  if (error.validation !== undefined) return invalid(error);
  if ((error.statusCode ?? 500) >= 500) return error;
  return new EverytickError("API_REQUEST", { found: error.message });
}

const places: { readonly [context: string]: string } = { querystring: "query", params: "path" };

function invalid({ validation, validationContext }: FastifyError): EverytickError {
  const { instancePath = "", message, params = {}, ...rest } = validation?.[0] ?? {};
  // The whole report of the validator, which the framework's types do not know.
  const { parentSchema, data } = rest as {
    readonly parentSchema?: object;
    readonly data?: unknown;
  };
  const place = places[validationContext ?? ""] ?? validationContext ?? "request";
  const where = [place, ...instancePath.split("/").slice(1)].join(" ");
  const extra: unknown = params["additionalProperty"];
  if (extra === undefined) {
    return new EverytickError("API_REQUEST", { where, expected: message, found: kindOf(data) });
  }
  const { properties = {} } = (parentSchema ?? {}) as { readonly properties?: object };
  const expected = `only ${Object.keys(properties).join(", ")}`;
  return new EverytickError("API_REQUEST", { where, expected, found: kindOf(extra) });
}

/** What is no request at all is refused on the bare connection. */
export function refuseConnection(
  { code }: { readonly code?: string },
  socket: { readonly writable: boolean; end(text: string): void; destroy(): void },
): void {
  if (code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, text] = connectionStatuses.get(code) ?? [400, "Bad Request"];
  const found = code === undefined ? undefined : `a connection that ended with ${code}`;
  const problem = problemOf(
    new EverytickError("API_REQUEST", { expected: "HTTP/1.1", found }),
    status,
  );
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${status} ${text}`,
    `content-type: ${problemType}`,
    `content-length: ${body.length}`,
  ];
  socket.end(`${[...head, "connection: close"].join("\r\n")}\r\n\r\n${body}`);
}

const connectionStatuses: ReadonlyMap<string | undefined, readonly [number, string]> = new Map([
  ["HPE_HEADER_OVERFLOW", [431, "Request Header Fields Too Large"]],
  ["ERR_HTTP_REQUEST_TIMEOUT", [408, "Request Timeout"]],
]);
