/**
 * Bricks that rain, by Rapier. Its own snapshot is recorded, beside the places of the bricks for whoever looks. Exact.
 *
 *     node --conditions=source examples/rapier.ts FOLDER TICKS        goes on where it was stopped
 */
import { openRuns, table, value } from "everytick";
import { ColliderDesc, init, RigidBodyDesc, World } from "@dimforge/rapier2d-compat";

const [folder = "runs", ticks = "1000"] = process.argv.slice(2);
await init();
let world = new World({ x: 0, y: -9.81 });
world.createCollider(ColliderDesc.cuboid(12, 0.5));

function drop(x: number): void {
  const body = world.createRigidBody(RigidBodyDesc.dynamic().setTranslation(x, 15));
  world.createCollider(ColliderDesc.cuboid(0.5, 0.3).setRestitution(0.3), body);
}

const columns = { brick: "u32", x: "f32", y: "f32", angle: "f32" } as const;
const state = {
  world: value({ snapshot: "bytes" }),
  bricks: table(columns, { key: "brick", role: "observed" }),
};
await using runs = await openRuns(folder);
await using run = await runs.record("bricks", {
  state,
  resume: "auto",
  capture(recorded) {
    recorded.world.snapshot = world.takeSnapshot();
    const bodies = world.bodies.getAll();
    recorded.bricks.assign(
      bodies.map((body, brick) => ({ brick, ...body.translation(), angle: body.rotation() })),
    );
  },
  restore(recorded) {
    world.free();
    world = World.restoreSnapshot(recorded.world.snapshot);
  },
});
while (run.tick < Number(ticks)) {
  if (run.tick % 40 === 0) drop(20 * run.random.float() - 10);
  world.step();
  await run.commit(); // durable when this resolves
}

const past = await run.at(Math.floor(run.tick / 2));
console.log(
  `tick ${run.tick}: ${run.state.bricks.size} bricks, ${past.state.bricks.size} at half time`,
);
