import * as zlib from "node:zlib";
import { nodeClock } from "../../journal/clock-node.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

const nodeNeeded = "24.15.0";
/** Earlier ones may lose a rollback after a crash of the system. */
const sqliteNeeded = "3.51.3";
const clockMilliseconds = 200;
/** By so much wall time may drift from the monotonic clock while it is watched. */
const driftMilliseconds = 50;

/** The process that would record: its Node, and what that brings along. */
export function runtimeFindings(versions: Readonly<Record<string, string | undefined>>): Finding[] {
  const { node = "0", sqlite } = versions;
  const findings: Finding[] = [];
  if (isOlder(node, nodeNeeded)) {
    findings.push(problem("node", node, `Install Node ${nodeNeeded} or newer.`));
  } else {
    findings.push(ok("node", `${node}, without further arguments`));
  }
  if (sqlite === undefined) {
    findings.push(problem("sqlite", "none", "The lock of a run needs Node's own SQLite."));
  } else if (isOlder(sqlite, sqliteNeeded)) {
    const next = `The lock of a run is tested with SQLite ${sqliteNeeded}; use a newer Node.`;
    findings.push(warning("sqlite", sqlite, next));
  } else {
    findings.push(ok("sqlite", sqlite));
  }
  const hasZstd = typeof zlib.zstdCompressSync === "function";
  findings.push(
    hasZstd ? ok("zstd", "built in") : problem("zstd", "none", "Use a Node that has zstd."),
  );
  return findings;
}

/** Whether a version lies below another, number by number. */
export function isOlder(version: string, needed: string): boolean {
  const [a, b] = [version, needed].map((text) => text.split(".").map((part) => parseInt(part, 10)));
  for (let i = 0; i < 3; i++) {
    const [left = 0, right = 0] = [a?.[i], b?.[i]];
    if (left !== right) return left < right;
  }
  return false;
}

/** @param newest milliseconds since 1970 of the newest card in the folder; 0 if there is none. */
export async function clockFindings(newest: number): Promise<Finding[]> {
  const [wall, steady] = [nodeClock.wallTime(), nodeClock.monotonic()];
  await nodeClock.sleep(clockMilliseconds);
  const drift = nodeClock.wallTime() - wall - (nodeClock.monotonic() - steady);
  return [judgeClock(nodeClock.wallTime(), drift, newest)];
}

export function judgeClock(now: number, drift: number, newest: number): Finding {
  if (Math.abs(drift) > driftMilliseconds) {
    const found = `jumped by ${Math.round(drift)} ms while it was watched`;
    return warning("clock", found, "Wall times in frames jump too; ticks and digests do not.");
  }
  if (newest > now + 1000) {
    const found = `runs here were made in the future, at ${new Date(newest).toISOString()}`;
    return warning("clock", found, "The clock went back. Ids made of the time may meet old ones.");
  }
  return ok("clock", `${new Date(now).toISOString()}, steady`);
}
