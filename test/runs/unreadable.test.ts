/** Disks that cannot be read: whatever the system says, the caller gets a code. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, isEverytickError, openRuns } from "everytick";
import { memoryPorts, SimFs, type SimOperation } from "everytick/testing";

test("J5: a file or folder that cannot be read is refused with the path and what the system said", async () => {
  const vfs = new SimFs();
  const runs = await openRuns("runs", { ...(await memoryPorts()), vfs });
  const run = await runs.record("a", { state: { cells: grid("u8", [4]) } });
  await run.close();
  const operations: readonly SimOperation[] = ["list", "stat", "read", "size", "range"];
  for (const operation of operations) {
    vfs.faults.inject({ code: "EIO", operations: [operation], at: 0, isSticky: true });
    const refused = async (): Promise<void> => {
      const all = await openRuns("runs", { ...(await memoryPorts()), vfs });
      await (await all.open("a")).verify();
    };
    await assert.rejects(refused(), (error) => {
      assert(isEverytickError(error, "JOURNAL_READ"), `${operation}: ${String(error)}`);
      assert.match(error.details.found ?? "", /EIO/);
      return error.details.where?.startsWith("runs") === true;
    });
    vfs.faults.heal();
  }
});
