import { partHeads } from "../format/block-heads.ts";
import { FrameKind } from "../format/frame.ts";
import { isStep } from "../format/frame-table.ts";
import { FrameFetcher } from "../journal/frame-fetcher.ts";
import type { JournalReader } from "../journal/journal-reader.ts";
import type { ColumnSizes, RecordedSizes } from "../types.ts";
import { lastTrial, reasonKey, type Reasons } from "./last-trial.ts";
import type { TimelineIdentity } from "./timeline.ts";

/** What the bytes of a recording are spent on: reads the heads of every delta, and decodes the last one. */
export async function recordedSizes(
  journal: JournalReader,
  identity: TimelineIdentity,
): Promise<RecordedSizes> {
  const { layout } = identity;
  const fetcher = new FrameFetcher();
  const columns = new ColumnSums();
  const sizes = { ticks: 0, deltaBytes: 0, keyframes: 0, keyframeBytes: 0, indexBytes: 0 };
  for (let number = 0; number < journal.names.length; number++) {
    const segment = await journal.segment(number);
    const { table } = segment;
    for (let position = 0; position < table.count; position = table.groupEnd(position)) {
      const last = table.groupEnd(position) - 1;
      const bytes = table.offset(last) + table.length(last) - table.offset(position);
      const entry = table.entry(position);
      if (isStep(entry)) sizes.ticks += 1;
      if (entry.kind === FrameKind.keyframe) {
        sizes.keyframes += 1;
        sizes.keyframeBytes += bytes;
      }
      if (entry.kind !== FrameKind.delta) continue;
      sizes.deltaBytes += bytes;
      for await (const { body } of fetcher.group(segment, position, "forward")) {
        for (const part of partHeads(body, layout)) {
          sizes.indexBytes += part.indexBytes;
          for (const block of part.columns) columns.add(part.store.number, block);
        }
      }
    }
  }
  return { ...sizes, columns: columns.of(identity, await lastTrial(journal, identity)) };
}

/** Blocks and bytes by store, column and encoding. */
class ColumnSums {
  readonly #sums = new Map<string, { blocks: number; bytes: number }>();

  add(store: number, block: { column: number; encoding: number; bytes: number }): void {
    const key = `${store} ${block.column} ${block.encoding}`;
    const { blocks = 0, bytes = 0 } = this.#sums.get(key) ?? {};
    this.#sums.set(key, { blocks: blocks + 1, bytes: bytes + block.bytes });
  }

  of({ layout }: TimelineIdentity, reasons: Reasons): ColumnSizes[] {
    return layout.stores.flatMap(({ name, number, columns }) =>
      columns.map((column, position) => {
        const prefix = `${number} ${position} `;
        const encodings = [...this.#sums]
          .filter(([key]) => key.startsWith(prefix))
          .map(([key, sum]) => ({ encoding: Number(key.slice(prefix.length)), ...sum }))
          .sort((a, b) => a.encoding - b.encoding);
        const reason = reasons.get(reasonKey(number, position));
        return { store: name, column: column.name, encodings, reason };
      }),
    );
  }
}
