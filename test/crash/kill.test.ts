/** Processes that die at any moment, for real. Power loss is simulated elsewhere: a kill keeps what the system cached. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const kills = Number(process.env["EVERYTICK_KILLS"] ?? 20);
const seed = process.env["EVERYTICK_SEED"] ?? "1";

const lastTick = 3000;
/** A process is killed up to this long after it opened its run; some finish before that, and count as not killed. */
const delayMillisecondsMax = 400;
const world = ["automaton", "--param", "size=64x64", "--param", "density=0.3", "--seed", "5"];

interface Report {
  readonly tick: number;
  readonly fromTick: number;
  readonly historyDigest: string;
}
interface Line {
  readonly ack?: { readonly durableTick: number };
  readonly report?: Report;
}
interface Ending {
  readonly signal: NodeJS.Signals | null;
  /** Everything that the process said before it ended. */
  readonly acknowledged: number;
  readonly openedAt: number | undefined;
  readonly report: Report | undefined;
  readonly stderr: string;
}

function chance(what: string): number {
  return createHash("sha256").update(`${seed} ${what}`).digest().readUInt32LE(0) / 2 ** 32;
}

function start(args: readonly string[], cwd: string): ChildProcess {
  return spawn(process.execPath, ["--conditions=source", main, ...args, "--acks"], { cwd });
}

/** Runs a command and kills it so long after its first acknowledgement; `undefined`: lets it live. */
async function runCommand(
  args: readonly string[],
  cwd: string,
  killAfter: number | undefined,
): Promise<Ending> {
  const child = start(args, cwd);
  const closed = once(child, "close");
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  let acknowledged = -1;
  let openedAt: number | undefined;
  let report: Report | undefined;
  assert(child.stdout !== null);
  for await (const text of createInterface({ input: child.stdout })) {
    const line = parsed(text);
    acknowledged = Math.max(acknowledged, line.ack?.durableTick ?? -1);
    report ??= line.report;
    if (openedAt !== undefined || line.ack === undefined) continue;
    openedAt = line.ack.durableTick;
    if (killAfter !== undefined) void setTimeout(killAfter).then(() => child.kill("SIGKILL"));
  }
  await closed;
  return { signal: child.signalCode, acknowledged, openedAt, report, stderr };
}

/** The last line of a killed process may be cut short: an acknowledgement that nobody got. */
function parsed(text: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return {};
  }
}

test(`${kills} kills at any moment lose no acknowledged tick, and the run goes on exactly, seed ${seed}`, async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), "everytick-kill-"));
  t.after(() => rm(cwd, { recursive: true, force: true }));
  const ticks = ["--ticks", String(lastTick)];
  const whole = await runCommand(["run", ...world, ...ticks, "--id", "whole"], cwd, undefined);
  assert.equal(whole.report?.tick, lastTick, whole.stderr);

  let done = 0;
  for (let round = 0; done < kills; round++) {
    const id = `run-${round}`;
    let acknowledged = -1;
    let args = ["run", ...world, ...ticks, "--id", id];
    for (let life = 0; ; life++) {
      const what = `run ${round}, life ${life}`;
      const killAfter = done < kills ? chance(what) * delayMillisecondsMax : undefined;
      const ending = await runCommand(args, cwd, killAfter);
      assert(ending.openedAt !== undefined, `${what} did not open: ${ending.stderr}`);
      assert(
        ending.openedAt >= acknowledged,
        `${what} recovered tick ${ending.openedAt}, but ${acknowledged} was acknowledged`,
      );
      acknowledged = Math.max(acknowledged, ending.acknowledged);
      if (ending.signal === "SIGKILL") done++;
      if (ending.report !== undefined) {
        assert.equal(ending.report.historyDigest, whole.report.historyDigest, what);
        break;
      }
      assert.equal(ending.signal, "SIGKILL", ending.stderr);
      args = ["resume", id, ...ticks];
    }
    await rm(join(cwd, "runs", id), { recursive: true });
  }
});
