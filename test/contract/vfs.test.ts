/** One suite for every implementation of `Vfs`: the machine's own files, their twin in memory, and a simulated disk. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { nodeVfs } from "../../src/journal/vfs-node.ts";
import { MemoryVfs, SimFs } from "../../src/testing/index.ts";
import type { Vfs } from "../../src/types.ts";

const machineFolder = mkdtempSync(join(tmpdir(), "everytick-vfs-"));
after(() => rmSync(machineFolder, { recursive: true, force: true }));
const memory = new MemoryVfs();
memory.makeDirectory("/base");
const simulated = new SimFs();
simulated.makeDirectory("/base");

const implementations: [name: string, vfs: Vfs, base: string][] = [
  ["the machine's files", nodeVfs, machineFolder],
  ["files in memory", memory, "/base"],
  ["a simulated disk", simulated, "/base"],
];

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** A file with this content. */
function put(vfs: Vfs, path: string, content: Uint8Array): void {
  const file = vfs.open(path, "create");
  file.write(content, 0);
  file.close();
}

for (const [name, vfs, base] of implementations) {
  let number = 0;
  /** An empty folder of its own for each test. */
  const folder = (): string => {
    const path = `${base}/${number++}`;
    vfs.makeDirectory(path);
    return path;
  };

  suite(`J1: the contract of Vfs, held by ${name}`, () => {
    test("a folder is made with those above it, and again", () => {
      const path = folder();
      vfs.makeDirectory(`${path}/a/b/c`);
      vfs.makeDirectory(`${path}/a/b/c`);
      assert.deepEqual(vfs.list(path), ["a"]);
      assert.deepEqual(vfs.list(`${path}/a/b`), ["c"]);
      assert.equal(vfs.stat(`${path}/a/b/c`)?.directory, true);
      put(vfs, `${path}/file`, bytes());
      assert.throws(() => vfs.makeDirectory(`${path}/file`), { code: "EEXIST" });
      assert.throws(() => vfs.makeDirectory(`${path}/file/below`));
    });

    test("names are sorted, files and folders alike; what is not there has none", () => {
      const path = folder();
      for (const one of ["b", "a10", "a9", "Z", "é"]) put(vfs, `${path}/${one}`, bytes());
      vfs.makeDirectory(`${path}/a`);
      assert.deepEqual(vfs.list(path), ["Z", "a", "a10", "a9", "b", "é"]);
      assert.equal(vfs.list(`${path}/nothing`), undefined);
      assert.equal(vfs.list(`${path}/b`), undefined);
      assert.deepEqual(vfs.list(`${path}/a`), []);
    });

    test("stat tells sizes and folders, and nothing of what is not there", () => {
      const path = folder();
      put(vfs, `${path}/file`, bytes(1, 2, 3));
      const { size, directory, version, isLink } = vfs.stat(`${path}/file`)!;
      assert.deepEqual([size, directory, isLink ?? false], [3, false, false]);
      put(vfs, `${path}/other`, bytes(1, 2, 3));
      if (version !== undefined) assert.notEqual(vfs.stat(`${path}/other`)?.version, version);
      assert.equal(vfs.stat(path)?.directory, true);
      assert.equal(vfs.stat(`${path}/nothing`), undefined);
      assert.equal(vfs.stat(`${path}/file/below`), undefined);
    });

    test("`create` makes a new file and refuses an old one, `update` the other way round", () => {
      const path = `${folder()}/file`;
      assert.throws(() => vfs.open(path, "update"), { code: "ENOENT" });
      put(vfs, path, bytes(1));
      assert.throws(() => vfs.open(path, "create"), { code: "EEXIST" });
      const file = vfs.open(path, "update");
      file.write(bytes(2), 1);
      file.close();
      assert.deepEqual(vfs.read(path), bytes(1, 2));
      assert.throws(() => vfs.open(`${path}-folder/file`, "create"), { code: "ENOENT" });
    });

    test("writes land at their offset; a hole reads as zeros, a cut is a cut", () => {
      const path = `${folder()}/file`;
      const file = vfs.open(path, "create");
      file.write(bytes(), 0);
      assert.equal(vfs.stat(path)?.size, 0);
      file.write(bytes(1, 2, 3), 2);
      assert.deepEqual(vfs.read(path), bytes(0, 0, 1, 2, 3));
      file.write(bytes(9), 3);
      file.truncate(4);
      assert.deepEqual(vfs.read(path), bytes(0, 0, 1, 9));
      file.truncate(6);
      assert.deepEqual(vfs.read(path), bytes(0, 0, 1, 9, 0, 0));
      file.truncate(0);
      file.write(bytes(5), 0);
      file.sync();
      file.close();
      assert.deepEqual(vfs.read(path), bytes(5));
    });

    test("what was written is the writer's own: later changes of its buffer are not seen", () => {
      const path = `${folder()}/file`;
      const content = bytes(1, 2, 3);
      put(vfs, path, content);
      content.fill(9);
      const read = vfs.read(path);
      assert.deepEqual(read, bytes(1, 2, 3));
      read.fill(8);
      assert.deepEqual(vfs.read(path), bytes(1, 2, 3));
    });

    test("a view of a larger buffer is written alone", () => {
      const path = `${folder()}/file`;
      put(vfs, path, bytes(0, 1, 2, 3, 4).subarray(1, 4));
      assert.deepEqual(vfs.read(path), bytes(1, 2, 3));
    });

    test("a rename moves a file, over another one if need be", () => {
      const path = folder();
      put(vfs, `${path}/a`, bytes(1));
      put(vfs, `${path}/b`, bytes(2));
      vfs.rename(`${path}/a`, `${path}/b`);
      assert.deepEqual([vfs.list(path), vfs.read(`${path}/b`)], [["b"], bytes(1)]);
      vfs.makeDirectory(`${path}/torn`);
      vfs.rename(`${path}/b`, `${path}/torn/b`);
      assert.deepEqual(vfs.list(`${path}/torn`), ["b"]);
      assert.throws(() => vfs.rename(`${path}/b`, `${path}/c`), { code: "ENOENT" });
      assert.throws(() => vfs.rename(`${path}/torn/b`, `${path}/nowhere/b`), { code: "ENOENT" });
      assert.deepEqual(vfs.read(`${path}/torn/b`), bytes(1));
    });

    test("a rename moves a folder with all that is in it", () => {
      const path = folder();
      vfs.makeDirectory(`${path}/a/inner`);
      put(vfs, `${path}/a/inner/file`, bytes(7));
      vfs.rename(`${path}/a`, `${path}/b`);
      assert.deepEqual([vfs.list(path), vfs.list(`${path}/b`)], [["b"], ["inner"]]);
      assert.deepEqual(vfs.read(`${path}/b/inner/file`), bytes(7));
      assert.equal(vfs.stat(`${path}/a`), undefined);
      assert.equal(vfs.list(`${path}/a/inner`), undefined);
    });

    test("a folder is removed when it is empty, where folders can be removed", () => {
      if (vfs.removeDirectory === undefined) return;
      const path = folder();
      vfs.makeDirectory(`${path}/a`);
      put(vfs, `${path}/a/file`, bytes(1));
      assert.throws(() => vfs.removeDirectory?.(`${path}/a`), { code: "ENOTEMPTY" });
      vfs.remove(`${path}/a/file`);
      vfs.removeDirectory(`${path}/a`);
      assert.deepEqual(vfs.list(path), []);
      assert.throws(() => vfs.removeDirectory?.(`${path}/a`), { code: "ENOENT" });
    });

    test("a file is removed once", () => {
      const path = `${folder()}/file`;
      put(vfs, path, bytes(1));
      vfs.remove(path);
      assert.equal(vfs.stat(path), undefined);
      assert.throws(() => vfs.remove(path), { code: "ENOENT" });
      assert.throws(() => vfs.read(path), { code: "ENOENT" });
      assert.throws(() => vfs.remove(path.slice(0, path.lastIndexOf("/"))), "a folder is no file");
    });

    test("the names of a folder are synced; of one that is not there they are not", () => {
      const path = folder();
      vfs.syncDirectory(path);
      assert.throws(() => vfs.syncDirectory(`${path}/nothing`), { code: "ENOENT" });
    });

    test("a source reads ranges, fewer bytes only at the end, while the file grows", async () => {
      const path = `${folder()}/file`;
      const file = vfs.open(path, "create");
      file.write(bytes(0, 1, 2, 3, 4), 0);
      const source = vfs.source(path);
      assert.equal(await source.size(), 5);
      assert.deepEqual(await source.read(1, 3), bytes(1, 2, 3));
      assert.deepEqual(await source.read(3, 100), bytes(3, 4));
      assert.deepEqual(await source.read(5, 1), bytes());
      assert.deepEqual(await source.read(900, 5), bytes());
      assert.deepEqual(await source.read(0, 0), bytes());
      file.write(bytes(5, 6), 5);
      assert.equal(await source.size(), 7);
      assert.deepEqual(await source.read(4, 3), bytes(4, 5, 6));
      const own = await source.read(0, 2);
      own.fill(9);
      assert.deepEqual(await source.read(0, 2), bytes(0, 1));
      file.close();
      await source.close();
      await source.close();
    });

    test("many reads of a source at once do not disturb each other", async () => {
      const path = `${folder()}/file`;
      put(
        vfs,
        path,
        Uint8Array.from({ length: 5000 }, (_, i) => i % 251),
      );
      const source = vfs.source(path);
      const reads = await Promise.all(
        Array.from({ length: 40 }, (_, i) => source.read(i * 100, 3)),
      );
      reads.forEach((read, i) =>
        assert.deepEqual(read, bytes(...[0, 1, 2].map((n) => (i * 100 + n) % 251))),
      );
      await source.close();
    });

    test("a source of a file that is not there is refused when it is read", async () => {
      const source = vfs.source(`${folder()}/nothing`);
      await assert.rejects(source.read(0, 1), { code: "ENOENT" });
      await assert.rejects(source.size(), { code: "ENOENT" });
      await source.close().catch(() => undefined);
    });

    test("J4: a folder is locked once, says by whom, and can be locked again when it was released", () => {
      const path = folder();
      assert.equal(vfs.lockHolder(path), undefined);
      const lock = vfs.lock(path);
      assert.notEqual(vfs.lockHolder(path), undefined);
      assert.throws(() => vfs.lock(path), { code: "JOURNAL_LOCKED" });
      const other = vfs.lock(folder());
      other.release();
      assert.notEqual(vfs.lockHolder(path), undefined);
      lock.release();
      lock.release();
      assert.equal(vfs.lockHolder(path), undefined);
      vfs.lock(path).release();
      assert.equal(vfs.lockHolder(`${path}/nothing`), undefined);
    });
  });
}
