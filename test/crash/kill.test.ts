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
import { compileCache } from "../cli/everytick-process.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const kills = Number(process.env["EVERYTICK_KILLS"] ?? 20);
const seed = process.env["EVERYTICK_SEED"] ?? "1";

const lastTick = 3000;
/** Some processes are finished before their kill comes; they do not count as killed. */
const delayMillisecondsMax = 500;
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
  const env = { ...process.env, ...compileCache };
  return spawn(process.execPath, ["--conditions=source", main, ...args, "--acks"], { cwd, env });
}

interface Kill {
  readonly milliseconds: number;
  /** Counted from the start of the process, to hit the opening and the recovery, or from its first acknowledgement. */
  readonly from: "start" | "opening";
}

function chooseKill(what: string): Kill {
  const milliseconds = chance(`${what}, when`) * delayMillisecondsMax;
  return { milliseconds, from: chance(`${what}, from`) < 0.4 ? "start" : "opening" };
}

/** Runs a command, with a kill on its way or, for `undefined`, in peace. */
async function runCommand(
  args: readonly string[],
  cwd: string,
  kill: Kill | undefined,
): Promise<Ending> {
  const child = start(args, cwd);
  const closed = once(child, "close");
  const killLater = (from: Kill["from"]): void => {
    if (kill?.from === from) void setTimeout(kill.milliseconds).then(() => child.kill("SIGKILL"));
  };
  killLater("start");
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
    killLater("opening");
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

interface Life {
  readonly what: string;
  readonly id: string;
  readonly cwd: string;
  readonly kill: Kill | undefined;
  /** What the lives before said is durable; -1: nothing. */
  readonly acknowledged: number;
}

/** One process: it finds everything that was acknowledged before, or dies before it can say so. */
async function live({ what, id, cwd, kill, acknowledged }: Life): Promise<Ending> {
  const ticks = ["--ticks", String(lastTick)];
  const args =
    acknowledged < 0
      ? ["run", ...world, ...ticks, "--id", id, "--resume"]
      : ["resume", id, ...ticks];
  const ending = await runCommand(args, cwd, kill);
  if (ending.report === undefined) assert.equal(ending.signal, "SIGKILL", ending.stderr);
  const { openedAt = acknowledged } = ending;
  assert(
    openedAt >= acknowledged,
    `${what} recovered tick ${openedAt}, but ${acknowledged} was acknowledged`,
  );
  return ending;
}

test(`L4, CON-03: ${kills} kills at any moment lose no acknowledged tick, and the run goes on exactly, seed ${seed}`, async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), "everytick-kill-"));
  t.after(() => rm(cwd, { recursive: true, force: true }));
  const peaceful = { what: "whole", id: "whole", cwd, kill: undefined, acknowledged: -1 };
  const { report: whole } = await live(peaceful);
  assert.equal(whole?.tick, lastTick);

  let done = 0;
  let duringOpening = 0;
  for (let round = 0; done < kills; round++) {
    const id = `run-${round}`;
    let acknowledged = -1;
    let report: Report | undefined;
    for (let life = 0; report === undefined; life++) {
      const what = `run ${round}, life ${life}`;
      const kill = done < kills ? chooseKill(what) : undefined;
      const ending = await live({ what, id, cwd, kill, acknowledged });
      acknowledged = Math.max(acknowledged, ending.acknowledged);
      ({ report } = ending);
      if (ending.signal !== "SIGKILL") continue;
      done++;
      if (ending.openedAt === undefined) duringOpening++;
    }
    assert.equal(report.historyDigest, whole.historyDigest, `run ${round}`);
    await rm(join(cwd, "runs", id), { recursive: true });
  }
  t.diagnostic(`${done} kills, ${duringOpening} of them before the run was open`);
});
