import { spawn } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout } from "node:timers/promises";
import { Chance } from "../../testing/index.ts";
import type { Tick } from "../../types.ts";
import { type Ending, ownExitCode } from "../child-plan.ts";
import { Child, type ChildEnd, Scratch, simulated } from "../child-process-node.ts";
import { Cleanup } from "../cleanup-node.ts";
import { endingVariable } from "../ending-world-node.ts";
import { herdWorkload } from "../herd.ts";
import { expect, Oracle } from "../oracle.ts";
import { isDone, type Row, type RowContext, type RowResult, Tally } from "../row.ts";
import { runId, ticksUpTo } from "../workload.ts";

/** What users type, and a world that misbehaves; both are programs of their own, and the build gives them another ending. */
const extension = extname(import.meta.url);
const program = fileURLToPath(new URL(`../../cli/main${extension}`, import.meta.url));
const world = fileURLToPath(new URL(`../ending-world-node${extension}`, import.meta.url));

const lastTick = 60;
/** So many that a process is still busy with them when it is told to end, and few enough that it ends on its own. */
const manyTicks = 3000;

/** How a process ends, and the exit code or signal that says so. */
interface Ordered {
  readonly what: string;
  readonly how?: Ending;
  readonly signals?: readonly NodeJS.Signals[];
  readonly code: number | null;
  readonly signal?: NodeJS.Signals | null;
}

/** Of a program with the library: a signal that nobody listens to is the system's own affair. */
const libraryEndings: readonly Ordered[] = [
  { what: "an exception", how: "throw", code: 1 },
  { what: "an unhandled rejection", how: "reject", code: 1 },
  { what: "process.exit()", how: "exit", code: ownExitCode },
  { what: "process.exit() amid a commit", how: "exit while committing", code: ownExitCode },
  { what: "SIGTERM", signals: ["SIGTERM"], code: null, signal: "SIGTERM" },
  { what: "SIGINT", signals: ["SIGINT"], code: null, signal: "SIGINT" },
];

/** Of `everytick run`: the codes that its help documents. */
const commandEndings: readonly Ordered[] = [
  { what: "an exception", how: "throw", code: 1 },
  { what: "an unhandled rejection", how: "reject", code: 1 },
  { what: "process.exit()", how: "exit", code: ownExitCode },
  { what: "SIGTERM", signals: ["SIGTERM"], code: 130 },
  { what: "SIGINT", signals: ["SIGINT"], code: 130 },
  { what: "SIGINT twice", signals: ["SIGINT", "SIGINT"], code: 130 },
];

async function endedProcesses(context: RowContext): Promise<RowResult> {
  const tally = new Tally("ending");
  const commands = new Commands();
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) break;
    const chance = new Chance(seed);
    // The fast tier tries two of each.
    const some = (list: readonly Ordered[]): Ordered[] =>
      chance.shuffled(list).slice(0, context.tier === "pr" ? 2 : undefined);
    const chosen = [
      ...some(libraryEndings).map((ordered) => ({ ordered, isCommand: false })),
      ...some(commandEndings).map((ordered) => ({ ordered, isCommand: true })),
    ];
    for (const { ordered, isCommand } of chosen) {
      if (isDone(context, tally)) break;
      const at = 1 + chance.below(lastTick - 1);
      const where = `${isCommand ? "everytick run" : "a program"}, ${ordered.what} at tick ${at}`;
      await tally.try(seed, where, async () => {
        if (isCommand) await commands.check(ordered, at);
        else await checkLibrary(ordered, at, context);
      });
    }
  }
  return tally.result();
}

function expectEnd(
  { code, signal = null }: Ordered,
  end: Pick<ChildEnd, "code" | "signal" | "stdout" | "stderr">,
): void {
  const found = `exit code ${end.code}, signal ${end.signal}`;
  const said = `${end.stdout.slice(-500)}${end.stderr.slice(-1000)}`;
  expect(end.code === code && end.signal === signal, `it ended with ${found}: ${said}`);
}

async function checkLibrary(ordered: Ordered, at: Tick, { codecs }: RowContext): Promise<void> {
  const { how, signals = [] } = ordered;
  using scratch = new Scratch();
  const plan = { folder: scratch.runs, lastTick: manyTicks };
  using child = new Child(how === undefined ? plan : { ...plan, ending: { at, how } });
  if (how === undefined) await child.heard(new RegExp(`^ack ${at}$`, "m"));
  for (const signal of signals) child.signal(signal);
  const end = await child.ended;
  expectEnd(ordered, end);
  expect(how === undefined || end.acknowledged >= at - 1, `only ${end.acknowledged} acknowledged`);
  const promised = { acknowledged: end.acknowledged, acknowledgedGap: -1 };
  const issued = ticksUpTo(end.acknowledged + 1);
  await new Oracle(herdWorkload, codecs).check(simulated(scratch.runs), { ...promised, issued });
}

interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}
interface CommandLine {
  readonly ack?: { readonly durableTick: Tick };
  readonly report?: { readonly historyDigest: string };
}

/** The command line, on a world that misbehaves. */
class Commands {
  /** The history of runs that nobody disturbed, by last tick. */
  readonly #references = new Map<Tick, string>();

  async check({ how, signals = [], ...ordered }: Ordered, at: Tick): Promise<void> {
    using scratch = new Scratch();
    const goal = how === undefined ? manyTicks : lastTick;
    const env = how === undefined ? {} : { [endingVariable]: `${how} ${at}` };
    const end = await command(runArguments(scratch, goal), env, async (child, heard) => {
      if (signals.length > 0) await heard(`"durableTick":${at}}`);
      for (const signal of signals) {
        child.kill(signal);
        // Two signals at once are one for the system.
        await setTimeout(5);
      }
    });
    expectEnd(ordered, end);
    const acknowledged = acknowledgedBy(end);
    expect(acknowledged >= at - 1, `tick ${acknowledged} is the last acknowledged one`);
    await this.#goOn(scratch, acknowledged);
  }

  /** Nothing that was acknowledged is lost, and the run goes on as one that was never disturbed. */
  async #goOn(scratch: Scratch, acknowledged: Tick): Promise<void> {
    const last = Math.max(lastTick, acknowledged + 10);
    const dir = ["--dir", scratch.runs];
    const end = await command([
      "resume",
      runId,
      "--ticks",
      String(last),
      "--acks",
      "--json",
      ...dir,
    ]);
    expectEnd({ what: "resume", code: 0 }, end);
    const opened = linesOf(end).find(({ ack }) => ack !== undefined)?.ack?.durableTick ?? -1;
    expect(opened >= acknowledged, `tick ${acknowledged} was acknowledged, ${opened} is last`);
    expect(historyOf(end) === (await this.#reference(last)), "the run went on to another history");
    expectEnd({ what: "verify", code: 0 }, await command(["verify", runId, ...dir]));
  }

  async #reference(last: Tick): Promise<string> {
    const kept = this.#references.get(last);
    if (kept !== undefined) return kept;
    using scratch = new Scratch();
    const end = await command(runArguments(scratch, last));
    expectEnd({ what: "in peace", code: 0 }, end);
    const history = historyOf(end);
    this.#references.set(last, history);
    return history;
  }
}

function runArguments({ runs }: Scratch, goal: Tick): string[] {
  const how = [
    "--id",
    runId,
    "--seed",
    "1",
    "--ticks",
    String(goal),
    "--dir",
    runs,
    "--window",
    "0",
  ];
  return ["run", world, ...how, "--acks", "--json"];
}

/** Runs the command line to its end, while something is done to it. */
async function command(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  meanwhile: (
    child: ReturnType<typeof spawn>,
    heard: (text: string) => Promise<void>,
  ) => Promise<void> = async () => Promise.resolve(),
): Promise<CommandEnd> {
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
    env: { ...process.env, ...env },
  });
  using _ = new Cleanup(() => child.kill("SIGKILL"));
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const closed = once(child, "close");
  await meanwhile(child, async (text) => {
    while (child.exitCode === null && child.signalCode === null && !stdout.includes(text)) {
      await Promise.race([once(child.stdout, "data"), closed]);
    }
  });
  await closed;
  return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
}

/** The last line of a process that was ended may be cut short. */
function linesOf({ stdout }: CommandEnd): CommandLine[] {
  return stdout.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as CommandLine];
    } catch {
      return [];
    }
  });
}

function acknowledgedBy(end: CommandEnd): Tick {
  return linesOf(end).reduce((last, { ack }) => Math.max(last, ack?.durableTick ?? -1), -1);
}

function historyOf(end: CommandEnd): string {
  return linesOf(end).find(({ report }) => report !== undefined)?.report?.historyDigest ?? "";
}

export const endingsRow: Row = {
  id: "D5",
  title: "processes that end by signals, exceptions and exits of the user's own code",
  cases: { pr: 1, nightly: 20, release: 200 },
  run: endedProcesses,
};
