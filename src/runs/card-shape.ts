import { formOf, isNumericType } from "../format/column-types.ts";
import { fixedBytes, layoutOf, randomStoreName } from "../format/layout.ts";
import { canonicalJson } from "../format/json.ts";
import { formatVersion } from "../format/segment.ts";
import { sha256Hex } from "../format/sha256.ts";
import { limits } from "../limits.ts";
import type { RunCard, WorldSchema } from "../types.ts";

export function isRunId(id: unknown): id is string {
  return isText(id, /^[a-z0-9][a-z0-9_-]{0,63}$/);
}

/** What is wrong with a card whose checksum is right, or `undefined`: somebody else may have written it. */
export function cardProblem(card: Partial<RunCard>): string | undefined {
  const { id, uuid, world, worldHash, seed, params, labels } = card;
  const { codeDigest, sparse, parent, createdAt } = card;
  if (!isRunId(id)) return "id";
  if (!isText(uuid, /^[0-9a-f]{32}$/)) return "uuid";
  if (!isText(worldHash, /^[0-9a-f]{64}$/)) return "worldHash";
  if (card.format !== formatVersion) return "format";
  if (codeDigest !== null && !isText(codeDigest, /^[0-9a-f]{64}$/)) return "codeDigest";
  if (typeof sparse !== "boolean") return "sparse";
  if (parent !== null && !isObject(parent)) return "parent";
  if (!isText(createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)) return "createdAt";
  if (!Number.isSafeInteger(seed)) return "seed";
  if (!isObject(params)) return "params";
  if (!isObject(labels)) return "labels";
  if (!isObject(world)) return "world";
  const problem = worldProblem(world);
  if (problem !== undefined) return problem;
  const isHash = sha256Hex(canonicalJson(world, "the world")) === worldHash;
  return isHash ? undefined : "worldHash, which is that of the world";
}

function worldProblem(world: Record<string, unknown>): string | undefined {
  const { name, version, params, stores, eras, strata } = world;
  if (typeof name !== "string") return "world.name";
  if (!Number.isSafeInteger(version)) return "world.version";
  if (!isObject(params)) return "world.params";
  if (!isTexts(eras) || !isTexts(strata)) return "world.eras and world.strata";
  const isMany = Array.isArray(stores) && stores.length > 0 && stores.length <= limits.stores + 1;
  if (!isMany) return "world.stores";
  const wrong = stores.findIndex((store) => !isStore(store));
  if (wrong !== -1) return `world.stores[${wrong}]`;
  const names = new Set(stores.map(({ name: store }: { readonly name: string }) => store));
  const hasRandom = (stores.at(-1) as { readonly name: string }).name === randomStoreName;
  if (names.size !== stores.length || !hasRandom)
    return "list of stores of different names that ends with $random";
  // Looked at before any memory is taken: a card of a few bytes can declare any size.
  const bytes = fixedBytes(layoutOf(world as unknown as WorldSchema));
  return bytes > limits.stateBytes ? "world.stores, no larger than a state may be" : undefined;
}

function isStore(store: unknown): boolean {
  if (!isObject(store)) return false;
  const { kind, name, role, type, shape, chunk, columns, key, from, to } = store;
  if (typeof name !== "string" || !roles.includes(role)) return false;
  const isRows = Array.isArray(columns) && columns.length <= columnsMax && columns.every(isColumn);
  if (kind === "value" || kind === "log") return isRows;
  if (kind === "table") return isRows && isTexts(key) && hasColumns(columns, key as string[]);
  if (kind === "edges") return isRows && isTexts([from, to]) && hasColumns(columns, ["from", "to"]);
  if (kind !== "grid" || typeof type !== "string" || !isNumericType(type)) return false;
  const isShape = isLengths(shape) && isLengths(chunk) && shape.length === chunk.length;
  const elements = isShape ? shape.reduce((product, length) => product * length, 1) : 0;
  return isShape && shape.length <= limits.gridRank && elements <= limits.gridElements;
}

/** Those of `edges` come with two more. */
const columnsMax = limits.columns + 2;

const roles: readonly unknown[] = ["causal", "observed", "static", "derived"];

function hasColumns(
  columns: readonly { readonly name: string }[],
  names: readonly string[],
): boolean {
  return names.length > 0 && names.every((name) => columns.some((column) => column.name === name));
}

function isColumn(column: unknown): boolean {
  if (!isObject(column) || typeof column["name"] !== "string") return false;
  const form = typeof column["type"] === "string" ? formOf(column["type"]) : undefined;
  return form !== undefined && form.width <= limits.columnBytes;
}

function isLengths(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((length) => Number.isSafeInteger(length) && length > 0)
  );
}

function isText(value: unknown, form: RegExp): value is string {
  return typeof value === "string" && form.test(value);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
