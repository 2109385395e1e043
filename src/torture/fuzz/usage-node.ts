import type { Usage } from "./reader.ts";

export function processUsage(): Usage {
  const { user, system } = process.threadCpuUsage();
  const peak = 1024 * process.resourceUsage().maxRSS;
  return { milliseconds: (user + system) / 1000, peak, arrays: process.memoryUsage().arrayBuffers };
}
