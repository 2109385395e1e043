/**
 * What a matter-js engine of boxes keeps from one step to the next: columns of its bodies and of their contacts, with all
 * that is hidden in them. For bodies that do not sleep.
 */
import { table } from "everytick";
import Matter from "matter-js";

type Pair = Matter.Pair;
type Hidden = { positionPrev: object; positionImpulse: object; axes: object[] };
export type Body = Matter.Body & Hidden;
type Numbers = { [name: string]: number };

/** A column of the same two numbers, such as x and y, in each of some parts of an object. */
const twos = <O>(count: number, [a, b]: [string, string], partsOf: (object: O) => object[]) => ({
  type: `f64[${2 * count}]` as const,
  get: (object: O) => (partsOf(object) as Numbers[]).flatMap((part) => [part[a], part[b]]),
  set: (object: O, values: Float64Array) => {
    const rest = values.values();
    for (const part of partsOf(object))
      Object.assign(part, { [a]: rest.next().value, [b]: rest.next().value });
  },
});
const hiddenOf = (body: Body) => [body.positionPrev, body.positionImpulse, body.velocity];
export const bodyColumns = {
  ...({ id: "u32", place: "u32", angularVelocity: "f64" } as const),
  angle: twos(1, ["angle", "anglePrev"], (body: Body) => [body]),
  position: twos(1, ["x", "y"], (body: Body) => [body.position]),
  hidden: twos(3, ["x", "y"], hiddenOf),
  outline: twos(6, ["x", "y"], (body: Body) => [...body.vertices, ...body.axes]),
};

/** The contacts of the last step, in the order in which the engine resolves them. */
export function contactsOf(engine: Matter.Engine, bodies: Matter.Body[]) {
  const pairs = engine.pairs as Matter.Pairs & { list: Pair[] };
  const cornersOf = (pair: { bodyA: Matter.Body; bodyB: Matter.Body }): Matter.Vector[] => [
    ...pair.bodyA.vertices,
    ...pair.bodyB.vertices,
  ];
  const columns = {
    ...({ id: "utf8", place: "u32" } as const),
    touching: {
      type: "i8[2]" as const,
      get: (pair: Pair) => pair.collision.supports.map((corner) => cornersOf(pair).indexOf(corner)),
    },
    impulses: twos(2, ["normalImpulse", "tangentImpulse"], (pair: Pair) => pair.contacts),
  };
  const create = ({ id, touching }: { id: string; touching: Int8Array }): Pair => {
    const ids = id.split(":").map((digits) => parseInt(digits, 36));
    const [a, b] = ids.map((end) => bodies.find((body) => body.id === end)!);
    const collision = Matter.Collision.create(a!, b!);
    collision.supports = Array.from(touching, (corner) => cornersOf(collision)[corner] ?? null!);
    Matter.Pairs.update(pairs, [collision], -1);
    return pairs.list.at(-1)!;
  };
  return table.from(() => pairs.list, columns, { key: "id", order: "place", create });
}
