/** The way of the data, held to: a stage imports itself and stages to its left, and the reading half runs in a browser. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { test } from "node:test";

const stages = [
  "format",
  "world",
  "recorder",
  "journal",
  "timeline",
  "runs",
  "api",
  "torture",
  "cli",
];
const shared = ["errors", "assert", "limits", "ports", "types", "state-types", "damage-types"].map(
  (name) => `src/${name}.ts`,
);
const browserDoors = ["src/format/index.ts", "src/world/index.ts", "src/timeline/index.ts"];

const root = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const paths = globSync(["src/**/*.ts", "worlds/**/*.ts"], { cwd: root }).sort();
const sources = new Map(paths.map((path) => [path, read(path)]));

// --- What a source says ----------------------------------------------------------------------------------------

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const comments = /\/\*[^]*?\*\/|\/\/.*/;
const strings = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[^]|[^`\\])*`/;
const commentOrString = new RegExp(`${comments.source}|${strings.source}`, "g");
const statement =
  /^(?:import|export)\s+(?<type>type\s+(?!from\b|,))?(?:[\w$*{},\s]+?\sfrom\s*)?"(?<specifier>[^"\n]+)"/gm;
const expression = /\b(?:import\(\s*|new URL\(\s*(?="\.[^"]*\.ts"))"(?<specifier>[^"\n]+)"/g;

function withoutComments(text: string): string {
  return text.replace(commentOrString, (found) => (found.startsWith("/") ? " " : found));
}

function importsOf(text: string): Import[] {
  const code = withoutComments(text);
  return [...code.matchAll(statement), ...code.matchAll(expression)].map(({ groups }) => ({
    specifier: groups?.["specifier"] ?? "",
    typeOnly: groups?.["type"] !== undefined,
  }));
}

/** `Buffer` and `process` as globals: not a property, a word in a string or the name of a parameter. */
function nodeGlobalsOf(text: string): string[] {
  const code = withoutComments(text).replace(commentOrString, (found) =>
    found.startsWith("`") ? (found.match(/\$\{[^}]*\}/g) ?? []).join() : '""',
  );
  const globals = code.matchAll(/(?<![\w$#.])(Buffer(?![\w$])|process(?=\??\.|\[))/g);
  return [...globals].map((match) => match[0]);
}

const resolve = (path: string, specifier: string): string =>
  specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : specifier;

// --- The rules -------------------------------------------------------------------------------------------------

function mayImport(path: string, target: string): boolean {
  const [top, folder = ""] = path.split("/");
  if (target.startsWith("node:")) return mayUseNode(path);
  if (top === "worlds") {
    return /^everytick(\/|$)/.test(target) || target.startsWith(`worlds/${folder}/`);
  }
  if (!target.startsWith("src/")) return !/^(everytick|worlds|test|bench|\.\.)(\/|$)/.test(target);
  if (shared.includes(target)) return true;
  const targetFolder = target.split("/")[1] ?? "";
  const isAbove = ["api", "torture", "cli"].includes(targetFolder);
  if (folder === "index.ts") return stages.includes(targetFolder) && !isAbove;
  if (folder === "testing") return !isAbove;
  if (folder === "torture" && targetFolder === "testing") return true;
  return stages.includes(targetFolder) && stages.indexOf(targetFolder) <= stages.indexOf(folder);
}

function mayUseNode(path: string): boolean {
  return path.endsWith("-node.ts") || path.startsWith("src/cli/");
}

function violationsOf(path: string, text: string): string[] {
  const targets = importsOf(text).map(({ specifier }) => resolve(path, specifier));
  const violations = targets.filter((target) => !mayImport(path, target));
  if (!mayUseNode(path)) violations.push(...nodeGlobalsOf(text));
  return violations.map((what) => `${path}: ${what}`);
}

/** Everything that a browser would load with `path`, with the chain of files that leads to each `node:` module. */
function nodeModulesBehind(path: string, texts: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  const visit = (file: string, chain: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = texts.get(file);
    assert(text !== undefined, `${chain} does not exist`);
    for (const { specifier, typeOnly } of importsOf(text)) {
      if (typeOnly) continue;
      if (specifier.startsWith("node:")) found.push(`${chain} ▸ ${specifier}`);
      const target = resolve(file, specifier);
      if (specifier.startsWith(".")) visit(target, `${chain} ▸ ${target}`);
    }
  };
  visit(path, path);
  return found;
}

/** Every file that is loaded with `path`; what is imported later, by an expression, is not. */
function loadedBehind(path: string, texts: ReadonlyMap<string, string>): Set<string> {
  const loaded = new Set<string>();
  const visit = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    const code = withoutComments(texts.get(file) ?? "");
    for (const { groups } of code.matchAll(statement)) {
      const specifier = groups?.["specifier"] ?? "";
      if (groups?.["type"] === undefined && specifier.startsWith("."))
        visit(resolve(file, specifier));
    }
  };
  visit(path);
  return loaded;
}

// --- The tests -------------------------------------------------------------------------------------------------

test("every folder of src/ is a stage, or testing", () => {
  const folders = new Set(paths.filter((path) => /^src\/.*\//.test(path)).map(folderOf));
  assert.deepEqual([...folders].sort(), [...stages, "testing"].sort());
});

test("a file imports only its own stage, stages to its left and the shared files", () => {
  const violations = [...sources].flatMap(([path, text]) => violationsOf(path, text));
  assert.deepEqual(violations, []);
});

test("every relative import names a file that exists", () => {
  const missing = [...sources].flatMap(([path, text]) =>
    importsOf(text)
      .filter(({ specifier }) => specifier.startsWith("."))
      .map(({ specifier }) => resolve(path, specifier))
      .filter((target) => !existsSync(join(root, target)))
      .map((target) => `${path}: ${target}`),
  );
  assert.deepEqual(missing, []);
});

for (const door of browserDoors) {
  test(`${door} loads in a browser: no node: module behind it`, () => {
    assert.deepEqual(nodeModulesBehind(door, sources), []);
  });
}

test("the packages of the server are imported in src/api alone, and by nothing that its door loads", () => {
  const isServers = (specifier: string): boolean => /^(@?fastify|typebox)(\/|$)/.test(specifier);
  const importers = [...sources].filter(([, text]) =>
    importsOf(text).some(({ specifier }) => isServers(specifier)),
  );
  const users = importers.map(([path]) => path);
  assert(users.includes("src/api/app.ts"));
  assert.deepEqual(
    users.filter((path) => !path.startsWith("src/api/")),
    [],
  );
  for (const door of ["src/index.ts", "src/api/index.ts", "src/cli/main.ts"]) {
    const loaded = loadedBehind(door, sources);
    assert(loaded.size > 2, door);
    assert.deepEqual(
      users.filter((path) => loaded.has(path)),
      [],
      door,
    );
  }
});

test("src/README.md names the stages in the order of the data", () => {
  const rows = [...read("src/README.md").matchAll(/^(?:\||\d+\.)\W*([a-z]+)\b/gm)];
  const named = rows.map((row) => row[1] ?? "").filter((word) => stages.includes(word));
  assert.deepEqual(named, stages);
});

test("src/index.ts re-exports by name, in the order of the data", () => {
  const text = read("src/index.ts");
  const order = importsOf(text)
    .map(({ specifier }) => stages.indexOf(specifier.split("/")[1] ?? ""))
    .filter((index) => index >= 0);
  assert(order.length > 0);
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
  assert.doesNotMatch(text, /export \*/);
});

test("the rules can fail", () => {
  const forbidden: [path: string, text: string][] = [
    ["src/format/a.ts", 'import { b } from "../journal/b.ts";'],
    ["src/format/a.ts", 'export type {\n  B,\n  C,\n} from "../world/b.ts";'],
    ["src/world/a.ts", 'import "node:fs";'],
    ["src/world/a.ts", 'import type { Stats } from "node:fs";'],
    ["src/world/a.ts", 'const fs = await import("node:fs");'],
    ["src/world/a.ts", 'import { openRuns } from "everytick";'],
    ["src/world/a.ts", 'import { life } from "../../worlds/life/index.ts";'],
    ["src/journal/a.ts", 'const worker = new URL("../runs/worker-node.ts", import.meta.url);'],
    ["src/journal/a.ts", "const bytes = Buffer.from(text);"],
    ["src/journal/a.ts", "const text = `${process.env.HOME}`;"],
    ["src/runs/a.ts", 'import { faulty } from "../testing/index.ts";'],
    ["src/types.ts", 'import type { World } from "./world/index.ts";'],
    ["src/testing/a.ts", 'import { main } from "../cli/main.ts";'],
    ["src/index.ts", 'export { main } from "./cli/main.ts";'],
    ["src/index.ts", 'export { torture } from "./torture/index.ts";'],
    ["src/testing/a.ts", 'import { torture } from "../torture/index.ts";'],
    ["src/runs/a.ts", 'import { torture } from "../torture/index.ts";'],
    ["src/cli/a.ts", 'import { SimFs } from "../testing/index.ts";'],
    ["worlds/life/index.ts", 'import { grid } from "../../src/world/index.ts";'],
    ["worlds/life/index.ts", 'import { step } from "../sheep/step.ts";'],
  ];
  for (const [path, text] of forbidden) assert.equal(violationsOf(path, text).length, 1, text);

  const allowed: [path: string, text: string][] = [
    ["src/journal/a.ts", 'import { b } from "../format/b.ts";\nimport { c } from "./c.ts";'],
    ["src/journal/a.ts", '/** import { x } from "../cli/x.ts"; */ // Buffer.from, "process.env"'],
    ["src/journal/a.ts", 'const text = "Buffer.from"; const bytes = new ArrayBuffer(8);'],
    ["src/journal/vfs-node.ts", 'import { openSync } from "node:fs";\nBuffer.alloc(8);'],
    ["worlds/life/index.ts", 'import { grid } from "everytick/world";\nimport "./step.ts";'],
  ];
  for (const [path, text] of allowed) assert.deepEqual(violationsOf(path, text), []);

  const behind = new Map([
    ["a.ts", 'import type { Stats } from "./c-node.ts";\nexport { b } from "./b.ts";'],
    ["b.ts", 'import { type C, c } from "./c-node.ts";'],
    ["c-node.ts", 'import { statSync } from "node:fs";'],
  ]);
  assert.deepEqual(nodeModulesBehind("a.ts", behind), ["a.ts ▸ b.ts ▸ c-node.ts ▸ node:fs"]);
});

function folderOf(path: string): string {
  return path.split("/")[1] ?? "";
}
