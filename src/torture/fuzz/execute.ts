import { isEverytickError } from "../../errors.ts";
import { Chance } from "../../testing/index.ts";
import { Violation } from "../oracle.ts";
import type { Bench, Input, Reader } from "./reader.ts";

const MiB = 2 ** 20;
/** What an execution may take at most. */
const millisecondsMax = 1000;
const bytesMax = 256 * MiB;
/** And for what an input rightly makes a reader hold: all passes over it together, and garbage of them. */
const millisecondsPerMiB = 32;
const copiesMax = 16;

/** The seed of an execution decides its input, whatever ran before. */
export async function inputOf(reader: Reader, seed: number, bench: Bench): Promise<Input> {
  const named = [...reader.name].reduce((sum, letter) => 31 * sum + letter.charCodeAt(0), 7);
  return reader.make(seed, new Chance(seed ^ Math.imul(named, 0x9e3779b1)), bench);
}

/** Whether the reader took the input, or refused it. */
export type Answer = "taken" | "refused";

/** Gives an input to a reader. @throws Violation */
export async function execute(reader: Reader, input: Input, bench: Bench): Promise<Answer> {
  const before = bench.usage();
  const answer = await answerOf(reader, input, bench);
  const after = bench.usage();
  const milliseconds = after.milliseconds - before.milliseconds;
  const grown = Math.max(after.peak - before.peak, after.arrays - before.arrays);
  const isMuch = milliseconds > millisecondsMax || grown > bytesMax;
  const weight = isMuch ? ((await reader.weigh?.(input, bench)) ?? 0) : 0;
  if (milliseconds > millisecondsMax + (millisecondsPerMiB * weight) / MiB) {
    throw new Violation(`it took ${Math.round(milliseconds)} ms`);
  }
  if (grown > bytesMax + copiesMax * weight) {
    throw new Violation(`memory grew by ${Math.round(grown / MiB)} MiB`);
  }
  checkPrototypes();
  return answer;
}

/** @throws Violation for anything but an answer */
async function answerOf(reader: Reader, input: Input, bench: Bench): Promise<Answer> {
  try {
    await reader.read(input, bench);
    return "taken";
  } catch (error) {
    if (error instanceof Violation) throw error;
    if (!isEverytickError(error)) throw uncoded(error);
    return "refused";
  }
}

function uncoded(error: unknown): Violation {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new Violation(`an error without a code: ${what.split("\n").slice(0, 6).join("\n")}`);
}

const prototypes: readonly object[] = [Object.prototype, Array.prototype, Function.prototype];
const members = prototypes.map((each) => Reflect.ownKeys(each).length);

function checkPrototypes(): void {
  for (const [i, prototype] of prototypes.entries()) {
    if (Reflect.ownKeys(prototype).length !== members[i])
      throw new Violation("a prototype changed");
  }
}
