/** What a test of many seeds must have met at least once; a zero says that the test is blind there. */
const sometimesNames = [
  "ticks that were not acknowledged were lost",
  "a tick that was not acknowledged survived",
  "a torn tail was kept aside",
  "a run began anew",
  "a handle was poisoned",
  "a commit was refused and the run went on after a restart",
  "power was lost during a recovery",
  "a segment was rolled",
  "a run was closed in good order",
  "a gap was declared",
] as const;
export type SometimesName = (typeof sometimesNames)[number];

export class Sometimes {
  readonly counts = new Map<SometimesName, number>(sometimesNames.map((name) => [name, 0]));

  met(name: SometimesName, isMet = true): void {
    if (isMet) this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  get never(): SometimesName[] {
    return sometimesNames.filter((name) => this.counts.get(name) === 0);
  }
}
