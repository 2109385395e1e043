/**
 * The packed tarball, seen as a user sees it: installed into an empty folder outside the repository, every subpath
 * imported, the command started, a TypeScript program checked against the declarations and run. Needs `npm run build` first.
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const consumer = `import { grid, openRuns } from "everytick";
await using runs = await openRuns("./runs");
await using run = await runs.record("life", { state: { cells: grid("u8", [64, 64]) }, seed: 42 });
await run.commit();
const cells: Uint8Array = (await run.at(run.tick)).state.cells;
if (cells.length !== 64 * 64) throw new Error("the recorded state is not what was given");
console.log("recorded and read back tick", run.tick);
`;

interface Package {
  readonly name: string;
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly exports: Readonly<Record<string, unknown>>;
}
interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "everytick-pack-"));
const { name, version, engines, exports } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
) as Package;

try {
  const tarball = pack();
  install(tarball);
  importEverySubpath();
  startTheCommand();
  checkAndRunConsumer();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function pack(): string {
  const output = npm(root, "pack", "--json", "--ignore-scripts", "--pack-destination", folder);
  const packed = (JSON.parse(output) as Packed[])[0];
  assert(packed);
  const paths = packed.files.map((file) => file.path);
  const foreign = paths.filter(
    (path) => !/^(bin\/|dist\/(src|worlds|inspector)\/|[A-Z]+(\.md)?$|package\.json$)/.test(path),
  );
  assert.deepEqual(foreign, [], "files that a user has no need of");
  const sources = paths.filter((path) => /\.test\.|(?<!\.d)\.ts$/.test(path));
  assert.deepEqual(sources, [], "tests or TypeScript sources");
  for (const path of ["README.md", "LICENSE", "bin/everytick.cjs", "dist/inspector/index.html"])
    assert(paths.includes(path), path);
  console.log(`${packed.filename}: ${paths.length} files, ${packed.unpackedSize} bytes`);
  return join(folder, packed.filename);
}

function install(tarball: string): void {
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  npm(folder, "install", "--prefer-offline", "--no-audit", "--no-fund", tarball);
}

function importEverySubpath(): void {
  const specifiers = Object.keys(exports).map((subpath) => name + subpath.slice(1));
  const program = `for (const specifier of ${JSON.stringify(specifiers)}) {
    const names = Object.keys(await import(specifier));
    if (names.length === 0) throw new Error(specifier + " exports nothing");
    console.log(specifier, names.length);
  }`;
  console.log(node("--input-type=module", "--eval", program));
}

function startTheCommand(): void {
  const command = join(folder, "node_modules", name, "bin", "everytick.cjs");
  assert.equal(node(command, "--version").trim(), version);

  const minimum = engines.node.replace(">=", "");
  for (const old of ["18.20.8", "24.14.9"]) {
    const program = `Object.defineProperty(process.versions, "node", { value: "${old}" });
      require(${JSON.stringify(command)});`;
    const { status, stderr } = spawnSync(process.execPath, ["--eval", program], {
      encoding: "utf8",
    });
    assert.equal(status, 1, `the command starts on Node ${old}`);
    assert(stderr.includes(`Node ${minimum} or newer; this is Node ${old}`), stderr);
  }
}

function checkAndRunConsumer(): void {
  writeFileSync(join(folder, "consumer.ts"), consumer);
  const compilerOptions = {
    target: "esnext",
    module: "nodenext",
    strict: true,
    noEmit: true,
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  };
  const config = JSON.stringify({ compilerOptions, files: ["consumer.ts"] });
  writeFileSync(join(folder, "tsconfig.json"), config);
  node(join(root, "node_modules/typescript/bin/tsc"), "--project", folder);
  console.log(node("consumer.ts"));
}

function node(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
}

/** npm itself, run by the Node that runs this file. */
function npm(cwd: string, ...args: string[]): string {
  const cli = process.env["npm_execpath"];
  assert(cli, "start this with `npm exec --call`");
  return execFileSync(process.execPath, [cli, ...args], { cwd, encoding: "utf8" });
}
