import { createHash, randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LiveRun, openRuns, type Run, type Runs } from "../../runs/index.ts";
import type { Recovery, RunFacts } from "../../types.ts";
import { ProgressLine, stepProgressText } from "../progress.ts";
import { bytes, count, counted, duration, quantile, threeDigits } from "../quantities.ts";
import { sizes, sizeText } from "../run-report.ts";
import type { Shell } from "../shell.ts";
import { stepTo } from "../stepping.ts";
import { milliseconds } from "../stopwatch.ts";
import { loadWorld, type WorldModule } from "../world-module.ts";
import type { Checks } from "./checks.ts";
import { demoLabel, removeEarlier } from "./earlier-run.ts";
import { recordAndKill, type KilledRecording } from "./killed-recording.ts";

const id = "demo-voxels";
const params = { rule: "B6/S6-10", size: "64x64x64", density: 0.25 };
const seed = 42;
const lastTick = 1000;
const seekCount = 20;
const stepsBack = 100;

export interface VoxelsJson {
  readonly id: string;
  readonly acknowledged: number;
  readonly recoveredTick: number;
  readonly bytes: number;
  readonly rawBytes: number;
  readonly bytesPerTick: number;
  readonly ticksPerSecond: number;
  readonly seekMilliseconds: { readonly p50: number; readonly max: number };
  readonly stepBackMilliseconds: { readonly p50: number; readonly max: number };
  readonly historyDigest: string;
}

/** A world is recorded, killed half way, resumed, compared with a run that nothing disturbed, and rewound. */
export async function demoVoxels(shell: Shell, runs: Runs, checks: Checks): Promise<VoxelsJson> {
  const { output, signal } = shell;
  output.line(
    `${output.paint("bold", "1  Voxels")}   64×64×64 cells · ${params.rule} · seed ${seed} · fsync in every tick`,
  );
  await removeEarlier(runs, id);
  const killed = await recordHalf(shell, runs.folder);
  signal.throwIfAborted();
  const died = killed.signal === "SIGKILL";
  if (!died) output.aside(killed.stderr);
  checks.check(
    died,
    `recorded in another process; killed (SIGKILL) after it acknowledged tick ${count(killed.acknowledged)}`,
  );

  const module = await loadWorld("automaton");
  const { recoveredTick, elapsed } = await resumeToEnd(shell, runs, module, killed, checks);
  const unbroken = await recordUnbroken(shell, module);
  await using run = await runs.open(id);
  const facts = await run.facts();
  checks.check(
    facts.tick === lastTick && facts.historyDigest === unbroken.historyDigest,
    `at tick ${count(facts.tick)} its history digest equals that of an unbroken recording`,
  );
  const seeks = await seekAround(run, unbroken.stateDigests, checks, signal);
  const back = await playBack(run, checks, signal);
  const ticksPerSecond = ((lastTick - recoveredTick) / elapsed) * 1000;
  const result: VoxelsJson = {
    id,
    acknowledged: killed.acknowledged,
    recoveredTick,
    ...sizes(facts),
    ticksPerSecond,
    seekMilliseconds: { p50: quantile(seeks, 0.5), max: Math.max(...seeks) },
    stepBackMilliseconds: { p50: quantile(back, 0.5), max: Math.max(...back) },
    historyDigest: facts.historyDigest,
  };
  printMeasures(shell, facts, result);
  return result;
}

async function recordHalf({ output, signal }: Shell, folder: string): Promise<KilledRecording> {
  using progress = new ProgressLine(output);
  const given = Object.entries({ ...params }).flatMap(([name, value]) => [
    "--param",
    `${name}=${value}`,
  ]);
  const args = [
    "run",
    "automaton",
    "--id",
    id,
    "--dir",
    folder,
    "--seed",
    String(seed),
    "--window",
    "0",
    "--acks",
  ];
  args.push("--ticks", String(lastTick), "--label", `${demoLabel}=voxels`, ...given);
  return await recordAndKill(args, {
    afterTick: lastTick / 2 + randomInt(-30, 30),
    delayMilliseconds: randomInt(12),
    signal,
    onAck: (tick) =>
      progress.update(() => `  recording in another process: tick ${count(tick)} is durable`),
  });
}

async function resumeToEnd(
  shell: Shell,
  runs: Runs,
  { world, codeDigest }: WorldModule,
  { acknowledged }: KilledRecording,
  checks: Checks,
): Promise<{ recoveredTick: number; elapsed: number }> {
  await using run = await runs.record(id, { world, codeDigest, resume: "only" });
  const { recovery } = run;
  const lost = Math.max(0, acknowledged - recovery.tick);
  checks.check(
    lost === 0,
    `resumed at tick ${count(recovery.tick)}: ${lossText(lost)}, ${tailText(recovery)}`,
  );
  const elapsed = await stepShown(shell, run, "resumed");
  return { recoveredTick: recovery.tick, elapsed };
}

function lossText(lost: number): string {
  return lost === 0 ? "no acknowledged tick is lost" : `${counted(lost, "acknowledged tick")} lost`;
}

function tailText({ tornBytes }: Recovery): string {
  return tornBytes === 0 ? "no torn tail" : `a torn tail of ${counted(tornBytes, "byte")} cut`;
}

interface Unbroken {
  readonly historyDigest: string;
  readonly stateDigests: ReadonlyMap<number, string>;
}

/** The same run again, in one go and elsewhere: what the killed one is measured against. */
async function recordUnbroken(shell: Shell, { world, codeDigest }: WorldModule): Promise<Unbroken> {
  const folder = await mkdtemp(join(tmpdir(), "everytick-demo-"));
  try {
    await using runs = await openRuns(folder);
    const options = { world, codeDigest, params, seed, durability: "memory", window: 64 } as const;
    await using run = await runs.record("unbroken", options);
    await stepShown(shell, run, "unbroken, to compare with");
    const stateDigests = new Map<number, string>();
    for (const tick of seekTicks()) stateDigests.set(tick, (await run.at(tick)).stateDigest());
    return { historyDigest: (await run.facts()).historyDigest, stateDigests };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function stepShown({ output, signal }: Shell, run: LiveRun, what: string): Promise<number> {
  using progress = new ProgressLine(output);
  const from = run.tick;
  const startedAt = milliseconds();
  const elapsed = await stepTo(run, lastTick, {
    signal,
    onAck: ({ tick, durableTick }) =>
      progress.update(() => {
        const { bytesWritten } = run;
        const now = milliseconds() - startedAt;
        const step = { from, tick, until: lastTick, durableTick, bytesWritten, elapsed: now };
        return `${stepProgressText(step)} · ${what}`;
      }),
  });
  signal.throwIfAborted();
  return elapsed;
}

/** Ticks all over the run, the same in each demo. */
function seekTicks(): number[] {
  return Array.from({ length: seekCount }, (_, index) => {
    const digest = createHash("sha256").update(`everytick demo ${index}`).digest();
    return digest.readUInt32LE(0) % (lastTick + 1);
  });
}

async function seekAround(
  run: Run,
  stateDigests: ReadonlyMap<number, string>,
  checks: Checks,
  signal: AbortSignal,
): Promise<number[]> {
  const times: number[] = [];
  let right = 0;
  for (const tick of seekTicks()) {
    signal.throwIfAborted();
    const startedAt = milliseconds();
    const past = await run.at(tick, { verify: true });
    times.push(milliseconds() - startedAt);
    if (past.tick === tick && past.stateDigest() === stateDigests.get(tick)) right++;
  }
  checks.check(
    right === seekCount,
    `${right} of ${seekCount} random ticks rebuilt from disk equal the unbroken run's states`,
  );
  return times;
}

async function playBack(run: Run, checks: Checks, signal: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  let expected = lastTick;
  let startedAt = milliseconds();
  const play = run.play({
    from: lastTick,
    to: lastTick - stepsBack,
    reuse: true,
    verify: true,
    signal,
  });
  for await (const past of play) {
    // The first tick is a seek, not a step.
    if (expected < lastTick) times.push(milliseconds() - startedAt);
    if (past.tick !== expected) break;
    expected--;
    startedAt = milliseconds();
  }
  checks.check(
    times.length === stepsBack,
    `${count(times.length)} ticks played backwards from disk, ${count(lastTick)} to ${count(expected + 1)}, every digest right`,
  );
  return times;
}

function printMeasures({ output }: Shell, facts: RunFacts, result: VoxelsJson): void {
  const { seekMilliseconds: seek, stepBackMilliseconds: back } = result;
  output.fact("digest", result.historyDigest);
  output.fact("size", `${sizeText(facts)} (${bytes(result.rawBytes)})`);
  output.fact(
    "speed",
    `${threeDigits(result.ticksPerSecond)} ticks/s, stepped and recorded, fsync in every tick`,
  );
  output.fact("seek", `p50 ${duration(seek.p50)}, max ${duration(seek.max)}, digests checked`);
  output.fact("step back", `p50 ${duration(back.p50)}, max ${duration(back.max)}, digests checked`);
}
