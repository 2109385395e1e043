import type { SimFs, Survival } from "../testing/index.ts";
import type { Codecs } from "../types.ts";
import { fingerprint, type Oracle } from "./oracle.ts";
import type { Tally } from "./row.ts";
import type { Promised, Session } from "./workload.ts";

interface CrashState {
  readonly disk: SimFs;
  readonly promised: Promised;
  readonly where: string;
  readonly seed: number;
}

/** Which ways of losing power are tried where so much is not synced. */
export type Losses = (disk: SimFs) => Iterable<readonly [name: string, survival: Survival]>;

/** The disks that a loss of power could leave during a session; equal ones are checked once. */
export class CrashStates {
  /** Distinct states that were checked. */
  distinct = 0;
  /** Called with each distinct state before it is checked and changed. */
  onDistinct: ((state: CrashState) => void) | undefined;
  readonly #codecs: Codecs;
  readonly #oracle: Oracle;
  readonly #tally: Tally;
  readonly #seen = new Set<string>();
  #found: CrashState[] = [];

  constructor(codecs: Codecs, oracle: Oracle, tally: Tally) {
    this.#codecs = codecs;
    this.#oracle = oracle;
    this.#tally = tally;
  }

  /** Loses power at each change that this session makes from now on. */
  watch(session: Session, losses: Losses, seed: number): void {
    const { disk } = session;
    let changes = 0;
    disk.onChange = (operation, path) => {
      changes += 1;
      const where = `change ${changes}, ${operation} ${path}`;
      for (const [name, survival] of losses(disk)) {
        this.add(disk.afterPowerLoss(survival), session.promised, `${where}; ${name}`, seed);
      }
    };
  }

  add(disk: SimFs, promised: Promised, where: string, seed: number): void {
    this.#tally.tried += 1;
    const { acknowledged, acknowledgedGap, issued } = promised;
    const key = `${fingerprint(disk, this.#codecs)} ${acknowledged} ${acknowledgedGap} ${issued.length}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.distinct += 1;
    this.#found.push({ disk, promised, where, seed });
  }

  /** Checks what was gathered. */
  async check(): Promise<void> {
    const found = this.#found;
    this.#found = [];
    for (const state of found) {
      this.onDistinct?.(state);
      const { disk, promised, where, seed } = state;
      try {
        await this.#oracle.check(disk, promised);
      } catch (error) {
        this.#tally.add(seed, where, error instanceof Error ? error.message : String(error));
      }
    }
  }
}
