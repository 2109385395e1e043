import { EverytickError } from "../../errors.ts";
import type { App, AppParts } from "../app.ts";
import type { PageFile } from "../page-node.ts";

/** The browser page: one document for every run, and files whose names change with what is in them. */
export function pageRoutes(app: App, { page }: AppParts): void {
  for (const path of ["/", "/r/:run"]) {
    app.get(path, { schema: { hide: true } }, async (_, reply) => {
      const file = page?.get("index.html");
      if (file !== undefined) {
        reply.header("content-security-policy", pagePolicy).type(file.type);
        return reply.send(file.bytes);
      }
      return reply.type("text/plain; charset=utf-8").code(503).send(notBuilt);
    });
  }
  app.get<{ Params: { "*": string } }>(
    "/assets/*",
    { schema: { hide: true } },
    async (request, reply) => {
      const name = `assets/${request.params["*"]}`;
      const file = page?.get(name);
      if (file === undefined) {
        throw new EverytickError("API_ROUTE", { found: JSON.stringify(name.slice(0, 100)) });
      }
      reply.header("cache-control", "public, max-age=31536000, immutable");
      reply.header("content-security-policy", policyOf(name, file));
      return reply.type(file.type).send(file.bytes);
    },
  );
}

const notBuilt = `The browser page is not built here.

  npm run build

makes it. What it would show is there all the same: GET /v1/openapi.json
`;

/** Digests are computed by WebAssembly. Notebooks on this machine may show the page in a frame. */
const pagePolicy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "img-src 'self' blob: data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self' http://localhost:* http://127.0.0.1:*",
].join("; ");

/** A worker has the policy of its own file. One that evaluates what a person types may do nothing else, above all send. */
function policyOf(name: string, { type }: PageFile): string {
  if (/^assets\/probe[^/]*\.js$/.test(name))
    return "default-src 'none'; script-src 'self' 'unsafe-eval'";
  return type.startsWith("text/javascript") ? pagePolicy : "default-src 'none'";
}
