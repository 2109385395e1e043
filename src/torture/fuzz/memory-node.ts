import type { Memory } from "./reader.ts";

export function processMemory(): Memory {
  const peak = 1024 * process.resourceUsage().maxRSS;
  return { peak, arrays: process.memoryUsage().arrayBuffers };
}
