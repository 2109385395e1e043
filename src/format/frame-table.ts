import { FrameFlag, FrameKind } from "./frame.ts";

/** What the index of a segment keeps of each frame. */
export interface FrameEntry {
  readonly kind: number;
  readonly flags: number;
  readonly tick: number;
  /** Bytes of the frame, header included. */
  readonly length: number;
  readonly baseDistance: number;
  readonly changedElements: number;
}

/** Frames for which a table has room at first. */
const firstFrames = 16;

/**
 * The frames of a segment by position, in columns; grows as frames are added. A *step* is a frame that records a tick:
 * a delta or a required keyframe, and of a continued group the first.
 */
export class FrameTable {
  /** Offset at which the first frame begins. */
  readonly begin: number;
  #count = 0;
  #end: number;
  #kinds = new Uint8Array(firstFrames);
  #flags = new Uint8Array(firstFrames);
  #ticks = new Float64Array(firstFrames);
  #offsets = new Uint32Array(firstFrames);
  #lengths = new Uint32Array(firstFrames);
  #baseDistances = new Uint32Array(firstFrames);
  #changed = new Uint32Array(firstFrames);
  /** Position of the first frame of each step, and of each keyframe. */
  readonly #steps = new Positions();
  readonly #keyframes = new Positions();
  readonly #gaps = new Positions();

  constructor(begin: number) {
    this.begin = begin;
    this.#end = begin;
  }

  /** Number of frames. */
  get count(): number {
    return this.#count;
  }

  /** Offset behind the last frame. */
  get end(): number {
    return this.#end;
  }

  get stepCount(): number {
    return this.#steps.count;
  }

  /** Bytes of memory that it takes. */
  get bytes(): number {
    const columns = [this.#kinds, this.#flags, this.#ticks, this.#offsets, this.#lengths];
    const all = [...columns, this.#baseDistances, this.#changed];
    const positions = [this.#steps, this.#keyframes, this.#gaps];
    return [...all, ...positions].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  push(entry: FrameEntry): void {
    if (this.#count === this.#kinds.length) this.#grow();
    const position = this.#count++;
    const continues = position > 0 && this.isContinued(position - 1);
    this.#kinds[position] = entry.kind;
    this.#flags[position] = entry.flags;
    this.#ticks[position] = entry.tick;
    this.#offsets[position] = this.#end;
    this.#lengths[position] = entry.length;
    this.#baseDistances[position] = entry.baseDistance;
    this.#changed[position] = entry.changedElements;
    this.#end += entry.length;
    if (continues) return;
    if (entry.kind === FrameKind.keyframe) this.#keyframes.push(position);
    if (entry.kind === FrameKind.gap) this.#gaps.push(position);
    if (isStep(entry)) this.#steps.push(position);
  }

  /** A table of its own with the same frames. */
  copy(): FrameTable {
    const table = new FrameTable(this.begin);
    for (let position = 0; position < this.#count; position++) table.push(this.entry(position));
    return table;
  }

  entry(position: number): FrameEntry {
    return {
      kind: this.#kinds[position] as number,
      flags: this.#flags[position] as number,
      tick: this.tick(position),
      length: this.length(position),
      baseDistance: this.#baseDistances[position] as number,
      changedElements: this.#changed[position] as number,
    };
  }

  kind(position: number): number {
    return this.#kinds[position] as number;
  }

  /** Elements that the group beginning here changed; its last frame says it. */
  changedElements(position: number): number {
    return this.#changed[this.groupEnd(position) - 1] as number;
  }

  tick(position: number): number {
    return this.#ticks[position] as number;
  }

  offset(position: number): number {
    return this.#offsets[position] as number;
  }

  length(position: number): number {
    return this.#lengths[position] as number;
  }

  isContinued(position: number): boolean {
    return ((this.#flags[position] as number) & FrameFlag.continued) !== 0;
  }

  /** The position of the first frame that begins at or behind an offset. */
  positionAt(offset: number): number {
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.offset(middle) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The position behind the group of continued frames that begins here. */
  groupEnd(position: number): number {
    let last = position;
    while (last < this.#count - 1 && this.isContinued(last)) last++;
    return last + 1;
  }

  /** Position of a step, by its number in [0, stepCount). */
  step(number: number): number {
    return this.#steps.at(number);
  }

  /** The number of the last step whose tick is at most `tick`, or -1. */
  stepAtOrBefore(tick: number): number {
    let [low, high] = [0, this.#steps.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.tick(this.#steps.at(middle)) <= tick) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Positions of keyframes, in order of the file. */
  *keyframes(): Generator<number> {
    for (let i = 0; i < this.#keyframes.count; i++) yield this.#keyframes.at(i);
  }

  get hasKeyframe(): boolean {
    return this.#keyframes.count > 0;
  }

  /** The position of the gap that covers a tick, or `undefined`. */
  gapAt(tick: number): number | undefined {
    for (let i = 0; i < this.#gaps.count; i++) {
      const position = this.#gaps.at(i);
      const last = this.tick(position);
      if (tick <= last && tick > last - (this.#baseDistances[position] as number)) return position;
    }
    return undefined;
  }

  /** The last tick that the last gap declares missing, or -1. */
  lastGapTick(): number {
    return this.#gaps.count === 0 ? -1 : this.tick(this.#gaps.at(this.#gaps.count - 1));
  }

  #grow(): void {
    this.#kinds = grown(this.#kinds, Uint8Array);
    this.#flags = grown(this.#flags, Uint8Array);
    this.#ticks = grown(this.#ticks, Float64Array);
    this.#offsets = grown(this.#offsets, Uint32Array);
    this.#lengths = grown(this.#lengths, Uint32Array);
    this.#baseDistances = grown(this.#baseDistances, Uint32Array);
    this.#changed = grown(this.#changed, Uint32Array);
  }
}

/** Whether a frame records a tick. */
export function isStep({
  kind,
  flags,
}: {
  readonly kind: number;
  readonly flags: number;
}): boolean {
  return (
    kind === FrameKind.delta || (kind === FrameKind.keyframe && (flags & FrameFlag.required) !== 0)
  );
}

/** A growing list of positions, rising. */
class Positions {
  #items = new Uint32Array(firstFrames);
  count = 0;

  get byteLength(): number {
    return this.#items.byteLength;
  }

  at(number: number): number {
    return this.#items[number] as number;
  }

  push(position: number): void {
    if (this.count === this.#items.length) this.#items = grown(this.#items, Uint32Array);
    this.#items[this.count++] = position;
  }
}

type Growable = Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

function grown<A extends Growable>(array: A, arrayClass: new (length: number) => A): A {
  const larger = new arrayClass(2 * array.length);
  larger.set(array);
  return larger;
}
