import { assert } from "../../assert.ts";
import type { Run, Runs } from "../../runs/index.ts";
import { goalLabel } from "../goal.ts";
import { count, counted } from "../quantities.ts";
import { sizeText, sizes } from "../run-report.ts";
import type { Shell } from "../shell.ts";
import { stepTo } from "../stepping.ts";
import { loadWorld, type WorldModule, worldLabel } from "../world-module.ts";
import type { Checks } from "./checks.ts";
import { demoLabel, removeEarlier } from "./earlier-run.ts";
import { drawBoard } from "./picture.ts";

const id = "demo-gun";
const lastTick = 1200;
/** A glider gun emits a glider every 30 generations: Gosper, 1970. */
const period = 30;
/** The gun stands near the top left corner. A glider flies one cell down and right in 4 ticks, so none gets to an edge. */
const width = 352;
const height = 336;
const corner = { x: 4, y: 4 };
const picture = { left: 0, top: 4, columns: 76, rows: 28 };

export interface GunJson {
  readonly id: string;
  readonly gliders: number;
  readonly bytes: number;
  readonly rawBytes: number;
  readonly bytesPerTick: number;
  readonly historyDigest: string;
}

type CountGliders = (cells: Uint8Array, boardWidth: number, boardHeight: number) => number;

/** The glider gun is recorded, and its gliders are counted in the recording. */
export async function demoGun(shell: Shell, runs: Runs, checks: Checks): Promise<GunJson> {
  const { output } = shell;
  output.line(
    `${output.paint("bold", "2  Glider gun")}   ${width}×${height} cells · B3/S23 · Gosper, 1970`,
  );
  await removeEarlier(runs, id);
  const automaton = await loadWorld("automaton");
  await recordGun(shell, runs, automaton);
  await using run = await runs.open(id);
  const gliders = await countRecorded(run, gliderCounter(automaton), checks);
  const past = await run.at(lastTick);
  for (const line of drawBoard(cellsOf(past.state), width, picture)) {
    output.line(line === "" ? "" : `   ${output.paint("cyan", line)}`);
  }
  const facts = await run.facts();
  output.fact("size", sizeText(facts));
  return { id, gliders, ...sizes(facts), historyDigest: facts.historyDigest };
}

async function recordGun({ signal }: Shell, runs: Runs, automaton: WorldModule): Promise<void> {
  const { world, codeDigest } = automaton;
  const pattern = `#P ${corner.x} ${corner.y}\n${gunPattern(automaton)}`;
  await using run = await runs.record(id, {
    world,
    codeDigest,
    params: { rule: "B3/S23", size: `${width}x${height}`, edge: "dead", pattern },
    window: 64,
    labels: { [demoLabel]: "gun", [worldLabel]: automaton.origin, [goalLabel]: String(lastTick) },
  });
  await stepTo(run, lastTick, { signal, onAck: () => {} });
  signal.throwIfAborted();
}

async function countRecorded(
  run: Run,
  countGliders: CountGliders,
  checks: Checks,
): Promise<number> {
  const counts: number[] = [];
  for (let tick = period; tick <= lastTick; tick += period) {
    const past = await run.at(tick);
    counts.push(countGliders(cellsOf(past.state), width, height));
  }
  const wrong = counts.filter((gliders, index) => gliders !== index + 1).length;
  const last = counts.at(-1) ?? 0;
  checks.check(
    wrong === 0,
    `${counted(last, "glider")} at tick ${count(lastTick)}, counted in the recording: ` +
      `one more each ${period} ticks${wrong === 0 ? "" : `, but ${wrong} times not`}`,
  );
  return last;
}

// Worlds are guests: they are loaded by name like a user's own, so what their modules export is looked at, not imported.

function gunPattern({ exports }: WorldModule): string {
  const patterns = (exports["patterns"] ?? {}) as { readonly [name: string]: string };
  const pattern = patterns["gosper-glider-gun"];
  assert(pattern !== undefined, "the automaton module exports the glider gun");
  return pattern;
}

function gliderCounter({ exports }: WorldModule): CountGliders {
  const { countGliders } = exports;
  assert(typeof countGliders === "function", "the automaton module exports countGliders");
  return countGliders as CountGliders;
}

function cellsOf(state: { readonly [store: string]: unknown }): Uint8Array {
  const { cells } = state;
  return cells instanceof Uint8Array ? cells : new Uint8Array();
}
