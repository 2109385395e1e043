import type { Codecs } from "../types.ts";
import type { ByteWriter } from "./bytes.ts";
import type { ColumnChanges } from "./changes.ts";
import { differencesOf, hasDifferences } from "./differences.ts";
import { chooseEncoding, tryEncodings, wordsFor } from "./encoding-choice.ts";
import { LastDifferences, PartKeys } from "./last-differences.ts";
import type { ColumnLayout } from "./layout.ts";
import { NumberEncoding, planeNumbersMin, writePlanes, writeWords } from "./number-blocks.ts";
import type { Part } from "./parts.ts";
import type { PlaneEncoding } from "./planes.ts";

/** A column is tried at its ticks 1, 2, 3, 4, 8, 16 and so on: ever more rarely, but never later than after so many. */
const ticksBetweenTrials = 64;
/** A column whose numbers grew or shrank by this factor has changed its character. */
const driftMax = 1.2;

/** What is known of one column of a part, from tick to tick. */
interface Habit {
  chosen: NumberEncoding;
  ticks: number;
  nextTrial: number;
  /** Bytes for each number when it was last tried. */
  weight: number;
  readonly planes: Map<NumberEncoding, (PlaneEncoding | undefined)[]>;
}

/**
 * Writes the numbers of deltas in the encodings that are smallest by trial. It remembers what won, and the differences of
 * the tick before; a reader needs neither choice nor memory beyond those differences.
 */
export class NumberEncoder {
  readonly #codecs: Codecs;
  readonly #habits = new Map<string, Habit>();
  /** Of the tick before, as they stand in its frames, and as they were whatever stands there. */
  #written = new LastDifferences();
  #seen = new LastDifferences();
  #writing = new LastDifferences();
  #seeing = new LastDifferences();
  #keys = new PartKeys();

  constructor(codecs: Codecs) {
    this.#codecs = codecs;
  }

  /** A tick is complete: the next one may build on it. */
  endTick(): void {
    [this.#written, this.#seen] = [this.#writing, this.#seeing];
    [this.#writing, this.#seeing] = [new LastDifferences(), new LastDifferences()];
    this.#keys = new PartKeys();
  }

  /** A reader may begin here, at a keyframe or in another segment: the next tick must stand alone. */
  restart(): void {
    this.#written = new LastDifferences();
  }

  /** Appends the block of a column of a delta. */
  write(out: ByteWriter, part: Part, changes: ColumnChanges, layout: ColumnLayout): void {
    const { unit } = layout;
    const { xor, bits } = changes;
    const key = this.#keys.next(part.store.number, part.chunk, changes.column);
    if (xor.length / unit < planeNumbersMin && unit > 1) return writeWords(out, xor);
    const habit = this.#habit(key);
    habit.ticks += 1;
    const isTrial = habit.ticks >= habit.nextTrial;
    const before = out.length;
    if (bits === undefined || !hasDifferences(unit)) this.#writeXor(out, habit, xor, unit, isTrial);
    else this.#writeChosen(out, habit, key, part, xor, bits, unit, isTrial);
    judge(habit, (out.length - before) / (xor.length / unit), isTrial);
  }

  #writeXor(out: ByteWriter, habit: Habit, xor: Uint8Array, unit: number, isTrial: boolean): void {
    const known = isTrial ? [] : planesOf(habit, NumberEncoding.planes);
    writePlanes(out, NumberEncoding.planes, xor, unit, this.#codecs, known);
    habit.planes.set(NumberEncoding.planes, known);
  }

  #writeChosen(
    out: ByteWriter,
    habit: Habit,
    key: string,
    { rows }: Part,
    xor: Uint8Array,
    bits: Uint8Array,
    unit: number,
    isTrial: boolean,
  ): void {
    if (!isTrial && habit.chosen === NumberEncoding.planes) {
      this.#writeXor(out, habit, xor, unit, false);
      // The trial in the next tick needs what this one differs by.
      if (habit.ticks + 1 < habit.nextTrial) return;
      const differences = differencesOf(xor, bits, unit);
      this.#seeing.set(key, { rows: rows?.slice(), differences });
      return;
    }
    const differences = differencesOf(xor, bits, unit);
    const seen = this.#seen.get(key, rows, differences.length);
    const written = this.#written.get(key, rows, differences.length);
    const own = { rows: seen?.rows ?? rows?.slice(), differences };
    this.#seeing.set(key, own);
    // Other rows than before, as in a pause: no reason to give up what served well.
    const isComparable = seen !== undefined || habit.chosen !== NumberEncoding.secondDifferences;
    if (isTrial && isComparable) this.#try(habit, xor, differences, seen?.differences, unit);
    const isSecond = habit.chosen === NumberEncoding.secondDifferences;
    const encoding = isSecond && written === undefined ? NumberEncoding.differences : habit.chosen;
    const words = wordsFor(encoding, xor, differences, written?.differences, unit);
    writePlanes(out, encoding, words, unit, this.#codecs, planesOf(habit, encoding));
    if (encoding !== NumberEncoding.planes) this.#writing.set(key, own);
  }

  #habit(key: string): Habit {
    let habit = this.#habits.get(key);
    if (habit === undefined) {
      const chosen = NumberEncoding.planes;
      habit = { chosen, ticks: 0, nextTrial: 0, weight: 0, planes: new Map() };
      this.#habits.set(key, habit);
    }
    return habit;
  }

  /** Keeps what was smallest of every encoding. */
  #try(
    habit: Habit,
    xor: Uint8Array,
    differences: Uint8Array,
    last: Uint8Array | undefined,
    unit: number,
  ): void {
    const trials = tryEncodings(xor, differences, last, unit, this.#codecs);
    for (const { encoding, planes } of trials) habit.planes.set(encoding, planes);
    habit.chosen = chooseEncoding(trials).encoding;
  }
}

/** Decides when a column is tried again. */
function judge(habit: Habit, weight: number, isTrial: boolean): void {
  if (isTrial) {
    habit.weight = weight;
    const doubled = habit.ticks < 4 ? 1 : habit.ticks;
    habit.nextTrial = habit.ticks + Math.min(doubled, ticksBetweenTrials);
  } else if (weight > habit.weight * driftMax || weight * driftMax < habit.weight) {
    // Where old XOR new is written, a tick passes in which the differences are found that second ones build on.
    const pause = habit.chosen === NumberEncoding.planes ? 2 : 1;
    habit.nextTrial = Math.min(habit.nextTrial, habit.ticks + pause);
  }
}

function planesOf(habit: Habit, encoding: NumberEncoding): (PlaneEncoding | undefined)[] {
  const known = habit.planes.get(encoding) ?? [];
  habit.planes.set(encoding, known);
  return known;
}
