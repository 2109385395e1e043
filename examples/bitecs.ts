/**
 * Rabbits that are born and die, by bitECS: its component arrays are bound as they are. Which entity numbers are free, and
 * the order in which a query gives the others, is recorded, too. Exact.
 *
 *     node --conditions=source examples/bitecs.ts FOLDER TICKS        goes on where it was stopped
 */
import { addEntity, createEntityIndex, createWorld, query, removeEntity } from "bitecs";
import { openRuns, table, value } from "everytick";

const [folder = "runs", ticks = "1000"] = process.argv.slice(2);
const numbers = (): Float64Array => new Float64Array(5000);
const Rabbit = { x: numbers(), y: numbers(), food: numbers() };
let index = createEntityIndex();
let world = createWorld(index);
const rabbits = (): readonly number[] => [...query(world, [Rabbit])];

function bear(x: number, y: number): void {
  const rabbit = addEntity(world, Rabbit);
  [Rabbit.x[rabbit], Rabbit.y[rabbit], Rabbit.food[rabbit]] = [x, y, 5];
}
for (let i = 0; i < 50; i++) bear(i, i);

const columns = { id: { type: "u32" as const, get: (rabbit: number) => rabbit }, ...Rabbit };
const state = {
  // `restore` makes the entities; nothing else is to be done for a row.
  rabbits: table.from(rabbits, columns, { key: "id", create: ({ id }) => id, remove: () => {} }),
  entities: value({ numbers: "bytes" }),
};
await using runs = await openRuns(folder);
await using run = await runs.record("rabbits", {
  state,
  resume: "auto",
  capture({ entities }) {
    const free = index.dense.slice(index.aliveCount);
    entities.numbers = new Uint8Array(Uint32Array.of(...rabbits(), ...free).buffer);
  },
  restore(recorded) {
    const dense = [...new Uint32Array(recorded.entities.numbers.slice().buffer)];
    index = Object.assign(createEntityIndex(), { dense, maxId: dense.length });
    world = createWorld(index);
    for (let i = 0; i < recorded.rabbits.size; i++) addEntity(world, Rabbit);
  },
});
while (run.tick < Number(ticks)) {
  const grass = 100 / rabbits().length;
  for (const rabbit of rabbits()) {
    Rabbit.x[rabbit]! += run.random.normal();
    Rabbit.y[rabbit]! += run.random.normal();
    Rabbit.food[rabbit]! += grass * run.random.float() - 0.5;
    if (Rabbit.food[rabbit]! < 0) removeEntity(world, rabbit);
    else if (run.random.chance(0.02)) bear(Rabbit.x[rabbit]!, Rabbit.y[rabbit]!);
  }
  await run.commit(); // durable when this resolves
}
const past = await run.at(Math.floor(run.tick / 2));
console.log(
  `tick ${run.tick}: ${run.state.rabbits.size} rabbits, ${past.state.rabbits.size} at half time`,
);
