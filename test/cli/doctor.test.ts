import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeMount, judgeSpace, judgeSync, mountOf } from "../../src/cli/doctor/disk.ts";
import { isOlder, judgeClock, runtimeFindings } from "../../src/cli/doctor/environment.ts";

const mounts = String.raw`22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
23 22 0:21 / /dev/shm rw,nosuid - tmpfs tmpfs rw,size=1g
24 22 0:40 / /mnt/with\040space rw - nfs4 server:/x rw,vers=4.2
25 22 8:2 / /mnt/ro ro,relatime - ext4 /dev/sdb1 ro
26 22 8:3 / /fast rw,relatime - ext4 /dev/sdc1 rw,nobarrier
`;

test("L8: the file system of a folder is that of the longest mount point above it", () => {
  const of = (path: string): string => {
    const { level, found } = judgeMount(mountOf(mounts, path));
    return `${level} ${found}`;
  };
  assert.equal(of("/home/runs"), "ok ext4");
  assert.equal(of("/dev/shm/runs"), "warning tmpfs, in memory");
  assert.equal(of("/dev/shmother"), "ok ext4");
  assert.equal(of("/mnt/with space/runs"), "warning nfs4, over a network");
  assert.equal(of("/mnt/ro"), "problem ext4, read-only");
  assert.equal(of("/fast/runs"), "problem ext4, nobarrier");
  assert.equal(judgeMount(mountOf(undefined, "/home")).level, "warning");
});

test("L8: space, syncs and clocks are judged by what they mean for a recording", () => {
  assert.equal(judgeSpace(5e6, 1e6).level, "problem");
  assert.equal(judgeSpace(5e8, 1e6).level, "warning");
  assert.equal(judgeSpace(5e10, 1e6).level, "ok");
  assert.equal(judgeSpace(5e10, 3).level, "problem");
  const disk = { type: "ext4", options: [] };
  assert.equal(judgeSync(3, 9, disk).level, "ok");
  assert.equal(judgeSync(35, 90, disk).level, "warning");
  assert.match(judgeSync(0.001, 0.01, disk).next ?? "", /No disk is that quick/);
  assert.equal(judgeSync(0.001, 0.01, { type: "tmpfs", options: [] }).level, "ok");
  const now = Date.UTC(2026, 5, 1);
  assert.equal(judgeClock(now, 0.3, 0).level, "ok");
  assert.equal(judgeClock(now, -3000, 0).level, "warning");
  assert.equal(judgeClock(now, 0, now + 1e9).level, "warning");
});

test("L8: versions are compared number by number", () => {
  assert(isOlder("3.50.4", "3.51.3") && isOlder("3.9.9", "3.51.3"));
  assert(!isOlder("3.51.3", "3.51.3") && !isOlder("4.0.0", "3.51.3"));
  const levels = (versions: Record<string, string>): string[] =>
    runtimeFindings(versions).map(({ level }) => level);
  assert.deepEqual(levels({ node: "24.15.0", sqlite: "3.51.3" }), ["ok", "ok", "ok"]);
  assert.deepEqual(levels({ node: "22.1.0", sqlite: "3.46.0" }), ["problem", "warning", "ok"]);
  assert.deepEqual(levels({ node: "24.15.0" }), ["ok", "problem", "ok"]);
});
