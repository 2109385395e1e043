/**
 * A game server's room, by @colyseus/schema: players come, play and go. The fields of its schemas are read and written as
 * they are, and players keep their order in the map. Exact.
 *
 *     node --conditions=source examples/colyseus.ts FOLDER TICKS        goes on where it was stopped
 */
import { schema, type SchemaType, t } from "@colyseus/schema";
import { openRuns, table, value } from "everytick";

const [folder = "runs", ticks = "1000"] = process.argv.slice(2);
const columns = { id: t.string(), x: t.float64(), y: t.float64(), score: t.uint32() };
const Player = schema(columns, "Player");
const Room = schema({ round: t.uint32().default(1), players: t.map(Player) }, "Room");
const room = new Room();

function join(id: string): SchemaType<typeof Player> {
  const player = new Player().assign({ id, x: 0, y: 0, score: 0 });
  room.players.set(id, player);
  return player;
}
const leave = (id: string): unknown => room.players.delete(id);

const state = {
  room: value({ round: "u32" }),
  players: table.from(
    () => room.players.values(),
    { id: "utf8", place: "u32", x: "f64", y: "f64", score: "u32" },
    { key: "id", order: "place", create: ({ id }) => join(id), remove: ({ id }) => leave(id) },
  ),
};
await using runs = await openRuns(folder);
await using run = await runs.record("room", {
  state,
  resume: "auto",
  capture(recorded) {
    recorded.room.round = room.round;
  },
  restore(recorded) {
    room.round = recorded.room.round;
  },
});
while (run.tick < Number(ticks)) {
  if (run.random.chance(0.1)) join(`p${run.tick}`);
  for (const [id, player] of room.players) {
    player.x += run.random.normal();
    player.y += run.random.normal();
    if (Math.abs(player.x) < 1) player.score += room.round;
    if (run.random.chance(0.01)) leave(id);
  }
  room.round = 1 + Math.floor(run.tick / 100);
  await run.commit(); // durable when this resolves
}
const backwards = run.play({ from: run.tick, to: Math.max(0, run.tick - 4) });
for await (const { tick, state: past } of backwards) {
  console.log(`tick ${tick}:`, ...Array.from(past.players, ({ id, score }) => `${id} ${score}`));
}
