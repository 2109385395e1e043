/** A world whose own code ends the process at a tick, as an environment variable says; its history knows nothing of that. */
import { defineWorld, grid } from "../world/index.ts";
import { ownExitCode } from "./child-plan.ts";

/** How, and at which tick, such as `throw 12`. */
export const endingVariable = "EVERYTICK_TORTURE_ENDING";

const [how = "", at = ""] = (process.env[endingVariable] ?? "").split(/ (?=\d+$)/);

export const world = defineWorld({
  name: "endings",
  version: 1,
  state: { cells: grid("u32", [16, 16]) },
  step: ({ state, tick, random }) => {
    if (how !== "" && tick === Number(at)) end();
    state.cells[random.int(256)] = tick;
  },
});

function end(): void {
  if (how === "throw") throw new Error("the user's own mistake");
  if (how === "reject") void Promise.reject(new Error("nobody awaits this"));
  if (how === "exit") process.exit(ownExitCode);
}
