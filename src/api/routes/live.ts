import type { App, AppParts } from "../app.ts";
import { textStream } from "../event-stream-node.ts";
import { LiveWatches, type LiveTick } from "../live-watch.ts";
import { problemOf } from "../problem.ts";
import { bytesSchema, liveHeaders, problemSchema, runParams } from "../schemas.ts";

/** Ticks of a run as they are recorded, as a stream of server-sent events. */
export function liveRoutes(app: App, { runs, clock, stopping }: AppParts): void {
  const watches = new LiveWatches(runs, clock);
  app.get(
    "/v1/runs/:run/live",
    {
      schema: {
        summary: "How far a run is, whenever that changes",
        description:
          "Server-sent events; the id of each is its tick. `data` is { after, tick, firstTick, isRecording }: the ticks from " +
          "`after` on, that one excluded, up to `tick` have not been told yet. Who reads slowly gets fewer events, and the latest.",
        params: runParams,
        headers: liveHeaders,
        produces: ["text/event-stream"],
        response: { 200: bytesSchema, default: problemSchema },
      },
    },
    async (request, reply) => {
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      const ticks = watches.follow(request.params.run, AbortSignal.any([gone.signal, stopping]));
      // What is wrong from the start is an answer of its own.
      const first = await ticks.next();
      const after = lastTold(request.headers["last-event-id"]);
      reply.type("text/event-stream").header("cache-control", "no-store");
      return reply.send(textStream(events(first, ticks, after)));
    },
  );
}

async function* events(
  first: IteratorResult<LiveTick, void>,
  ticks: AsyncGenerator<LiveTick, void, undefined>,
  after: number | null,
): AsyncGenerator<string> {
  let told = after;
  try {
    for (let next = first; next.done !== true; next = await ticks.next()) {
      const { tick } = next.value;
      yield `id: ${tick}\ndata: ${JSON.stringify({ after: told, ...next.value })}\n\n`;
      told = tick;
    }
  } catch (error) {
    yield `event: problem\ndata: ${JSON.stringify(problemOf(error))}\n\n`;
  } finally {
    await ticks.return();
  }
}

/** `null`: nothing was told yet. */
function lastTold(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : null;
}
