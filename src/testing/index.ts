export { MemoryVfs } from "./memory-vfs.ts";
export { ManualClock, memoryPorts, plainCodecs, seededRandom } from "./ports.ts";
