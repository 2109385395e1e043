/** What decides a sequence: the world, its first rows, and the calls. */
import type { Durability, Runs } from "everytick";
import type { Choices } from "./choices.ts";
import { RowsModel } from "./rows-model.ts";
import { valuesFor, type RowsPlan, type StoreSeed, type Values } from "./rows-plans.ts";

export const kinds = [
  ...(["edit", "edit", "edit", "edit", "edit", "commit", "commit", "commit"] as const),
  ...(["explicit", "explicit", "explicit", "refuse", "refuse", "scribble", "grow"] as const),
  ...(["again", "at", "play", "changes", "log", "resume", "crash"] as const),
] as const;
export type Kind = (typeof kinds)[number];
export interface Operation {
  readonly kind: Kind;
  readonly seed: number;
}
export interface Scenario {
  readonly stores: readonly StoreSeed[];
  readonly isDerived: boolean;
  readonly operations: readonly Operation[];
  readonly seed: number;
  /** Whether the arrays behind live columns are asked for. */
  readonly views: boolean;
  readonly window: number;
  readonly durability: Durability;
}
/** Where the runs are kept. */
export interface Storage {
  /** Opens the folder, as another process would. */
  open(): Promise<Runs>;
  /** The process dies: what it had not written is lost, and its locks are free. */
  crash(): Promise<void>;
}

/** What a table holds from the first tick on. */
export function initialRows(plan: RowsPlan, choices: Choices): readonly Values[] {
  const model = new RowsModel(plan);
  const rows: Values[] = [];
  for (let i = choices.below(6); i > 0; i--) {
    const values = valuesFor(plan, choices);
    const before = model.size;
    if (model.upsert(values) >= 0 && model.size > before) rows.push(values);
  }
  return rows;
}
