/** One configuration in a process of its own, so that neither memory nor compiled code of one is another's. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { check } from "./check.ts";
import type { Outcome, Request } from "./configuration.ts";
import { measure } from "./measurement.ts";
import { NotRun } from "./peers/peer.ts";
import { isOurs } from "./results.ts";

const [, , text = "", scratch = ""] = process.argv;
const request = JSON.parse(text) as Request;
const folder = mkdtempSync(join(scratch, "recording-"));
let outcome: Outcome<unknown>;
try {
  const found = "check" in request ? await check(request, folder) : await measure(request, folder);
  outcome = { found };
} catch (error) {
  // A peer that fails takes no part; ours may not fail.
  const isOfPeer = "peer" in request && !isOurs(request.peer);
  if (!isOfPeer) throw error;
  if (!(error instanceof NotRun)) console.error(error);
  outcome = { notRun: error instanceof NotRun ? error.message : `failed: ${String(error)}` };
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.send?.(outcome, () => process.disconnect());
