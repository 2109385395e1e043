/** Where nodes lie: pairs of coordinates, x before y, around 0. */
export type Places = Float64Array;

/** Above so many nodes forces take too long between two ticks; the spiral stays then. */
const forcesMax = 1500;
const rounds = 60;
const golden = Math.PI * (3 - Math.sqrt(5));

/**
 * Lays nodes out by forces (Fruchterman and Reingold, 1991): edges pull, all nodes push. Equal graphs lie equally: it begins on
 * a spiral and draws no random numbers.
 * @param edges pairs of node numbers
 * @param before places of the same nodes in another tick, to stay near them; NaN for those that are new
 */
export function laidOut(count: number, edges: Uint32Array, before?: Places): Places {
  const places = new Float64Array(2 * count);
  for (let node = 0; node < count; node++) {
    const [angle, radius] = [node * golden, Math.sqrt(node + 0.5)];
    const [x, y] = [before?.[2 * node] ?? Number.NaN, before?.[2 * node + 1] ?? Number.NaN];
    places[2 * node] = Number.isNaN(x) ? radius * Math.cos(angle) : x;
    places[2 * node + 1] = Number.isNaN(y) ? radius * Math.sin(angle) : y;
  }
  if (count > forcesMax) return places;
  const moves = new Float64Array(2 * count);
  const first = before === undefined ? 1 : 0.15;
  for (let round = 0; round < rounds; round++) {
    moves.fill(0);
    push(places, moves);
    pull(places, moves, edges);
    const step = first * Math.sqrt(count) * 0.2 * (1 - round / rounds);
    for (let i = 0; i < moves.length; i += 2) {
      const length = Math.hypot(moves[i]!, moves[i + 1]!);
      const share = length > step ? step / length : 1;
      places[i]! += moves[i]! * share;
      places[i + 1]! += moves[i + 1]! * share;
    }
  }
  return places;
}

function push(places: Places, moves: Float64Array): void {
  for (let a = 0; a < places.length; a += 2) {
    for (let b = a + 2; b < places.length; b += 2) {
      const [dx, dy] = [places[a]! - places[b]!, places[a + 1]! - places[b + 1]!];
      const square = dx * dx + dy * dy + 0.01;
      const force = 1 / square;
      moves[a]! += dx * force;
      moves[a + 1]! += dy * force;
      moves[b]! -= dx * force;
      moves[b + 1]! -= dy * force;
    }
  }
  // A little towards the middle, so that parts without edges between them do not drift apart.
  for (let i = 0; i < places.length; i++) moves[i]! -= places[i]! * 0.02;
}

function pull(places: Places, moves: Float64Array, edges: Uint32Array): void {
  for (let i = 0; i + 1 < edges.length; i += 2) {
    const [a, b] = [2 * edges[i]!, 2 * edges[i + 1]!];
    const [dx, dy] = [places[b]! - places[a]!, places[b + 1]! - places[a + 1]!];
    const force = 0.12 * Math.hypot(dx, dy);
    moves[a]! += dx * force;
    moves[a + 1]! += dy * force;
    moves[b]! -= dx * force;
    moves[b + 1]! -= dy * force;
  }
}
