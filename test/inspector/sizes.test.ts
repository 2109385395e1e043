/** What a browser loads: before the first picture, and in all. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const root = resolve(import.meta.dirname, "../..");

test("150 kB of packed scripts before the first picture, 250 kB in all; nothing is inline", () => {
  const folder = mkdtempSync(join(tmpdir(), "everytick-page-"));
  try {
    const vite = join(root, "node_modules/vite/bin/vite.js");
    const options = [vite, "build", "inspector", "--outDir", folder, "--logLevel", "error"];
    execFileSync(process.execPath, options, { cwd: root, stdio: "pipe" });
    const names = readdirSync(join(folder, "assets")).filter((name) => name.endsWith(".js"));
    const sizeOf = (name: string): number => {
      return gzipSync(readFileSync(join(folder, "assets", name)), { level: 9 }).length;
    };
    const sum = (chosen: readonly string[]): number => {
      return chosen.reduce((bytes, name) => bytes + sizeOf(name), 0);
    };
    const first = names.filter((name) => /^(index|engine-worker)-/.test(name));
    assert.equal(first.length, 2, names.join());
    assert(
      names.some((name) => name.startsWith("voxel-view-")),
      "voxels come on demand",
    );
    assert(
      names.some((name) => name.startsWith("graph-view-")),
      "graphs come on demand",
    );
    assert(
      names.some((name) => name.startsWith("probe-")),
      "a probe has a file of its own",
    );
    assert(sum(first) <= 150_000, `${sum(first)} bytes before the first picture`);
    assert(sum(names) <= 250_000, `${sum(names)} bytes in all`);
    const html = readFileSync(join(folder, "index.html"), "utf8");
    assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
