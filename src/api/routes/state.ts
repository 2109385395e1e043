import { EverytickError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Run } from "../../runs/index.ts";
import type {
  GridSchema,
  LogView,
  NumericArray,
  StoreSchema,
  TableView,
  Tick,
} from "../../types.ts";
import { widths } from "../../format/column-types.ts";
import type { App, AppParts } from "../app.ts";
import { cellsIn, cellsOf, readRegion } from "../region.ts";
import {
  bytesSchema,
  problemSchema,
  stateParams,
  stateQuery,
  type StateQuery,
} from "../schemas.ts";
import { gridText, rowsText } from "../state-text.ts";

const raw = "application/octet-stream";
const json = "application/json; charset=utf-8";

/** What is sent of a state: made while the state stands, since nothing of it may be kept. */
interface Shown {
  readonly tick: Tick;
  readonly body: string | Uint8Array;
  readonly headers: { readonly [name: string]: string };
}

/** The state of a store at any tick. */
export function stateRoutes(app: App, { openRuns }: AppParts): void {
  app.get(
    "/v1/runs/:run/state/:store",
    {
      schema: {
        summary: "A store, or a region of it, at a tick",
        description:
          "Of a grid with `Accept: application/octet-stream` the bare numbers, row-major and little-endian; else JSON. " +
          "Of a table, edges or a log rows by slot, those behind `after`; of a value its one row.",
        params: stateParams,
        querystring: stateQuery,
        produces: [raw, "application/json"],
        response: { 200: bytesSchema, default: problemSchema },
      },
    },
    async ({ params, query, headers }, reply) => {
      const wantsRaw = prefersRaw(headers.accept);
      const shown = await openRuns.use(params.run, async (run) => {
        await run.refresh();
        const store = storeOf(run, params.store);
        return run.read(query.tick ?? run.tick, ({ tick, state }) => {
          const value = (state as { readonly [name: string]: unknown })[store.name];
          if (store.kind !== "grid")
            return { tick, body: rows(tick, store, value, query), headers: {} };
          return grid(tick, store, value as NumericArray, query.region, wantsRaw);
        });
      });
      reply.header("everytick-tick", shown.tick).header("vary", "accept").headers(shown.headers);
      return reply.type(typeof shown.body === "string" ? json : raw).send(shown.body);
    },
  );
}

/** @throws RUNS_STORE */
function storeOf({ id, card }: Run, name: string): StoreSchema {
  const stores = card.world.stores.filter((each) => !each.name.startsWith("$"));
  const store = stores.find((each) => each.name === name);
  if (store !== undefined) return store;
  const expected = stores.map((each) => JSON.stringify(each.name)).join(", ");
  throw new EverytickError("RUNS_STORE", { where: id, expected, found: JSON.stringify(name) });
}

function grid(
  tick: Tick,
  store: GridSchema,
  cells: NumericArray,
  text: string | undefined,
  wantsRaw: boolean,
): Shown {
  const region = readRegion(text, store);
  const count = cellsIn(region);
  const most = wantsRaw ? limits.servedStateBytes / widths[store.type] : limits.servedJsonCells;
  if (count > most) {
    const next = "Ask for a smaller region, or for application/octet-stream.";
    const [expected, found] = [`at most ${most} cells in one answer`, String(count)];
    throw new EverytickError("API_REQUEST", { where: "region", expected, found, next });
  }
  const chosen = cellsOf(cells, store.shape, region);
  const shape = region.map(([begin, end]) => end - begin).join(",");
  const headers = { "everytick-type": store.type, "everytick-shape": shape };
  if (!wantsRaw) return { tick, body: gridText(tick, store, region, chosen), headers };
  return { tick, body: new Uint8Array(chosen.buffer), headers };
}

function rows(
  tick: Tick,
  store: Exclude<StoreSchema, GridSchema>,
  value: unknown,
  { after = -1, limit = limits.servedRows }: StateQuery,
): string {
  return rowsText(tick, store, rowsBehind(store, value, after), limit);
}

function* rowsBehind(
  { kind }: StoreSchema,
  value: unknown,
  after: number,
): Generator<readonly [slot: number, row: object]> {
  if (kind === "value") {
    yield [0, value as object];
    return;
  }
  const [count, rowAt] = kind === "log" ? ofLog(value as LogView) : ofTable(value as TableView);
  for (let slot = after + 1; slot < count; slot++) {
    const row = rowAt(slot);
    if (row !== undefined) yield [slot, row];
  }
}

type Rows = readonly [count: number, rowAt: (slot: number) => object | undefined];
const ofLog = (log: LogView): Rows => [log.size, (slot) => log.at(slot)];
const ofTable = (table: TableView): Rows => [table.slotCount, (slot) => table.rowAt(slot)];

/** A client that names neither gets what it can read. */
function prefersRaw(accept: string | undefined): boolean {
  return accept?.includes(raw) === true && !accept.includes("application/json");
}
