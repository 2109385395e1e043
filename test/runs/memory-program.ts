/**
 * Records ten thousand ticks and prints how far the process has grown over its idle size with the same modules:
 * `node --expose-gc memory-program.ts ELEMENTS TICKS CHANGES`, f32 elements, random changes in each tick.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { grid, openRuns } from "everytick";

const [elements = 0, ticks = 0, changes = 0] = process.argv.slice(2).map(Number);

function residentBytes(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage.rss();
}

const folder = mkdtempSync(join(tmpdir(), "everytick-memory-"));
try {
  await using runs = await openRuns(folder);
  {
    await using warm = await runs.record("warm", { state: { cells: grid("f32", [16]) } });
    for (let tick = 1; tick <= 50; tick++) {
      warm.state.cells.fill(tick);
      await warm.commit();
    }
    await warm.at(20);
  }
  const idle = residentBytes();
  const state = { cells: grid("f32", [elements]) };
  await using run = await runs.record("big", { durability: "os", state });
  const growth: number[] = [];
  for (let tick = 1; tick <= ticks; tick++) {
    for (let i = 0; i < changes; i++) run.state.cells[run.random.int(elements)] = tick + i;
    await run.commit();
    if (tick % (ticks / 10) === 0) growth.push(residentBytes() - idle);
  }
  console.log(JSON.stringify(growth));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
