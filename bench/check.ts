import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Check, CheckRequest } from "./configuration.ts";
import { deltasOf, unpackedBody } from "./everytick/frames.ts";
import { Recording, runId } from "./everytick/recording.ts";
import { record } from "./measurement.ts";
import { applyTick, assertSame, copyState } from "./workloads/state.ts";
import type { State, TickChanges, Workload } from "./workloads/workload.ts";
import { workloads } from "./workloads/workloads.ts";

/** States that are rebuilt at once when the ticks are compared backwards. */
const spanTicks = 20;
/** How much of the deltas' content xz gets: it is slow. */
const xzBytes = 24 * 1024 ** 2;

/** Records the workload with Everytick, plays it forwards and backwards, and compares each state bit by bit. */
export async function check({ check: name, ticks }: CheckRequest, folder: string): Promise<Check> {
  const workload = workloads[name].make(ticks);
  const recording = new Recording("state");
  await record(recording, workload, folder, "grouped");
  await recording.finish();
  const forwards = await compare(recording.play(0, ticks), eachState(workload), workload);
  const backwards = await compare(recording.play(ticks, 0), eachStateBack(workload), workload);
  await recording.close();
  if (forwards !== ticks + 1 || backwards !== ticks + 1) {
    throw new Error(`${name}: ${forwards} and ${backwards} of ${ticks + 1} states were played`);
  }
  return { ticks: ticks + 1, xz: xzOf(deltasOf(join(folder, runId, "journal"))) };
}

type Numbered = [tick: number, state: State];

async function compare(
  found: AsyncIterable<State>,
  expected: Iterator<Numbered>,
  workload: Workload,
): Promise<number> {
  let count = 0;
  for await (const state of found) {
    const next = expected.next();
    if (next.done) throw new Error(`${workload.name}: a state too many`);
    const [tick, right] = next.value;
    assertSame(state, right, workload, tick);
    count += 1;
  }
  return count;
}

function* eachState(workload: Workload, from = 0, start = workload.initial): Generator<Numbered> {
  const state = copyState(start);
  yield [from, state];
  for (let tick = from + 1; tick <= workload.ticks.length; tick++) {
    applyTick(state, workload.ticks[tick - 1] as TickChanges);
    yield [tick, state];
  }
}

/** Forwards from the beginning of each span, the last span first. */
function* eachStateBack(workload: Workload): Generator<Numbered> {
  const starts: Numbered[] = [];
  for (const [tick, state] of eachState(workload)) {
    if (tick % spanTicks === 0) starts.push([tick, copyState(state)]);
  }
  for (const [from, start] of starts.reverse()) {
    const span: Numbered[] = [];
    for (const [tick, state] of eachState(workload, from, start)) {
      if (tick === from + spanTicks) break;
      span.push([tick, copyState(state)]);
    }
    yield* span.reverse();
  }
}

/** What xz -9 makes of the content of the deltas: a size that a general compressor reaches with all the time in the world. */
function xzOf(deltas: readonly Buffer[]): Check["xz"] {
  const bodies: Buffer[] = [];
  let [content, frames] = [0, 0];
  for (const delta of deltas) {
    if (content >= xzBytes) break;
    const body = unpackedBody(delta);
    bodies.push(body);
    content += body.length;
    frames += delta.length;
  }
  const options = { input: Buffer.concat(bodies), maxBuffer: 2 * xzBytes };
  const { status, stdout, error } = spawnSync("xz", ["-9", "--threads=1", "--stdout"], options);
  if (status !== 0) return { notRun: `xz: ${error?.message ?? `exit status ${status}`}` };
  const { length } = bodies;
  return { ticks: length, deltas: frames / length, packed: stdout.length / length };
}
