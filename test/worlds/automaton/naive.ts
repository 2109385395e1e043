import type { Rule } from "../../../worlds/automaton/rule.ts";
import type { Board } from "../../../worlds/automaton/sums.ts";

/** A step as the definition says it: every cell looks at every offset. Slow, and short enough to be believed. */
export function naiveStep(rule: Rule, { shape, edge }: Board, cells: Uint8Array): Uint8Array {
  const [width = 1, height = 1, depth = 1] = [...shape].reverse();
  const reachZ = rule.dimensions === 3 ? [-1, 0, 1] : [0];
  const at = (x: number, y: number, z: number): number => {
    const inside = x >= 0 && x < width && y >= 0 && y < height && z >= 0 && z < depth;
    if (!inside && edge === "dead") return 0;
    const wrap = (place: number, length: number) => (place + length) % length;
    const plane = wrap(z, depth) * height;
    return cells[(plane + wrap(y, height)) * width + wrap(x, width)] as number;
  };
  return cells.map((state, index) => {
    const x = index % width;
    const y = Math.floor(index / width) % height;
    const z = Math.floor(index / width / height);
    let neighbours = 0;
    for (const dz of reachZ) {
      for (const dy of [-1, 0, 1]) {
        for (const dx of [-1, 0, 1]) {
          const distance = Math.abs(dx) + Math.abs(dy) + Math.abs(dz);
          if (distance === 0 || (rule.neighbourhood === "von-neumann" && distance > 1)) continue;
          if (at(x + dx, y + dy, z + dz) === 1) neighbours++;
        }
      }
    }
    if (state === 0) return rule.birth.includes(neighbours) ? 1 : 0;
    if (state === 1 && rule.survival.includes(neighbours)) return 1;
    return state + 1 === rule.states ? 0 : state + 1;
  });
}
