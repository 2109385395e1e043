export { Chance } from "./chance.ts";
export { MemoryVfs } from "./memory-vfs.ts";
export { ManualClock, memoryPorts, plainCodecs, seededRandom } from "./ports.ts";
export type { Fate } from "./sim-content.ts";
export { type Fault, type SimOperation, simOperations } from "./sim-faults.ts";
export { SimFs, type SimFsOptions } from "./sim-fs.ts";
export {
  everythingIsTorn,
  everythingSurvives,
  mixture,
  nothingSurvives,
  onlyContentSurvives,
  onlyLengthsSurvive,
  subset,
  type Survival,
  type Unsynced,
} from "./sim-power-loss.ts";
