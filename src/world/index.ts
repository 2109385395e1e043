export { defineWorld, isWorld } from "./define.ts";
export { grid, value, type GridOptions } from "./stores.ts";
export { derived, edges, log, table } from "./tables.ts";
export { RandomStreams } from "./random.ts";
export { schemaOf, worldHashOf } from "./schema.ts";
