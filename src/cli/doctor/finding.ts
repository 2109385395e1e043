/** What `doctor` says of one thing: one line. */
export interface Finding {
  /** What was looked at. */
  readonly check: string;
  /** `problem`: recording fails or loses its promise here. `warning`: it works, and somebody should know. */
  readonly level: "ok" | "warning" | "problem";
  readonly found: string;
  /** What it means, and what to do. */
  readonly next?: string;
}

export function ok(check: string, found: string): Finding {
  return { check, level: "ok", found };
}
export function warning(check: string, found: string, next: string): Finding {
  return { check, level: "warning", found, next };
}
export function problem(check: string, found: string, next: string): Finding {
  return { check, level: "problem", found, next };
}
