import type { Activity } from "../../timeline/activity.ts";
import type { App, AppParts } from "../app.ts";
import { problemOf } from "../problem.ts";
import { problemSchema, runParams, seriesQuery, seriesSchema, type Series } from "../schemas.ts";

const pointsByDefault = 1000;

/** How much the ticks changed, for the strip under a picture. */
export function seriesRoutes(app: App, { openRuns }: AppParts): void {
  app.get(
    "/v1/runs/:run/series",
    {
      schema: {
        summary: "What each tick changed or weighs, exact in every bucket",
        description:
          "Bucket i covers the ticks [from + i · width, from + (i + 1) · width). Nothing is sampled: the mean is sum / count.",
        params: runParams,
        querystring: seriesQuery,
        response: { 200: seriesSchema, default: problemSchema },
      },
    },
    async ({ params, query }) => {
      const { name, from, to, points = pointsByDefault } = query;
      return openRuns.use(params.run, async (run) => {
        await run.refresh();
        return seriesOf(name, await run.activity({ measure: name, from, to, points }));
      });
    },
  );
}

function seriesOf(
  name: Series["name"],
  { from, to, width, count, min, max, sum, damage }: Activity,
): Series {
  const present = (values: Float64Array): (number | null)[] =>
    Array.from(values, (value, at) => (count[at] === 0 ? null : value));
  return {
    name,
    from,
    to,
    width,
    count: [...count],
    min: present(min),
    max: present(max),
    sum: present(sum),
    damage: damage.map((error) => problemOf(error)),
  };
}
