import { join } from "node:path";
import type { LiveRun } from "../runs/index.ts";
import type { Durability, Params, Recovery, RunFacts } from "../types.ts";
import { visible, type Output } from "./output.ts";
import { bytes, comparedToRaw, count, counted, duration, threeDigits } from "./quantities.ts";
import { shownPath, suggestion } from "./shell.ts";

/** What `run --json` and `resume --json` print. */
export interface RunJson {
  readonly id: string;
  readonly folder: string;
  readonly world: { readonly name: string; readonly version: number };
  readonly seed: number;
  readonly params: Params;
  readonly durability: Durability;
  /** What opening found: whether the run existed, its last tick, bytes cut from the tail, warnings. */
  readonly recovery: Recovery;
  readonly fromTick: number;
  readonly tick: number;
  readonly lastTick: number;
  /** Whether a signal stopped it before `lastTick`. */
  readonly interrupted: boolean;
  readonly seconds: number;
  readonly ticksPerSecond: number;
  /** Bytes of the whole recording, and of the states it stands for if each were written as it is. */
  readonly bytes: number;
  readonly rawBytes: number;
  readonly bytesPerTick: number;
  readonly historyDigest: string;
}

export interface Stretch {
  readonly folder: string;
  readonly durability: Durability;
  readonly fromTick: number;
  readonly lastTick: number;
  readonly elapsed: number;
}

export function runJson(run: LiveRun, facts: RunFacts, stretch: Stretch): RunJson {
  const { card, tick } = facts;
  const { fromTick, lastTick, elapsed, durability } = stretch;
  return {
    id: run.id,
    folder: join(stretch.folder, run.id),
    world: { name: card.world.name, version: card.world.version },
    seed: card.seed,
    params: card.params,
    durability,
    recovery: run.recovery,
    fromTick,
    tick,
    lastTick,
    interrupted: tick < lastTick,
    seconds: elapsed / 1000,
    ticksPerSecond: elapsed > 0 ? ((tick - fromTick) / elapsed) * 1000 : 0,
    ...sizes(facts),
    historyDigest: facts.historyDigest,
  };
}

/** The size of a recording beside that of its bare states, which is what a naive recorder would write. */
export function sizes(
  facts: Pick<RunFacts, "firstTick" | "tick" | "bytes" | "stateBytes">,
): Pick<RunJson, "bytes" | "rawBytes" | "bytesPerTick"> {
  const ticks = facts.tick - facts.firstTick + 1;
  return {
    bytes: facts.bytes,
    rawBytes: facts.stateBytes * ticks,
    bytesPerTick: facts.bytes / ticks,
  };
}

export function sizeText(facts: Parameters<typeof sizes>[0]): string {
  const { bytes: written, rawBytes, bytesPerTick } = sizes(facts);
  return `${bytes(written)} · ${bytes(bytesPerTick)} per tick · ${comparedToRaw(written, rawBytes)}`;
}

export function printOpening(output: Output, run: LiveRun, folder: string, how: string): void {
  const { world, seed } = run.card;
  output.line();
  output.fact(
    "run",
    `${output.paint("bold", run.id)} · world ${visible(world.name)} · seed ${seed}`,
  );
  output.fact("folder", `${visible(shownPath(join(folder, run.id)))} · ${how}`);
  if (run.recovery.resumed) output.fact("recovered", recoveredText(run.recovery));
  for (const warning of run.recovery.warnings) {
    output.aside(`warning: ${visible(warning)}`);
  }
}

function recoveredText({ tick, tornBytes, keptAt }: Recovery): string {
  const upTo = `everything up to tick ${count(tick)}`;
  if (tornBytes === 0) return `${upTo}; no torn tail`;
  const kept = keptAt === undefined ? "" : `, kept in ${visible(shownPath(keptAt))}`;
  return `${upTo}; ${counted(tornBytes, "byte")} of an unacknowledged tail cut${kept}`;
}

export function printClosing(output: Output, run: RunJson, facts: RunFacts, folder: string): void {
  const made = run.tick - run.fromTick;
  const speed = `${duration(run.seconds * 1000)} (${threeDigits(run.ticksPerSecond)} ticks/s)`;
  output.line();
  if (run.interrupted) {
    output.line(
      `${output.paint("yellow", "■")} stopped at tick ${count(run.tick)} of ${count(run.lastTick)} after ${speed}; all of it is durable`,
    );
  } else if (made === 0) {
    output.check(`nothing to do: the run is at tick ${count(run.tick)}`);
  } else {
    output.check(
      `${counted(made, "tick")} recorded in ${speed}; the run is at tick ${count(run.tick)}`,
    );
  }
  output.fact("size", sizeText(facts));
  output.fact("digest", run.historyDigest);
  const next = run.interrupted
    ? [["resume", run.id, "--ticks", String(run.lastTick)]]
    : [
        ["show", run.id],
        ["verify", run.id],
        ["resume", run.id, "--steps", String(Math.max(made, 1))],
      ];
  for (const [index, words] of next.entries()) {
    output.fact(index === 0 ? "next" : "", suggestion(folder, ...words));
  }
}
