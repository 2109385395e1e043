/** Names that a killed process left undurable: the next one syncs each of them, whoever made it. */
import assert from "node:assert/strict";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { test, type TestContext } from "node:test";
import { nodeVfs } from "../../src/journal/vfs-node.ts";

/** The folders that are synced while this is done. */
function syncedBy(t: TestContext, work: () => void): Set<string> {
  const { openSync, fsyncSync } = fs;
  const names = new Map<number, string>();
  const synced = new Set<string>();
  t.mock.method(fs, "openSync", (path: string, flags: string) => {
    const descriptor = openSync(path, flags);
    names.set(descriptor, path);
    return descriptor;
  });
  t.mock.method(fs, "fsyncSync", (descriptor: number) => {
    synced.add(names.get(descriptor) ?? "");
    fsyncSync(descriptor);
  });
  syncBuiltinESMExports();
  try {
    work();
  } finally {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  }
  return synced;
}

function folder(t: TestContext): string {
  const path = fs.mkdtempSync(join(tmpdir(), "everytick-names-"));
  t.after(() => fs.rmSync(path, { recursive: true }));
  return path;
}

test("J1, J10: the names of all folders above are durable, also those that a killed process made", (t) => {
  const path = folder(t);
  for (const below of ["made/by/nobody", "a/b", "a/b/c", "a/b/c"]) {
    const left = join(path, below);
    if (below === "a/b") fs.mkdirSync(left, { recursive: true });
    const synced = syncedBy(t, () => nodeVfs.makeDirectory(join(path, below, "journal")));
    for (let name = join(left, "journal"); name !== dirname(path); name = dirname(name)) {
      assert(synced.has(dirname(name)), `the name of ${name} is not synced`);
    }
  }
});

test("J1, J10: a folder is the same by its name from here", (t) => {
  const path = folder(t);
  const name = relative(process.cwd(), join(path, "runs"));
  assert(syncedBy(t, () => nodeVfs.makeDirectory(name)).has(dirname(path)));
});

test("J1: a folder above that cannot be synced is not ours; one that fails is told", (t) => {
  const path = folder(t);
  const { openSync } = fs;
  const failing = (code: string): void => {
    t.mock.method(fs, "openSync", (name: string, flags: string) => {
      if (name === dirname(path)) throw Object.assign(new Error(code), { code });
      return openSync(name, flags);
    });
    syncBuiltinESMExports();
  };
  t.after(() => syncBuiltinESMExports());
  for (const code of ["EACCES", "EINVAL"]) {
    failing(code);
    nodeVfs.makeDirectory(join(path, "a", "b"));
    t.mock.restoreAll();
  }
  failing("EIO");
  assert.throws(() => nodeVfs.makeDirectory(join(path, "a", "b")), { code: "EIO" });
});

test("J10: two processes may make the same folders at the same time", (t) => {
  const root = folder(t);
  const { mkdirSync } = fs;
  t.mock.method(fs, "mkdirSync", (path: string) => {
    mkdirSync(path);
    // The other process was first.
    mkdirSync(path);
  });
  syncBuiltinESMExports();
  try {
    nodeVfs.makeDirectory(join(root, "a", "b", "c"));
  } finally {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  }
  assert(fs.statSync(join(root, "a", "b", "c")).isDirectory());
});
