/** Random worlds whose numbers drift, pause and change their character, recorded over several segments with a copy of each state. */
import { createHash } from "node:crypto";
import {
  grid,
  openRuns,
  table,
  value,
  type PastStateOf,
  type LiveRun,
  type Run,
  type Runs,
  type StateOf,
  type Tick,
  type Vfs,
} from "everytick";
import { memoryPorts, type MemoryVfs } from "everytick/testing";
import { FrameKind, readFrameHeader, type FrameHeader } from "../../src/format/frame.ts";
import { readSegmentHeader } from "../../src/format/segment.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import type { Codecs, NumericType } from "../../src/types.ts";
import { addTo, courses, type Course } from "../format/number-series.ts";
import { numericTypes } from "../format/arbitraries.ts";
import { Choices } from "../model/choices.ts";
import { folder } from "../runs/memory-runs.ts";

export const journal = `${folder}/run/journal`;
const codecs = await nodeCodecs();

function definitionOf(seed: number) {
  const choices = new Choices(seed);
  const type = (): NumericType => choices.pick(numericTypes);
  const rows = 20 + choices.below(400);
  return {
    first: grid(type(), [rows]),
    second: grid(type(), [20, 30], { chunk: [8, 30] }),
    seen: grid(type(), [40], { role: "observed" }),
    vectors: value({ wide: "f32[30]", narrow: "u16[16]" }),
    rows: table({ id: "u32", number: type(), place: "f64[3]" }, { key: "id" }),
  };
}
export type Definition = ReturnType<typeof definitionOf>;
type State = StateOf<Definition>;

/** Every bit of a state, store by store, as digests. */
export function textOf(state: State | PastStateOf<Definition>): string {
  const { first, second, seen, vectors, rows } = state;
  const { number, place } = rows.columns;
  const live = [...rows.keys()].flatMap((id) => {
    const slot = rows.slotOf(id);
    return [
      Uint32Array.of(id, slot),
      number.slice(slot, slot + 1),
      place.slice(3 * slot, 3 * slot + 3),
    ];
  });
  const stores = {
    first: [first],
    second: [second],
    seen: [seen],
    vectors: [vectors.wide, vectors.narrow],
    rows: live,
  };
  return Object.entries(stores)
    .map(([name, arrays]) => `${name} ${digestOf(arrays)}`)
    .join(", ");
}

function digestOf(arrays: readonly NodeJS.ArrayBufferView[]): string {
  const hash = createHash("sha256");
  for (const array of arrays) hash.update(array);
  return hash.digest("hex").slice(0, 16);
}

/** Moves the numbers of a world; each of its columns has a course that changes now and then. */
class Simulation {
  readonly #choices: Choices;
  readonly #courses: Course[] = [];

  constructor(seed: number) {
    this.#choices = new Choices(seed);
  }

  step({ first, second, seen, vectors, rows }: State, tick: Tick): void {
    const choices = this.#choices;
    if (choices.chance(0.05)) return;
    if (choices.chance(0.15) && rows.size > 20) rows.delete([...rows.keys()][choices.below(20)]!);
    if (choices.chance(0.15)) rows.insert({ id: 1000 + tick });
    const { number, place } = rows.columns;
    const slots = rows.slotCount;
    this.#move(0, first, first.length, tick);
    this.#move(1, second, second.length, tick);
    this.#move(2, seen, seen.length, tick);
    this.#move(3, vectors.wide, 30, tick);
    this.#move(4, vectors.narrow, 16, tick);
    const isDead = (slot: number): boolean => rows.live[slot] === 0;
    this.#move(5, number, slots, tick, isDead);
    this.#move(6, place, 3 * slots, tick, (i) => isDead(Math.floor(i / 3)));
  }

  #move(
    column: number,
    array: ArrayBufferView & { readonly length: number },
    count: number,
    tick: Tick,
    isLeft: (i: number) => boolean = () => false,
  ): void {
    const choices = this.#choices;
    if (this.#courses[column] === undefined || choices.chance(0.04)) {
      this.#courses[column] = choices.pick(Object.values<Course>(courses));
    }
    const width = array.byteLength / array.length;
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    for (let i = 0; i < count; i++) {
      const more = isLeft(i) ? undefined : this.#courses[column]?.(tick, i, choices);
      if (more !== undefined) addTo(bytes, i * width, width, more);
    }
  }
}

export interface DriftingRun {
  readonly vfs: MemoryVfs;
  /** A copy of each state, as text. */
  readonly texts: readonly string[];
  readonly open: (others?: { vfs?: Vfs; codecs?: Codecs }) => Promise<Runs>;
  readonly reader: (others?: { vfs?: Vfs; codecs?: Codecs }) => Promise<Run<Definition>>;
  /** Continues the run for so many ticks. */
  readonly resume: (ticks: number) => Promise<void>;
}

export async function driftingRun(
  seed: number,
  ticks: number,
  segmentBytesMin = 10_000,
): Promise<DriftingRun> {
  const { codecs: _, ...ports } = await memoryPorts();
  const bodyBytesMax = seed % 2 === 0 ? 400 : 1_000_000;
  const open: DriftingRun["open"] = async (others) =>
    openRuns(folder, { ...ports, codecs, segmentBytesMin, bodyBytesMax, ...others });
  const simulation = new Simulation(seed);
  const texts: string[] = [];
  const advance = async (run: LiveRun<Definition>, count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      simulation.step(run.state, run.tick + 1);
      await run.commit();
      texts.push(textOf(run.state));
    }
    await run.close();
  };
  const runs = await open();
  const run = await runs.record("run", { state: definitionOf(seed), window: 8 });
  texts.push(textOf(run.state));
  for (let id = 0; id < 40; id++) run.state.rows.insert({ id });
  await advance(run, ticks);
  return {
    vfs: ports.vfs,
    texts,
    open,
    reader: async (others) =>
      (await (await open(others)).open("run")) as unknown as Run<Definition>,
    resume: async (more) => {
      const state = definitionOf(seed);
      await advance(await (await open()).record("run", { state, window: 8, resume: "only" }), more);
    },
  };
}

export interface FramePlace extends FrameHeader {
  readonly offset: number;
}

/** The deltas and keyframes of a segment. */
export function framesIn(segment: Uint8Array): FramePlace[] {
  const found: FramePlace[] = [];
  let offset = readSegmentHeader(segment, "a segment", codecs).length;
  for (;;) {
    const frame = readFrameHeader(segment, offset);
    if (frame === undefined) return found;
    if (frame.kind === FrameKind.delta || frame.kind === FrameKind.keyframe) {
      found.push({ ...frame, offset });
    }
    offset += frame.length;
  }
}
