export { catalogue } from "./catalogue.ts";
export { type Row, type Tier, tiers } from "./row.ts";
export { type RowReport, torture } from "./torture.ts";
