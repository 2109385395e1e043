import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { definitionOf } from "../../../src/cli/ingest/declared-schema.ts";
import { Ingestion } from "../../../src/cli/ingest/ingestion.ts";
import type { InputCounts } from "../../../src/cli/ingest/line-writing.ts";
import { type LiveRun, openRuns, type Run, type Runs } from "../../../src/runs/index.ts";

export interface Ingested {
  readonly runs: Runs;
  readonly counts: InputCounts;
  readonly warnings: readonly string[];
  /** What the recording ended with, if it failed. */
  readonly error: unknown;
}
interface IngestOptions {
  readonly resume?: boolean;
  readonly isWhole?: boolean;
  readonly signal?: AbortSignal;
  /** Bytes in a chunk; by default all in one. */
  readonly chunkBytes?: number;
}

/** A folder of runs, with what records lines in its run `a`. */
export async function ingestFolder(
  t: TestContext,
): Promise<(input: string | Buffer, options?: IngestOptions) => Promise<Ingested>> {
  const folder = await mkdtemp(join(tmpdir(), "everytick-ingest-"));
  const runs = await openRuns(folder);
  t.after(async () => {
    await runs.close();
    await rm(folder, { recursive: true, force: true });
  });
  return (input, options = {}) => ingest(runs, Buffer.from(input as string), options);
}

async function ingest(runs: Runs, input: Buffer, options: IngestOptions): Promise<Ingested> {
  const { resume = false, isWhole = false, chunkBytes = input.length } = options;
  const counts = { rows: 0, messages: 0, compared: 0, gaps: 0, repeated: 0, different: 0 };
  const warnings: string[] = [];
  const common = { durability: "memory", window: 64, sparse: true } as const;
  await using ingestion = new Ingestion({
    folder: runs.folder,
    declared: undefined,
    recorded: resume ? await recordedSchema(runs) : undefined,
    isWhole,
    signal: options.signal ?? new AbortController().signal,
    counts,
    warn: (text) => warnings.push(text),
    open: (world): Promise<LiveRun> =>
      runs.record("a", { world, ...common, resume: resume ? "auto" : "never" }),
    onAck: () => {},
  });
  let error: unknown;
  try {
    await ingestion.record(chunks(input, chunkBytes));
  } catch (caught) {
    error = caught;
  }
  await ingestion.run?.close();
  return { runs, counts, warnings, error };
}

async function recordedSchema(runs: Runs) {
  await using run = await runs.open("a");
  return { definition: definitionOf(run.card.world.stores.slice(0, -1)), isWhole: false };
}

async function* chunks(input: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < input.length; at += size) yield input.subarray(at, at + size);
}

/** The lines of an input. */
export function lines(...documents: readonly unknown[]): string {
  return documents
    .map((each) => (typeof each === "string" ? each : JSON.stringify(each)))
    .map((line) => `${line}\n`)
    .join("");
}

/** What a store held at each recorded tick: its rows, its record or its values. */
export async function historyOf(run: Run, store: string): Promise<Record<number, unknown>> {
  const history: Record<number, unknown> = {};
  for await (const { tick, state } of run.play()) history[tick] = plain(state[store]);
  return history;
}

function plain(content: unknown): unknown {
  if (ArrayBuffer.isView(content)) return [...(content as Uint8Array)];
  const isList = typeof content === "object" && content !== null && Symbol.iterator in content;
  return isList ? [...(content as Iterable<unknown>)] : { ...(content as object) };
}
