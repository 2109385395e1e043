import { parseArgs } from "node:util";
import { peerNames, type PeerName } from "./peers/peers.ts";
import { workloadNames, type WorkloadName } from "./workloads/workloads.ts";

export interface Options {
  readonly workloads: readonly WorkloadName[];
  readonly peers: readonly PeerName[];
  readonly isQuick: boolean;
  readonly repetitions: number;
  readonly isChecked: boolean;
  readonly isWritten: boolean;
  readonly isAccepting: boolean;
}

export const usage = `npm run bench -- [options]

  --quick             short workloads, one repetition, no check
  --only a,b          these workloads: ${workloadNames.join(", ")}
  --peers a,b         peers whose names begin so, beside everytick: ${peerNames.slice(2).join(", ")}
  --repetitions N     default 3
  --[no-]check        rebuild and compare every tick in both directions; default unless --quick
  --write             write docs/performance.md and docs/charts/ from this run
  --accept-sizes      write bench/sizes.json, the sizes that a test holds, and measure nothing`;

/** @throws with a message for the user where an option is wrong */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      peers: { type: "string" },
      repetitions: { type: "string" },
      check: { type: "boolean" },
      write: { type: "boolean", default: false },
      "accept-sizes": { type: "boolean", default: false },
    },
  });
  const repetitions = Number(values.repetitions ?? (values.quick ? 1 : 3));
  if (!Number.isSafeInteger(repetitions) || repetitions < 1) {
    throw new Error(`--repetitions is a whole number from 1 on, not ${values.repetitions}`);
  }
  return {
    workloads: chosen("--only", values.only, workloadNames),
    peers: [
      ...new Set([
        ...peerNames.filter((name) => name.startsWith("everytick")),
        ...chosen("--peers", values.peers, peerNames),
      ]),
    ],
    isQuick: values.quick,
    repetitions,
    isChecked: values.check ?? !values.quick,
    isWritten: values.write,
    isAccepting: values["accept-sizes"],
  };
}

function chosen<T extends string>(
  option: string,
  list: string | undefined,
  all: readonly T[],
): T[] {
  if (list === undefined) return [...all];
  const beginnings = list.split(",").map((each) => each.trim());
  for (const each of beginnings) {
    if (!all.some((name) => name.startsWith(each))) {
      throw new Error(`${option}: nothing begins with ${each}; there are ${all.join(", ")}`);
    }
  }
  return all.filter((name) => beginnings.some((each) => name.startsWith(each)));
}
