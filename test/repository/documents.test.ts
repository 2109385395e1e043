import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { errorCodes } from "everytick";

const root = resolve(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

test("docs/errors.md has an entry for each code, in order, and no other", () => {
  const entries = [...read("docs/errors.md").matchAll(/^### ([A-Z_]+)$/gm)].map(([, code]) => code);
  assert.deepEqual(entries, Object.keys(errorCodes));
});

test("each error code is provoked by a test", () => {
  const tests = globSync("test/**/*.ts", { cwd: root })
    .filter((path) => !path.endsWith("documents.test.ts"))
    .map(read)
    .join("\n");
  const silent = Object.keys(errorCodes).filter((code) => !tests.includes(code));
  assert.deepEqual(silent, []);
});

/** The TypeScript of the README, block by block. */
const snippets = [...read("README.md").matchAll(/```ts\n([\s\S]*?)```/g)].map(
  ([, code = ""]) => code,
);

/** Runs a snippet `times` times in a folder of its own. @returns the lines that each printed. */
function runSnippet(snippet: string, times: number): string[][] {
  const folder = mkdtempSync(join(tmpdir(), "everytick-readme-"));
  try {
    // The package is found by its own name, as a reader's project finds it.
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const program = snippet.replaceAll('"everytick"', JSON.stringify(join(root, "src/index.ts")));
    writeFileSync(join(folder, "program.ts"), program);
    const options = { cwd: folder, encoding: "utf8" } as const;
    return Array.from({ length: times }, () =>
      execFileSync(process.execPath, ["--conditions=source", "program.ts"], options)
        .trim()
        .split("\n"),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("the README's fifteen lines record, resume and play backwards", () => {
  const snippet = snippets[0] as string;
  const code = snippet.split("\n").filter((line) => line.trim() !== "");
  assert.ok(code.length <= 15, `${code.length} lines`);
  const [first = [], second] = runSnippet(snippet, 2);
  assert.equal(first.length, 101);
  assert.match(first[0] ?? "", /^600 [0-9a-f]{32}$/);
  assert.match(first[100] ?? "", /^500 [0-9a-f]{32}$/);
  assert.deepEqual(second, first, "the second start finds everything recorded");
});

test("T8, T9: the README's rows, graph and log are read back as it says", () => {
  const [lines = []] = runSnippet(snippets[1] as string, 1);
  assert.match(lines[0] ?? "", /^\{ id: 2, at: Float32Array\(2\) \[ 0, 1 \], energy: 1/);
  assert.match(lines[0] ?? "", /from: 2, to: 1, trust: 0.5/);
  assert.deepEqual(lines.slice(1), ["2 hunger", "0 0", "1 2", "2 1"]);
  assert.equal(snippets.length, 2, "each snippet has its test");
});

test("the README names only commands that exist", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  for (const [, script] of read("README.md").matchAll(/npm run ([a-z]+)/g)) {
    assert.ok(script !== undefined && script in scripts, script);
  }
  const help = execFileSync(
    process.execPath,
    ["--conditions=source", join(root, "src/cli/main.ts"), "--help"],
    {
      encoding: "utf8",
    },
  );
  for (const [, command] of read("README.md").matchAll(/npm run everytick -- ([a-z]+)/g)) {
    assert.match(help, new RegExp(`^\\s+${command}\\b`, "m"));
  }
});

test("a link in a document leads to a file", () => {
  for (const document of globSync(["*.md", "docs/*.md", "src/*.md", "worlds/*/README.md"], {
    cwd: root,
  })) {
    for (const [, target] of read(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      const path = join(root, document, "..", target ?? "");
      assert.doesNotThrow(() => readFileSync(path), `${document} links to ${target}`);
    }
  }
});
