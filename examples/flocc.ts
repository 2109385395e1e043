/**
 * Sheep that wander, starve and multiply, by flocc. Its chance is seeded from the run's own before each tick, and agents
 * are made anew, under their ids and in their order. Exact.
 *
 *     node --conditions=source examples/flocc.ts FOLDER TICKS        goes on where it was stopped
 */
import { openRuns, table } from "everytick";
import { Agent, Environment, utils } from "flocc";

const [folder = "runs", ticks = "1000"] = process.argv.slice(2);
type Sheep = { readonly x: number; readonly y: number; readonly energy: number };
const meadow = new Environment({ torus: true, width: 100, height: 100 });

function add({ x, y, energy }: Sheep, id?: string): Agent {
  const sheep = new Agent({ x, y, energy, tick: graze });
  if (id !== undefined) sheep.id = id;
  meadow.addAgent(sheep);
  return sheep;
}
function graze(sheep: Agent): void {
  sheep.increment("x", utils.random(-2, 2, true));
  sheep.increment("y", utils.random(-2, 2, true));
  sheep.increment("energy", utils.random(0, 200, true) / meadow.getAgents().length - 0.5);
  const { x, y, energy } = sheep.getData() as Sheep;
  if (energy < 0) meadow.removeAgent(sheep);
  else if (utils.random(1, 50) === 1) add({ x, y, energy: 5 });
}
utils.seed(1);
for (let i = 0; i < 100; i++) add({ x: i, y: i, energy: 5 });

const number = (name: keyof Sheep) => ({
  type: "f64" as const,
  get: (sheep: Agent) => sheep.get(name) as number,
  set: (sheep: Agent, value: number) => sheep.set(name, value),
});
const numbers = { x: number("x"), y: number("y"), energy: number("energy") };
const columns = { id: "utf8", place: "u32", ...numbers } as const;
const create = (row: Sheep & { readonly id: string }) => add(row, row.id);
const remove = (sheep: Agent) => meadow.removeAgent(sheep);
const options = { key: "id", order: "place", create, remove } as const;
const state = { sheep: table.from(() => meadow.getAgents(), columns, options) };

await using runs = await openRuns(folder);
await using run = await runs.record("meadow", { state, resume: "auto" });
meadow.time = run.tick;
while (run.tick < Number(ticks)) {
  utils.seed(run.random.uint32());
  meadow.tick();
  await run.commit(); // durable when this resolves
}
const sizes = run.series((past) => past.sheep.size, { from: run.tick, to: 0, every: 100 });
for await (const { tick, value } of sizes) console.log(`tick ${tick}: ${value} sheep`);
