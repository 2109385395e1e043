import { nodeClock, nodeRandom } from "../journal/clock-node.ts";
import { nodeCodecs } from "../journal/codecs-node.ts";
import { nodeVfs } from "../journal/vfs-node.ts";
import type { Ports } from "../types.ts";

/** The ports of Node, with the given ones in their place. */
export async function nodePorts(given: Partial<Ports>): Promise<Ports> {
  return {
    vfs: given.vfs ?? nodeVfs,
    codecs: given.codecs ?? (await nodeCodecs()),
    clock: given.clock ?? nodeClock,
    random: given.random ?? nodeRandom,
  };
}
