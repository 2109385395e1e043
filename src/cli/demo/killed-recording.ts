import { setTimeout } from "node:timers/promises";
import { EverytickError } from "../../errors.ts";
import { spawnCli } from "../child.ts";
import type { FailureJson } from "../failure.ts";
import { milliseconds } from "../stopwatch.ts";

export interface KilledRecording {
  /** The last tick that the killed process said was durable. */
  readonly acknowledged: number;
  readonly signal: NodeJS.Signals | null;
  readonly ticksPerSecond: number;
  readonly stderr: string;
}
export interface KillPlan {
  /** The kill comes this long after the acknowledgement of this tick: at any moment of the work. */
  readonly afterTick: number;
  readonly delayMilliseconds: number;
  readonly signal: AbortSignal;
  readonly onAck: (tick: number) => void;
}

/** Records in another process, which dies by SIGKILL: it can neither flush, nor close, nor say goodbye. */
export async function recordAndKill(
  args: readonly string[],
  plan: KillPlan,
): Promise<KilledRecording> {
  const child = spawnCli(args);
  const stop = () => child.kill("SIGKILL");
  plan.signal.addEventListener("abort", stop);
  if (plan.signal.aborted) stop();
  let acknowledged = -1;
  let firstAt = 0;
  let lastAt = 0;
  let dying = false;
  for await (const document of child.documents) {
    if (isFailure(document)) throw asError(document);
    const tick = acknowledgedTick(document);
    if (tick === undefined) continue;
    if (acknowledged < 0) firstAt = milliseconds();
    lastAt = milliseconds();
    acknowledged = tick;
    plan.onAck(tick);
    if (tick >= plan.afterTick && !dying) {
      dying = true;
      // Not awaited: acknowledgements keep coming until the kill, and each of them counts.
      void setTimeout(plan.delayMilliseconds).then(stop);
    }
  }
  const { signal, stderr } = await child.ended;
  plan.signal.removeEventListener("abort", stop);
  const ticksPerSecond = (acknowledged / Math.max(lastAt - firstAt, 1)) * 1000;
  return { acknowledged, signal, ticksPerSecond, stderr };
}

/** What stopped the other process, a full disk for example, stops the demo too. */
function asError({ error }: FailureJson): Error {
  const { code, message, ...details } = error;
  const known = Object.entries(details).filter(([, text]) => text !== null);
  if (code === null) return new Error(`the recording process failed: ${message}`);
  return new EverytickError(code, Object.fromEntries(known));
}

function isFailure(document: unknown): document is FailureJson {
  return typeof document === "object" && document !== null && "error" in document;
}

function acknowledgedTick(document: unknown): number | undefined {
  if (typeof document !== "object" || document === null || !("ack" in document)) return undefined;
  const { ack } = document;
  if (typeof ack !== "object" || ack === null || !("durableTick" in ack)) return undefined;
  return typeof ack.durableTick === "number" ? ack.durableTick : undefined;
}
