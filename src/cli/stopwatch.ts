import { nodeClock } from "../journal/clock-node.ts";

/** Milliseconds since any fixed moment, for speeds that people read. Nothing recorded depends on it. */
export function milliseconds(): number {
  return nodeClock.monotonic();
}
