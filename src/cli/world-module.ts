import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { EverytickError } from "../errors.ts";
import { sha256Hex } from "../format/sha256.ts";
import type { AnyWorld } from "../types.ts";
import { isWorld } from "../world/index.ts";
import { nearest } from "./nearest.ts";

/** Worlds that come with the package, by the name one types. */
const builtInWorlds: { readonly [name: string]: string } = {
  automaton: "everytick/worlds/automaton",
  "wolf-sheep": "everytick/worlds/wolf-sheep",
};
export const builtInNames: readonly string[] = Object.keys(builtInWorlds);

/** The label that remembers where a run's world came from, so that `resume` needs only the run. */
export const worldLabel = "everytick.world";

/** The digest of no code: of a run whose simulation is another program. */
export const codeOfNone = sha256Hex("");

export interface WorldModule {
  readonly world: AnyWorld;
  /** What to write into the label: a built-in name, or an absolute path. */
  readonly origin: string;
  /** SHA-256 of the module's source file, hex. */
  readonly codeDigest: string;
  readonly exports: { readonly [name: string]: unknown };
}

/** Loads a built-in world by name, or the module at a path. */
export async function loadWorld(nameOrPath: string): Promise<WorldModule> {
  const builtIn = Object.hasOwn(builtInWorlds, nameOrPath) ? builtInWorlds[nameOrPath] : undefined;
  const origin = builtIn === undefined ? resolve(nameOrPath) : nameOrPath;
  const url =
    builtIn === undefined ? await fileUrl(nameOrPath, origin) : import.meta.resolve(builtIn);
  const exports = await importModule(url, origin);
  const codeDigest = createHash("sha256")
    .update(await readFile(fileURLToPath(url)))
    .digest("hex");
  return { world: pickWorld(exports, origin), origin, codeDigest, exports };
}

async function fileUrl(typed: string, path: string): Promise<string> {
  const entry = await stat(path).catch(() => undefined);
  if (entry?.isFile() === true) return pathToFileURL(path).href;
  const meant = nearest(typed, builtInNames);
  throw new EverytickError("WORLD_MODULE", {
    where: path,
    expected: `a module file, or the name of a world that comes with everytick: ${builtInNames.join(", ")}`,
    found: entry === undefined ? "no such file" : "a folder",
    next: meant === undefined ? undefined : `did you mean ${meant}?`,
  });
}

async function importModule(url: string, where: string): Promise<WorldModule["exports"]> {
  try {
    return (await import(url)) as WorldModule["exports"];
  } catch (cause) {
    throw new EverytickError(
      "WORLD_MODULE",
      { where, expected: "a module that loads", found: String(cause), next: loadingHint(cause) },
      { cause },
    );
  }
}

function loadingHint(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !("code" in cause)) return undefined;
  switch (cause.code) {
    case "ERR_UNKNOWN_FILE_EXTENSION":
      return "name a .ts, .mts, .js or .mjs file";
    case "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX":
      return "Node strips types only: replace enums, namespaces and parameter properties";
    default:
      return undefined;
  }
}

/** The export named `world`, or else the only one that is a world. */
function pickWorld(exports: WorldModule["exports"], where: string): AnyWorld {
  if (isWorld(exports["world"])) return exports["world"];
  const worlds = new Set(Object.values(exports).filter((value) => isWorld(value)));
  const [only] = worlds;
  if (only !== undefined && worlds.size === 1) return only;
  const names = Object.keys(exports);
  throw new EverytickError("WORLD_MODULE", {
    where,
    expected: "an export named world, made by defineWorld, or exactly one such export",
    found: worlds.size > 1 ? `${worlds.size} worlds` : `exports: ${names.join(", ") || "none"}`,
    next: `export const world = defineWorld({ … })`,
  });
}
