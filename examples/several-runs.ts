/**
 * The same world under four seeds, recorded side by side by one process, tick by tick in turn. Each is a run of its own.
 *
 *     node --conditions=source examples/several-runs.ts FOLDER TICKS        goes on where it was stopped
 */
import { defineWorld, grid, openRuns, value } from "everytick";

const [folder = "runs", ticks = "1000"] = process.argv.slice(2);

/** Each voter in turn takes the opinion of somebody next to it. */
const voters = defineWorld({
  name: "voters",
  version: 1,
  state: { opinions: grid("u8", [32, 32]), count: value({ yes: "u32" }) },
  init({ state, random }) {
    for (let i = 0; i < 1024; i++) state.opinions[i] = random.int(2);
  },
  step({ state: { opinions, count }, random }) {
    for (let i = 0; i < 1024; i++) {
      const voter = random.int(1024);
      const neighbour = voter + [1, 31, 993, 1023][random.int(4)]!;
      opinions[voter] = opinions[neighbour % 1024]!;
    }
    count.yes = opinions.reduce((sum, opinion) => sum + opinion);
  },
});

await using runs = await openRuns(folder);
const seeds = [1, 2, 3, 4];
const live = await Promise.all(
  seeds.map((seed) => runs.record(`voters-${seed}`, { world: voters, seed, resume: "auto" })),
);
for (;;) {
  const behind = live.filter((run) => run.tick < Number(ticks));
  if (behind.length === 0) break;
  await Promise.all(behind.map((run) => run.step())); // durable when this resolves
}

for (const run of live) {
  const half = await run.at(Math.floor(run.tick / 2));
  console.log(
    `${run.id}, tick ${run.tick}: ${run.state.count.yes} yes, ${half.state.count.yes} at half time`,
  );
}
