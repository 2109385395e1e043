import { EverytickError } from "everytick";
import type { Field } from "./field.ts";

/** The parameters as a run has them. */
export interface WolfSheepParams {
  /** `WxH`, in cells. */
  readonly size: string;
  /** How many there are at the start. */
  readonly sheep: number;
  readonly wolves: number;
  /** Energy from a cell of grass, and from a sheep; each tick costs 1. */
  readonly sheepGain: number;
  readonly wolfGain: number;
  /** The probability of having a child, each tick. */
  readonly sheepBirthRate: number;
  readonly wolfBirthRate: number;
  /** Ticks until a cell that was grazed has grass again. */
  readonly regrowth: number;
}

export interface Settings extends Omit<WolfSheepParams, "size"> {
  readonly field: Field;
}

const axisMin = 4;
const axisMax = 4096;
const animalsMax = 2 ** 22;
const gainMax = 1000;
const regrowthMax = 1000;

/** @throws WORLD_PARAM */
export function readSettings({ size, ...numbers }: WolfSheepParams): Settings {
  checkWhole("sheep", numbers.sheep, [0, animalsMax]);
  checkWhole("wolves", numbers.wolves, [0, animalsMax]);
  checkNumber("sheepGain", numbers.sheepGain, [0, gainMax]);
  checkNumber("wolfGain", numbers.wolfGain, [0, gainMax]);
  checkNumber("sheepBirthRate", numbers.sheepBirthRate, [0, 1]);
  checkNumber("wolfBirthRate", numbers.wolfBirthRate, [0, 1]);
  checkWhole("regrowth", numbers.regrowth, [1, regrowthMax]);
  return { field: parseSize(size), ...numbers };
}

type Range = readonly [least: number, most: number];

function checkWhole(where: string, value: number, [least, most]: Range): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw refused(where, `a whole number from ${least} to ${most}`, String(value));
}

function checkNumber(where: string, value: number, [least, most]: Range): void {
  // Written so that NaN is refused too.
  if (value >= least && value <= most) return;
  throw refused(where, `a number from ${least} to ${most}`, String(value));
}

function parseSize(size: string): Field {
  const [width = 0, height = 0] = /^\d{1,4}x\d{1,4}$/i.test(size)
    ? size.split(/x/i).map(Number)
    : [];
  const isFair = (length: number) => length >= axisMin && length <= axisMax;
  if (isFair(width) && isFair(height)) return { width, height };
  const expected = `a width and a height such as 128x128, each ${axisMin} to ${axisMax}`;
  throw refused("size", expected, `"${size.slice(0, 80)}"`);
}

function refused(where: string, expected: string, found: string): EverytickError {
  return new EverytickError("WORLD_PARAM", { where, expected, found });
}
