/** What the name of a segment says (`docs/format.md`, section 1). */
export interface SegmentName {
  readonly name: string;
  readonly firstTick: number;
  readonly generation: number;
}

export function segmentName(firstTick: number, generation = 0): string {
  const tick = String(firstTick).padStart(16, "0");
  return generation === 0 ? `${tick}.seg` : `${tick}-${generation}.seg`;
}

/** The segments among the names of a folder, in order; where one tick begins two, the higher generation wins. */
export function segmentsAmong(names: readonly string[]): SegmentName[] {
  const found = new Map<number, SegmentName>();
  for (const name of names) {
    const match = /^(\d{16})(?:-([1-9]\d{0,9}))?\.seg$/.exec(name);
    if (match === null) continue;
    const [firstTick, generation] = [Number(match[1]), Number(match[2] ?? 0)];
    const rival = found.get(firstTick);
    if (rival === undefined || rival.generation < generation) {
      found.set(firstTick, { name, firstTick, generation });
    }
  }
  return [...found.values()].sort((a, b) => a.firstTick - b.firstTick);
}
