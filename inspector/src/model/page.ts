import { computed, signal } from "@preact/signals";
import { problemOf } from "../engine/calls.ts";
import { answered } from "../engine/http-segments.ts";
import type { Problem } from "../engine/protocol.ts";
import type { Ramp } from "../paint/colours.ts";
import { Closer } from "./closer.ts";
import type { Session } from "./session.ts";

/** A run as the list of runs shows it; `null`: it cannot be read. */
export interface RunEntry {
  readonly id: string;
  readonly world: { readonly name: string; readonly version: number } | null;
  /** recording, closed, interrupted, damaged, unreadable. */
  readonly state: string;
  /** The code of what is wrong with it. */
  readonly error: string | null;
  readonly tick: number | null;
  readonly bytes: number | null;
  readonly seed: number | null;
}

export type Dialog = "commands" | "help" | "share" | "export" | "goto";

/** Pages of the list of runs that are fetched, so that 10,000 runs stay few requests. */
const pageSize = 1000;

/** What the page is beside the run that it shows. */
export class Page {
  readonly session: Session;
  readonly closer: Closer;
  readonly runs = signal<readonly RunEntry[] | undefined>(undefined);
  readonly runsProblem = signal<Problem | undefined>(undefined);
  readonly filter = signal("");
  readonly dialog = signal<Dialog | undefined>(undefined);
  readonly toast = signal<string | undefined>(undefined);
  /** Said once at the top, such as a link of another version. */
  readonly notice = signal<string | undefined>(undefined);
  readonly theme = signal<"system" | "dark" | "light">("system");
  readonly ramp = signal<Ramp>("viridis");
  readonly probe = signal("");
  readonly camera = signal<readonly number[] | undefined>(undefined);
  readonly slices = signal<readonly number[] | undefined>(undefined);
  readonly isEmbedded = new URLSearchParams(location.search).get("embed") === "1";
  readonly found = computed(() => {
    const words = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const runs = this.runs.value ?? [];
    if (words.length === 0) return runs;
    return runs.filter(({ id, world, state, seed }) => {
      const text = `${id} ${world?.name} ${state} ${seed}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
  });
  /** Draws what is shown, for an export; set by the view. */
  picture: ((scale: number) => HTMLCanvasElement | undefined) | undefined;
  #toastTimer = 0;

  constructor(session: Session) {
    this.session = session;
    this.closer = new Closer(session);
  }

  async listRuns(): Promise<void> {
    try {
      const runs: RunEntry[] = [];
      let cursor: string | undefined;
      do {
        const query = new URLSearchParams({ limit: String(pageSize) });
        if (cursor !== undefined) query.set("cursor", cursor);
        const response = await answered(async (url) => fetch(url), `/v1/runs?${query.toString()}`);
        const answer = (await response.json()) as { runs: RunEntry[]; next?: string };
        runs.push(...answer.runs);
        cursor = answer.next;
        this.runs.value = [...runs];
      } while (cursor !== undefined);
      this.runsProblem.value = undefined;
    } catch (error) {
      this.runsProblem.value = problemOf(error);
    }
  }

  say(text: string): void {
    this.toast.value = text;
    clearTimeout(this.#toastTimer);
    this.#toastTimer = setTimeout(() => (this.toast.value = undefined), 2600) as unknown as number;
  }
}
