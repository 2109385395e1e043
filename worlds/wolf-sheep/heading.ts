import type { RandomStream } from "everytick";
import { cos, sin } from "everytick/math";

/** Headings are whole degrees: 0 leads along x, 90 along y. */
export const fullTurn = 360;

const degrees = Array.from({ length: fullTurn }, (_, heading) => (heading * Math.PI) / 180);
/** How far a step of one cell leads along each axis, by heading. */
export const stepX = Float64Array.from(degrees, cos);
export const stepY = Float64Array.from(degrees, sin);

const sway = 50;

/** Turns right by 0 to 49 degrees, then left by 0 to 49. */
export function swayed(heading: number, random: RandomStream): number {
  // Both angles come from one draw.
  const turns = random.int(sway * sway);
  const right = turns % sway;
  const left = (turns - right) / sway;
  return (heading + right - left + fullTurn) % fullTurn;
}
