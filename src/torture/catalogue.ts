import { none, type Row } from "./row.ts";
import { corruptionRows } from "./rows/corruption.ts";
import { determinismRows } from "./rows/determinism.ts";
import { crashLoopRow } from "./rows/crash-loop-node.ts";
import { diskFaultRows } from "./rows/disk-faults.ts";
import { endingsRow } from "./rows/endings-node.ts";
import { engineRows } from "./rows/engine.ts";
import { fileRows } from "./rows/files.ts";
import { forgeryRows } from "./rows/forgeries.ts";
import { memoryRow } from "./rows/memory-limits-node.ts";
import { mutantRows } from "./rows/mutants.ts";
import { parserRows } from "./rows/parsers.ts";
import { powerLossRows } from "./rows/power-loss.ts";
import { processRows } from "./rows/processes-node.ts";
import { soakRows } from "./rows/soak-node.ts";
import { repairRows } from "./rows/repairs.ts";
import { tickRows } from "./rows/ticks.ts";
import { writerRows } from "./rows/writers.ts";
import { withRealDisks } from "./rows/real-disks-node.ts";
import { realFileSystemRow } from "./rows/real-file-system-node.ts";
import { slowDiskRow } from "./rows/slow-disk-node.ts";
import { contenderRows } from "./rows/contenders-node.ts";

/** Rows about what does not exist yet: they are never counted as passed. */
const notBuilt: readonly Row[] = [
  { id: "A8", title: "power loss of a database of the catalogue", cases: none },
  { id: "A10", title: "a crash while sealed segments are rewritten", cases: none },
  { id: "C7", title: "a sync that hangs, with the writer on a thread", cases: none },
  { id: "D3", title: "a worker thread that crashes", cases: none },
  { id: "D4", title: "a main thread that is blocked", cases: none },
  { id: "E7", title: "branches that know nothing of each other", cases: none },
  { id: "E8", title: "files of earlier released versions", cases: none },
];

/** Every row, in the order of the catalogue. */
export const catalogue: readonly Row[] = [
  ...powerLossRows,
  ...corruptionRows,
  ...fileRows,
  ...repairRows,
  ...withRealDisks(diskFaultRows),
  ...engineRows,
  ...tickRows,
  ...writerRows,
  ...determinismRows,
  ...mutantRows,
  ...processRows,
  ...soakRows,
  crashLoopRow,
  realFileSystemRow,
  ...contenderRows,
  endingsRow,
  memoryRow,
  slowDiskRow,
  ...parserRows(),
  ...forgeryRows,
  ...notBuilt,
].sort(inOrder);

function inOrder(a: Row, b: Row): number {
  return a.id.charCodeAt(0) - b.id.charCodeAt(0) || numberOf(a) - numberOf(b);
}

function numberOf({ id }: Row): number {
  return Number(id.slice(1));
}
