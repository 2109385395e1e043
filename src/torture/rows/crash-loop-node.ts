import { rmSync } from "node:fs";
import { join } from "node:path";
import { nodePorts } from "../../runs/ports-node.ts";
import { openRuns } from "../../runs/runs.ts";
import { Chance } from "../../testing/index.ts";
import type { Tick } from "../../types.ts";
import { type Kill, recordUntilKilled, Scratch } from "../child-process-node.ts";
import { herdWorkload } from "../herd.ts";
import { expect, Oracle } from "../oracle.ts";
import { isDone, type Row, type RowContext, type RowResult, type Seeds, Tally } from "../row.ts";
import { ticksUpTo } from "../workload.ts";

/** Processes that record at a time, each another run. */
const writers = 2;
/** Runs that are begun and not finished. */
const runsMax = 3;
/** Ticks that may be unacknowledged, by life. */
const windows = [0, 0, 1, 8];

interface LoopedRun {
  readonly id: string;
  readonly lastTick: Tick;
  acknowledged: Tick;
}

async function* shared(seeds: Seeds): AsyncGenerator<number, void> {
  yield* seeds;
}

/** Several runs of one store under full load, whose processes are killed and started again. */
class CrashLoop {
  readonly #context: RowContext;
  readonly #oracle: Oracle;
  readonly #scratch = new Scratch();
  readonly #tally = new Tally("case");
  /** Runs that nobody records at the moment. */
  readonly #free: LoopedRun[] = [];
  #begun = 0;
  /** Shared: each life takes the next one. */
  readonly #seeds: AsyncGenerator<number, void>;

  constructor(context: RowContext) {
    this.#context = context;
    this.#seeds = shared(context.seeds);
    this.#oracle = new Oracle(herdWorkload, context.codecs);
  }

  async run(): Promise<RowResult> {
    using _ = this.#scratch;
    await Promise.all(Array.from({ length: writers }, async () => this.#write()));
    for (const run of this.#free) await this.#checkWhole(run);
    return this.#tally.result();
  }

  /** One life after the other. */
  async #write(): Promise<void> {
    for (;;) {
      const { value: seed, done: isOver } = await this.#seeds.next();
      if (isOver === true || isDone(this.#context, this.#tally)) break;
      const chance = new Chance(seed);
      const run = this.#next(chance);
      const kill = this.#kill(chance);
      const where = `run ${run.id}, killed ${kill.milliseconds} ms behind its ${kill.from}`;
      let isClosed = false;
      await this.#tally.try(seed, where, async () => {
        const plan = { folder: this.#scratch.runs, window: chance.pick(windows), ...run };
        const end = await recordUntilKilled(plan, kill);
        expect(end.isKilled || end.isClosed, `it ended by itself: ${end.stdout}${end.stderr}`);
        const { opened } = end;
        expect(
          opened < 0 || opened >= run.acknowledged,
          `tick ${run.acknowledged} was acknowledged, and tick ${opened} is the last one found`,
        );
        run.acknowledged = Math.max(run.acknowledged, end.acknowledged);
        if (end.isKilled) this.#tally.count("kill");
        isClosed = end.isClosed;
      });
      if (isClosed) await this.#checkWhole(run);
      else this.#free.push(run);
    }
  }

  /** Mostly amid the load: what happens at the start of a process is another row's. */
  #kill(chance: Chance): Kill {
    const longest = this.#context.tier === "pr" ? 500 : 2000;
    const from = chance.chance(0.15) ? "start" : "first word";
    return { milliseconds: chance.below(longest), from };
  }

  #next(chance: Chance): LoopedRun {
    const isNew = this.#free.length + writers <= runsMax || this.#free.length === 0;
    if (!isNew) return this.#free.splice(chance.below(this.#free.length), 1)[0] as LoopedRun;
    const lastTick = this.#context.tier === "pr" ? 300 : 3000;
    return { id: `run-${this.#begun++}`, lastTick, acknowledged: -1 };
  }

  /** The whole history is that of a run that was never disturbed; its files are gone behind this. */
  async #checkWhole({ id, acknowledged }: LoopedRun): Promise<void> {
    const folder = this.#scratch.runs;
    await this.#tally.try(this.#context.seed, `all of ${id}`, async () => {
      const runs = await openRuns(folder, await nodePorts({}));
      const resume = acknowledged < 0 ? "auto" : "only";
      await (await runs.record(id, { state: herdWorkload.state, resume })).close();
      const run = await runs.open(id);
      const { damage, tailBytes } = await run.verify();
      expect(damage.length === 0, `verify finds damage: ${JSON.stringify(damage[0])}`);
      expect(tailBytes === 0, `verify finds a tail of ${tailBytes} bytes`);
      expect(
        run.tick >= acknowledged,
        `tick ${acknowledged} was acknowledged, ${run.tick} is last`,
      );
      const ticks = await this.#oracle.checkReadable(run, ticksUpTo(run.tick));
      this.#tally.count("tick", ticks.length);
      this.#tally.count("byte", (await run.facts()).bytes);
      await run.close();
      await runs.close();
    });
    rmSync(join(folder, id), { recursive: true, force: true });
  }
}

export const crashLoopRow: Row = {
  id: "A11",
  title: "several writers under full load, killed and resumed over and over",
  cases: { pr: 6, nightly: 1000, release: 10_000 },
  run: async (context) => new CrashLoop(context).run(),
};
