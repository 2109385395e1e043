import { randomBytes } from "node:crypto";
import { setImmediate, setTimeout } from "node:timers/promises";
import type { Clock, Random } from "../types.ts";

export const nodeClock: Clock = {
  wallTime: () => Date.now(),
  monotonic: () => performance.now(),
  yield: async () => setImmediate(),
  sleep: async (milliseconds, signal) => {
    const options = signal === undefined ? {} : { signal };
    // An abort ends the sleep; whoever sleeps looks at the signal itself.
    await setTimeout(milliseconds, undefined, options).catch(() => undefined);
  },
};

export const nodeRandom: Random = { bytes: (length) => new Uint8Array(randomBytes(length)) };
