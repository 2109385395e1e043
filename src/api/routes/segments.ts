import { EverytickError } from "../../errors.ts";
import type { RunFiles, SegmentFile } from "../../runs/index.ts";
import type { App, AppParts } from "../app.ts";
import { byteRange } from "../byte-range.ts";
import { byteStream } from "../byte-stream-node.ts";
import {
  bytesSchema,
  fileHeaders,
  problemSchema,
  segmentParams,
  segmentsSchema,
  runParams,
  versionQuery,
} from "../schemas.ts";

/** The files of a run as they are, for a reader that decodes them itself. */
export function segmentRoutes(app: App, parts: AppParts): void {
  listRoute(app, parts);
  fileRoute(app, parts);
  indexRoute(app, parts);
}

function listRoute(app: App, { runs }: AppParts): void {
  app.get(
    "/v1/runs/:run/segments",
    {
      schema: {
        summary: "The segments of a run, in order",
        params: runParams,
        response: { 200: segmentsSchema, default: problemSchema },
      },
    },
    async ({ params }) => {
      const files = runs.files(params.run);
      return { uuid: files.card().uuid, segments: await files.segments() };
    },
  );
}

function fileRoute(app: App, { runs }: AppParts): void {
  app.get(
    "/v1/runs/:run/segments/:name",
    {
      schema: {
        summary: "The bytes of a segment; those of a sealed one never change",
        description: "With `v` an answer of a sealed segment may be kept for ever.",
        params: segmentParams,
        querystring: versionQuery,
        headers: fileHeaders,
        produces: ["application/octet-stream"],
        response: { 200: bytesSchema, 206: bytesSchema, default: problemSchema },
      },
    },
    async (request, reply) => {
      const { params, query, headers } = request;
      const files = runs.files(params.run);
      const { uuid } = sameRun(files, query.v);
      const segment = await segmentOf(files, params.name);
      reply.header("accept-ranges", "bytes");
      // An open segment may be cut and written again: what was read of it once proves nothing later.
      const tag = segment.isSealed ? `"${uuid}-${segment.name}-${segment.bytes}"` : undefined;
      if (tag !== undefined) reply.header("etag", tag);
      if (tag !== undefined && query.v !== undefined) reply.header("cache-control", forEver);
      if (tag !== undefined && matches(headers["if-none-match"], tag))
        return reply.code(304).send();

      const isWanted = headers["if-range"] === undefined || headers["if-range"] === tag;
      const range = isWanted ? byteRange(headers.range, segment.bytes) : undefined;
      if (range === "none") {
        reply
          .header("content-range", `bytes */${segment.bytes}`)
          .header("cache-control", "no-store");
        const expected = `bytes of ${segment.bytes}`;
        throw new EverytickError("API_RANGE", { expected, found: headers.range });
      }
      const { begin, end } = range ?? { begin: 0, end: segment.bytes };
      if (range !== undefined) {
        reply.code(206).header("content-range", `bytes ${begin}-${end - 1}/${segment.bytes}`);
      }
      reply.type("application/octet-stream").header("content-length", end - begin);
      // Of nobody who asks for the head alone the file is read.
      const sent = { begin, end: request.method === "HEAD" ? begin : end };
      return reply.send(byteStream(files.open(segment), sent));
    },
  );
}

/** What a reader need not find out by reading an open segment from its beginning. Derived, and never believed unchecked. */
function indexRoute(app: App, { runs }: AppParts): void {
  app.get(
    "/v1/runs/:run/segments/:name/index",
    {
      schema: {
        summary: "The index cache of a segment that is not sealed; 404 where there is none",
        params: segmentParams,
        querystring: versionQuery,
        produces: ["application/octet-stream"],
        response: { 200: bytesSchema, default: problemSchema },
      },
    },
    async ({ params, query }, reply) => {
      const files = runs.files(params.run);
      sameRun(files, query.v);
      const cache = files.indexCache(await segmentOf(files, params.name));
      if (cache === undefined) {
        throw new EverytickError("API_ROUTE", { where: files.id, found: "no index cache" });
      }
      return reply.type("application/octet-stream").send(cache);
    },
  );
}

const forEver = "public, max-age=31536000, immutable";

/** @throws RUNS_MISSING if the id is another run's by now */
function sameRun(files: RunFiles, uuid: string | undefined): { readonly uuid: string } {
  const card = files.card();
  if (uuid === undefined || uuid === card.uuid) return card;
  const next = "Load the page again: the id was given to another run.";
  throw new EverytickError("RUNS_MISSING", {
    where: files.id,
    expected: uuid,
    found: card.uuid,
    next,
  });
}

async function segmentOf(files: RunFiles, name: string): Promise<SegmentFile> {
  const segment = await files.segment(name);
  if (segment !== undefined) return segment;
  const expected = "the name of a segment of that run";
  throw new EverytickError("API_ROUTE", {
    where: files.id,
    expected,
    found: JSON.stringify(name.slice(0, 100)),
  });
}

function matches(header: string | undefined, tag: string): boolean {
  const tags = header?.split(",").map((each) => each.trim().replace(/^W\//, "")) ?? [];
  return tags.includes(tag) || tags.includes("*");
}
