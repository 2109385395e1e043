/** A simulator that loses nothing proves nothing: each way in which the simulated disk may lose and fail. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Chance,
  everythingIsTorn,
  everythingSurvives,
  ManualClock,
  mixture,
  nothingSurvives,
  onlyContentSurvives,
  onlyLengthsSurvive,
  SimFs,
  type SimFsOptions,
  subset,
} from "everytick/testing";
import type { VfsFile } from "../../src/types.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

/** A disk with a folder and a synced file of `content` in it. */
function diskWith(content: Uint8Array, options: SimFsOptions = {}): [SimFs, VfsFile] {
  const disk = new SimFs(options);
  disk.makeDirectory("d");
  const file = disk.open("d/a", "create");
  file.write(content, 0);
  file.sync();
  disk.syncDirectory("d");
  assert.deepEqual(disk.unsynced, []);
  return [disk, file];
}

test("what is synced, content and name, is there whatever else is lost", () => {
  const [disk] = diskWith(bytes(1, 2, 3));
  assert.deepEqual(disk.afterPowerLoss(nothingSurvives).read("d/a"), bytes(1, 2, 3));
});

test("a synced file without a synced name is gone; a name without content is empty", () => {
  const disk = new SimFs();
  disk.makeDirectory("d");
  const file = disk.open("d/a", "create");
  file.write(bytes(1), 0);
  file.sync();
  assert.deepEqual(disk.afterPowerLoss(nothingSurvives).list("d"), []);
  const other = disk.open("d/b", "create");
  other.write(bytes(2), 0);
  disk.syncDirectory("d");
  const left = disk.afterPowerLoss(nothingSurvives);
  assert.deepEqual([left.read("d/a"), left.read("d/b")], [bytes(1), bytes()]);
});

test("blocks of one write survive alone, also a later one without an earlier", () => {
  const [disk, file] = diskWith(filled(8, 1), { blockBytes: 4 });
  file.write(filled(8, 2), 0);
  assert.deepEqual(disk.unsynced, ["data", "data"]);
  const seen = [0, 1, 2, 3].map((bits) => disk.afterPowerLoss(subset(bits)).read("d/a").join(""));
  assert.deepEqual(seen, ["11111111", "22221111", "11112222", "22222222"]);
});

test("a write is cut at the borders of blocks, wherever it begins", () => {
  const [disk, file] = diskWith(filled(12, 1), { blockBytes: 4 });
  file.write(filled(6, 2), 3);
  assert.equal(disk.unsynced.length, 3);
  assert.equal(disk.afterPowerLoss(subset(0b010)).read("d/a").join(""), "111122221111");
});

test("a torn block has one half of what was written", () => {
  const [disk, file] = diskWith(filled(4, 1));
  file.write(filled(4, 2), 0);
  assert.equal(disk.afterPowerLoss(everythingIsTorn).read("d/a").join(""), "2211");
  assert.equal(
    disk
      .afterPowerLoss(() => "second half")
      .read("d/a")
      .join(""),
    "1122",
  );
});

test("a file that grew may be longer with zeros in it, or as short as it was", () => {
  const [disk, file] = diskWith(bytes(1));
  file.write(bytes(2, 2), 1);
  assert.deepEqual(disk.afterPowerLoss(onlyLengthsSurvive).read("d/a"), bytes(1, 0, 0));
  assert.deepEqual(disk.afterPowerLoss(subset(0b10)).read("d/a"), bytes(1));
  assert.deepEqual(disk.afterPowerLoss(everythingSurvives).read("d/a"), bytes(1, 2, 2));
});

test("a cut may be lost, and what was cut away does not come back behind a longer end", () => {
  const [disk, file] = diskWith(bytes(1, 2, 3, 4));
  file.truncate(2);
  file.truncate(4);
  assert.deepEqual(disk.read("d/a"), bytes(1, 2, 0, 0));
  assert.deepEqual(disk.afterPowerLoss(nothingSurvives).read("d/a"), bytes(1, 2, 3, 4));
  assert.deepEqual(disk.afterPowerLoss(everythingSurvives).read("d/a"), bytes(1, 2, 0, 0));
  assert.deepEqual(disk.afterPowerLoss(subset(0b01)).read("d/a"), bytes(1, 2));
});

test("names are volatile until their folder is synced: made, renamed, removed", () => {
  const [disk] = diskWith(bytes(1));
  disk.rename("d/a", "d/b");
  assert.deepEqual(disk.afterPowerLoss(nothingSurvives).list("d"), ["a"]);
  assert.deepEqual(disk.afterPowerLoss(everythingSurvives).list("d"), ["b"]);
  disk.remove("d/b");
  assert.deepEqual(disk.afterPowerLoss(subset(0b01)).list("d"), ["b"]);
  assert.deepEqual(disk.afterPowerLoss(onlyContentSurvives).list("d"), ["a"]);
  disk.syncDirectory("d");
  assert.deepEqual(disk.afterPowerLoss(nothingSurvives).list("d"), []);
});

test("a file that moves between folders may stand in both, in one, or in none", () => {
  const [disk] = diskWith(bytes(1));
  disk.makeDirectory("d/e");
  disk.rename("d/a", "d/e/a");
  const seen = [0, 1, 2, 3].map((bits) => {
    const left = disk.afterPowerLoss(subset(bits));
    return [left.stat("d/a") !== undefined, left.stat("d/e/a") !== undefined];
  });
  assert.deepEqual(
    new Set(seen.map(String)),
    new Set(["true,false", "false,false", "true,true", "false,true"]),
  );
});

test("a sync covers one file, a folder's sync only its own names", () => {
  const [disk, file] = diskWith(bytes(1));
  const other = disk.open("d/b", "create");
  other.write(bytes(2), 0);
  file.write(bytes(9), 0);
  file.sync();
  assert.deepEqual(disk.unsynced, ["names", "grow", "data"]);
  disk.makeDirectory("d/e");
  disk.syncDirectory("d/e");
  disk.syncDirectory("d");
  assert.deepEqual(disk.afterPowerLoss(nothingSurvives).read("d/b"), bytes());
});

test("after a failed sync the pages count as clean: a later sync succeeds, and the bytes are lost", () => {
  const [disk, file] = diskWith(bytes(1));
  file.write(bytes(2), 0);
  disk.faults.inject({ code: "EIO", operations: ["sync"], at: 0 });
  assert.throws(() => file.sync(), { code: "EIO" });
  file.sync();
  assert.deepEqual(disk.read("d/a"), bytes(2));
  assert.deepEqual(disk.afterPowerLoss(everythingSurvives).read("d/a"), bytes(1));
});

test("written again and synced, what a failed sync had dropped is durable, its length, too", () => {
  const [disk, file] = diskWith(bytes(1));
  file.write(bytes(2, 2), 1);
  disk.faults.inject({ code: "EIO", operations: ["sync"], at: 0 });
  assert.throws(() => file.sync(), { code: "EIO" });
  file.write(bytes(2, 2), 1);
  file.sync();
  assert.deepEqual(disk.afterPowerLoss(nothingSurvives).read("d/a"), bytes(1, 2, 2));
});

test("faults come at the operation they are told to, once or from then on, and are counted", () => {
  const [disk, file] = diskWith(bytes(1, 2, 3, 4));
  disk.faults.inject({ code: "EIO", operations: ["write"], only: /a$/, at: 1 });
  file.write(bytes(5), 0);
  assert.throws(() => file.write(bytes(6, 6, 6, 6), 0), { code: "EIO" });
  assert.deepEqual(disk.read("d/a"), bytes(6, 6, 3, 4), "a part is there");
  file.write(bytes(7), 0);
  disk.faults.inject({ code: "EMFILE", operations: ["create", "update"], at: 0, isSticky: true });
  for (let i = 0; i < 2; i++) assert.throws(() => disk.open("d/a", "update"), { code: "EMFILE" });
  disk.faults.heal();
  disk.open("d/a", "update").close();
  assert.deepEqual(Object.fromEntries(disk.faults.fired), { "EIO write": 1, "EMFILE update": 2 });
});

test("a full disk takes what fits, and everything again when there is space", () => {
  const [disk, file] = diskWith(bytes(1, 2));
  disk.capacity = 4;
  assert.throws(() => file.write(bytes(3, 4, 5), 2), { code: "ENOSPC" });
  assert.deepEqual(disk.read("d/a"), bytes(1, 2, 3, 4));
  file.write(bytes(9, 9), 0);
  disk.capacity = 5;
  file.write(bytes(5), 4);
  assert.deepEqual(disk.read("d/a"), bytes(9, 9, 3, 4, 5));
});

test("a read-only disk changes nothing and is read", () => {
  const [disk, file] = diskWith(bytes(1));
  disk.isReadOnly = true;
  for (const change of [
    () => file.write(bytes(2), 0),
    () => file.truncate(0),
    () => void disk.open("d/b", "create"),
    () => void disk.open("d/a", "update"),
    () => disk.rename("d/a", "d/b"),
    () => disk.remove("d/a"),
    () => disk.makeDirectory("d/e"),
    () => void disk.lock("d"),
  ]) {
    assert.throws(change, { code: "EROFS" });
  }
  disk.makeDirectory("d");
  assert.deepEqual([disk.list("d"), disk.read("d/a")], [["a"], bytes(1)]);
});

test("a range may come short, as an adapter is not allowed to", async () => {
  const [disk] = diskWith(bytes(1, 2, 3, 4));
  disk.faults.inject({ code: "SHORT", operations: ["range"], at: 0 });
  const source = disk.source("d/a");
  assert.deepEqual(await source.read(0, 4), bytes(1, 2));
  assert.deepEqual(await source.read(0, 4), bytes(1, 2, 3, 4));
});

test("a killed process loses its locks and handles; what it wrote stays", () => {
  const [disk, file] = diskWith(bytes(1));
  file.write(bytes(2), 0);
  const lock = disk.lock("d");
  disk.killProcess();
  const second = disk.lock("d");
  lock.release();
  assert.throws(() => disk.lock("d"), { code: "JOURNAL_LOCKED" });
  second.release();
  assert.throws(() => file.write(bytes(3), 0), { code: "EBADF" });
  assert.deepEqual(disk.read("d/a"), bytes(2));
});

test("a slow disk moves the clock", () => {
  const clock = new ManualClock(0);
  const latency = (operation: string): number => (operation === "sync" ? 50 : 0);
  diskWith(bytes(1), { clock, latency });
  assert.equal(clock.monotonic(), 50);
});

test("a seed replays exactly, and a trace tells two histories apart", () => {
  const [disk, file] = diskWith(filled(4000, 1));
  file.write(filled(8000, 2), 100);
  const left = [7, 7, 8].map((seed) =>
    disk
      .afterPowerLoss(mixture(new Chance(seed)))
      .read("d/a")
      .join(""),
  );
  assert.equal(left[0], left[1]);
  assert.notEqual(left[0], left[2]);
  const traces = [4, 4, 5].map((length) => diskWith(filled(length, 0))[0].trace.hash);
  assert.equal(traces[0], traces[1]);
  assert.notEqual(traces[0], traces[2]);
});
