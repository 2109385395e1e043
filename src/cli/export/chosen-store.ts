import { EverytickError } from "../../errors.ts";
import type { Run, Runs } from "../../runs/index.ts";
import type { AnyWorld, RunCard, StoreSchema } from "../../types.ts";
import { nearest } from "../nearest.ts";
import { visible } from "../output.ts";
import { suggestion } from "../shell.ts";
import { usageError } from "../usage.ts";
import { builtInNames, loadWorld, worldLabel } from "../world-module.ts";

interface StoreOptions {
  readonly store?: string;
  readonly world?: string;
  readonly dir: string;
}

/** The store of that name, or the only one. @throws CLI_USAGE, RUNS_STORE */
export function chosenStore({ id, world }: RunCard, name: string | undefined): StoreSchema {
  // The last store holds the random streams.
  const stores = world.stores.slice(0, -1);
  const found =
    name === undefined && stores.length === 1
      ? stores[0]
      : stores.find((each) => each.name === name);
  if (found !== undefined) return found;
  const listed = stores.map(
    (each) => `${visible(each.name)} (${each.role === "derived" ? "derived " : ""}${each.kind})`,
  );
  if (name === undefined) {
    throw usageError({
      where: `run ${id}`,
      expected: `--store, one of ${listed.join(", ")}`,
      found: "no --store",
    });
  }
  const meant = nearest(
    name,
    stores.map((each) => each.name),
  );
  throw new EverytickError("RUNS_STORE", {
    where: `run ${id}`,
    expected: `one of ${listed.join(", ")}`,
    found: name,
    next: meant === undefined ? undefined : `did you mean --store ${meant}?`,
  });
}

/** Opens a run to export a store of it. Only a derived store needs the world, whose code then runs. */
export async function openFor(runs: Runs, id: string, options: StoreOptions): Promise<Run> {
  const run = await runs.open(id);
  const store = chosenStore(run.card, options.store);
  if (store.role !== "derived") return run;
  await run.close();
  return runs.open(id, { world: await worldOf(run.card, store, options) });
}

async function worldOf(
  card: RunCard,
  store: StoreSchema,
  options: StoreOptions,
): Promise<AnyWorld> {
  const origin = options.world ?? card.labels[worldLabel];
  // A module at a path is somebody's code: it runs only if it is named here.
  if (origin !== undefined && (options.world !== undefined || builtInNames.includes(origin))) {
    return (await loadWorld(origin)).world;
  }
  const where = `run ${card.id}, store ${store.name}`;
  const words = [
    "export",
    card.id,
    "--store",
    store.name,
    "--world",
    origin ?? "./path/to/its/module.ts",
  ];
  throw new EverytickError("WORLD_DERIVED", { where, next: suggestion(options.dir, ...words) });
}
