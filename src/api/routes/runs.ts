import { EverytickError } from "../../errors.ts";
import type { App, AppParts } from "../app.ts";
import { Catalogue } from "../catalogue.ts";
import { problemOf } from "../problem.ts";
import { cardSchema, listQuery, listSchema, problemSchema, runParams } from "../schemas.ts";

/** What runs there are, and what each of them is. */
export function runRoutes(app: App, { runs, clock }: AppParts): void {
  const catalogue = new Catalogue(runs, clock);
  app.get(
    "/v1/runs",
    {
      schema: {
        summary: "The runs of the folder, page by page",
        querystring: listQuery,
        response: { 200: listSchema, default: problemSchema },
      },
    },
    async ({ query }) => catalogue.page(query),
  );
  app.get(
    "/v1/runs/:run",
    {
      schema: {
        summary: "The card of a run, with the schema of its world, and how far it is recorded",
        params: runParams,
        response: { 200: cardSchema, default: problemSchema },
      },
    },
    async ({ params }) => {
      const summary = await runs.summary(params.run);
      if (summary === undefined) throw missing(params.run);
      const { card, state, error, recorded } = summary;
      if (card === undefined && error !== undefined) throw error;
      return {
        ...card,
        state,
        isRecording: state === "recording",
        error: error === undefined ? null : problemOf(error),
        firstTick: recorded?.firstTick ?? null,
        tick: recorded?.tick ?? null,
        bytes: recorded?.bytes ?? runs.files(params.run).bytes,
      };
    },
  );
}

function missing(id: string): EverytickError {
  const next = "GET /v1/runs lists the runs that there are.";
  return new EverytickError("RUNS_MISSING", {
    expected: "a run that holds a tick",
    found: id,
    next,
  });
}
