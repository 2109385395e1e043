import { agents } from "./agents.ts";
import { fronts } from "./fronts.ts";
import { hexes } from "./hexes.ts";
import { meadow } from "./meadow.ts";
import { voxels } from "./voxels.ts";
import type { Workload } from "./workload.ts";

export interface WorkloadKind {
  readonly make: (ticks: number) => Workload;
  readonly fullTicks: number;
  /** For quick looks, and for the sizes that CI holds. */
  readonly shortTicks: number;
  readonly about: string;
}

export const workloads = {
  voxels: {
    make: voxels,
    fullTicks: 1000,
    shortTicks: 100,
    about: "64³ cells of u8, B6/S6-10; 6 % of them change, scattered",
  },
  hexes: {
    make: hexes,
    fullTicks: 260,
    shortTicks: 20,
    about: "3,100 counties × 20 f64, all of which move; 243,000 hexes × 3, of which 5,000 change",
  },
  agents: {
    make: agents,
    fullTicks: 200,
    shortTicks: 20,
    about: "100,000 agents, x y energy of f32 and a state of u8; all walk at random",
  },
  fronts: {
    make: fronts,
    fullTicks: 600,
    shortTicks: 60,
    about: "512² cells of u8, grass fires; what changes lies in lines that move",
  },
  meadow: {
    make: meadow,
    fullTicks: 200,
    shortTicks: 60,
    about:
      "20,000 animals with names and moods, 2 % die and are born; edges between them, a log of deaths",
  },
} as const satisfies Record<string, WorkloadKind>;

export type WorkloadName = keyof typeof workloads;
export const workloadNames = Object.keys(workloads) as WorkloadName[];
