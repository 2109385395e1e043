/**
 * Boxes on a swaying floor, by matter-js. It has no snapshots, so its own objects are read and written back. Exact.
 *
 *     node --conditions=source examples/matter-js.ts FOLDER TICKS        goes on where it was stopped
 */
import { openRuns, table } from "everytick";
import Matter from "matter-js";
import { type Body, bodyColumns, contactsOf } from "./matter-js-state.ts";

const { Bodies, Composite, Detector, Engine } = Matter;
const [folder = "runs", ticks = "1000"] = process.argv.slice(2);

const floor = Bodies.rectangle(0, 400, 5000, 40, { isStatic: true });
const boxes = Array.from({ length: 24 }, (_, i) => Bodies.rectangle(60 * (i % 6), 9 * i, 50, 30));
const bodies = [floor, ...boxes] as Body[];
// The engine sorts this list in place, step by step from the order before: the order is state, too.
const engine = Engine.create({ detector: Detector.create({ bodies }) });
Composite.add(engine.world, [...bodies]);
engine.world.isModified = false;

const state = {
  bodies: table.from(bodies, bodyColumns, { key: "id", order: "place" }),
  contacts: contactsOf(engine, bodies),
};
await using runs = await openRuns(folder);
await using run = await runs.record("boxes", { state, resume: "auto" });
while (run.tick < Number(ticks)) {
  engine.gravity.x = run.tick % 200 < 100 ? 0.7 : -0.7;
  Engine.update(engine);
  await run.commit(); // durable when this resolves
}

const { id } = boxes[0]!;
for await (const past of run.play({ from: run.tick, to: Math.max(0, run.tick - 4) })) {
  const { position } = past.state.bodies.get(id)!;
  console.log(
    `tick ${past.tick}: box ${id} at ${position.join()}; ${past.state.contacts.size} contacts`,
  );
}
