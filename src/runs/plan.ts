import { EverytickError, type ErrorDetails } from "../errors.ts";
import { canonicalJson } from "../format/json.ts";
import { fixedBytes, layoutOf } from "../format/layout.ts";
import { sha256Hex } from "../format/sha256.ts";
import { limits } from "../limits.ts";
import type {
  AnyWorld,
  Durability,
  Params,
  RecordCommonOptions,
  RunCard,
  StateDefinition,
  WorldSchema,
} from "../types.ts";
import { isWorld, stateOf } from "../world/define.ts";
import { checkParam, resolveParams } from "../world/params.ts";
import { schemaOf, typesOf } from "../world/schema.ts";
import { callUserCode } from "../world/user-code.ts";
import { worldDifference } from "./world-difference.ts";

/** The options of `record`, whichever door they came through. */
export type AnyRecordOptions = RecordCommonOptions & {
  readonly world?: AnyWorld;
  readonly state?: StateDefinition;
  readonly capture?: (state: never) => void;
  readonly restore?: (state: never) => void;
  readonly streams?: readonly string[];
  readonly params?: { readonly [name: string]: Params[string] | undefined };
};

/** The world of runs that are recorded without one. */
const unnamed = "unnamed";

/** What is to be recorded, checked before anything is touched. */
export interface RecordPlan {
  readonly world: AnyWorld | undefined;
  readonly definition: StateDefinition;
  readonly schema: WorldSchema;
  readonly params: Params;
  readonly seed: number;
  readonly labels: { readonly [name: string]: string };
  readonly codeDigest: string | null;
  readonly durability: Durability;
  readonly window: number;
  readonly sparse: boolean;
}

/**
 * Checks the options of `record`, against the card of an existing run if there is one.
 * @throws RECORDER_OPTION, WORLD_DEFINITION, WORLD_PARAM, RUNS_WORLD, RUNS_PARAMS
 */
export function planRecording(
  options: AnyRecordOptions,
  existing: RunCard | undefined,
): RecordPlan {
  const { world } = options;
  if (world !== undefined && !isWorld(world)) {
    throw badOption("world", "what defineWorld returns", typeof world);
  }
  if (existing !== undefined) checkName(existing, world);
  if (existing !== undefined && world !== undefined) checkParamTypes(existing, world);
  const params = paramsFor(options, existing);
  const definition = world === undefined ? options.state : stateOf(world, params);
  if (typeof definition !== "object" || definition === null) {
    throw badOption("state", "stores by name, or a world", typeof definition);
  }
  const schema = schemaOf({
    name: world?.name ?? unnamed,
    version: world?.version ?? 0,
    params,
    state: definition,
    streams: world?.streams ?? options.streams,
    eras: world?.eras,
    strata: world?.strata,
  });
  if (existing !== undefined) checkWorld(existing, schema);
  checkSize(schema);
  return {
    world,
    definition,
    schema,
    params,
    seed: seedFor(options.seed, existing),
    labels: existing?.labels ?? labelsFor(options, params),
    codeDigest: checkedDigest(options.codeDigest) ?? codeDigestOf(world),
    durability: oneOf("durability", options.durability, ["fsync", "os", "memory"]),
    window: windowOf(options.window),
    sparse: existing?.sparse ?? checkedFlag("sparse", options.sparse),
  };
}

function paramsFor(
  { world, params = {} }: AnyRecordOptions,
  existing: RunCard | undefined,
): Params {
  if (existing === undefined) {
    return world === undefined
      ? checkedParams(params)
      : resolveParams(world.params, params as Params);
  }
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || existing.params[name] === value) continue;
    const [expected, found] = [String(existing.params[name]), String(value)];
    throw otherParams(name, expected, found);
  }
  return existing.params;
}

function checkedParams(params: NonNullable<AnyRecordOptions["params"]>): Params {
  for (const [name, value] of Object.entries(params)) checkParam(name, value);
  return { ...params } as Params;
}

function seedFor(seed: number | undefined, existing: RunCard | undefined): number {
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    throw badOption("seed", "a safe integer", String(seed));
  }
  if (existing === undefined) return seed ?? 0;
  if (seed !== undefined && seed !== existing.seed) {
    throw otherParams("seed", String(existing.seed), String(seed));
  }
  return existing.seed;
}

function otherParams(where: string, expected: string, found: string): EverytickError {
  const next = "Leave it out to continue the run, or record under another id.";
  return new EverytickError("RUNS_PARAMS", { where, expected, found, next });
}

function labelsFor({ world, labels = {} }: AnyRecordOptions, params: Params): RunCard["labels"] {
  const where = `labels of world ${world?.name ?? unnamed}`;
  const call = (): RunCard["labels"] => world?.labels?.(params as never) ?? {};
  const own = callUserCode(where, "Nothing was recorded.", call);
  const all = { ...own, ...labels };
  for (const [name, text] of Object.entries(all)) {
    if (typeof text !== "string") throw badOption(`label ${name}`, "a text", typeof text);
  }
  canonicalJson(all, "labels");
  return all;
}

/** Before anything of the world is asked: its code may not even understand another world's parameters. */
function checkName({ world: recorded }: RunCard, world: AnyWorld | undefined): void {
  const found = world?.name ?? unnamed;
  if (recorded.name === found) return;
  throw otherWorld({ where: "the world's name", expected: recorded.name, found });
}

/** The same for the names and types of its parameters. */
function checkParamTypes({ world: recorded }: RunCard, world: AnyWorld): void {
  const where = "the world's params";
  const expected = canonicalJson(recorded.params, where);
  const found = canonicalJson(typesOf(world.params), where);
  if (expected !== found) throw otherWorld({ where, expected, found });
}

function checkSize(schema: WorldSchema): void {
  const bytes = fixedBytes(layoutOf(schema));
  if (bytes <= limits.stateBytes) return;
  const expected = `at most ${limits.stateBytes} bytes`;
  throw new EverytickError("WORLD_DEFINITION", {
    where: "the state",
    expected,
    found: `${bytes} bytes`,
  });
}

function checkWorld(existing: RunCard, schema: WorldSchema): void {
  const difference = worldDifference(existing.world, schema);
  if (difference !== undefined) throw otherWorld(difference);
}

function otherWorld(difference: ErrorDetails): EverytickError {
  const next = "Continue with the world it was recorded with, or record under another id.";
  return new EverytickError("RUNS_WORLD", { ...difference, next });
}

/** Of the world's own functions; a module's other code is covered when the caller passes its digest. */
function codeDigestOf(world: AnyWorld | undefined): string | null {
  if (world === undefined) return null;
  return sha256Hex(`${String(world.init)}\n${String(world.step)}`);
}

function checkedDigest(digest: string | undefined): string | undefined {
  if (digest === undefined || /^[0-9a-f]{64}$/.test(digest)) return digest;
  throw badOption("codeDigest", "64 lower-case hex digits", JSON.stringify(digest));
}

function checkedFlag(where: string, flag = false): boolean {
  if (typeof flag === "boolean") return flag;
  throw badOption(where, "true or false", String(flag));
}

function windowOf(window = 0): number {
  if (Number.isSafeInteger(window) && window >= 0 && window <= limits.window) return window;
  throw badOption("window", `a whole number from 0 to ${limits.window}`, String(window));
}

function oneOf<T extends string>(
  where: string,
  value: T | undefined,
  known: readonly [T, ...T[]],
): T {
  const chosen = value ?? known[0];
  if (known.includes(chosen)) return chosen;
  throw badOption(where, known.join(", "), String(value));
}

export function badOption(where: string, expected: string, found: string): EverytickError {
  return new EverytickError("RECORDER_OPTION", { where, expected, found });
}
