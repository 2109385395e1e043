import { encodingNames } from "../format/encoding-choice.ts";
import { liveColumnName } from "../format/layout.ts";
import { openRuns } from "../runs/index.ts";
import type { ColumnSizes, RecordedSizes } from "../types.ts";
import { table, visible } from "./output.ts";
import { bytes, count } from "./quantities.ts";
import type { Shell } from "./shell.ts";

/** What `show --encodings --json` prints. */
export interface EncodingsJson extends RecordedSizes {
  readonly id: string;
  /** Bytes of derived files, rebuildable. */
  readonly cacheBytes: number;
}

/** How `docs/format.md`, section 5, names the encodings of column blocks. */
const names: { readonly [encoding: number]: string } = {
  ...encodingNames,
  2: "heap",
  3: "heap, zstd",
  4: "dictionary",
  5: "dictionary, zstd",
};

export async function showEncodings({ output }: Shell, id: string, folder: string): Promise<void> {
  await using runs = await openRuns(folder);
  await using run = await runs.open(id);
  const [sizes, { cacheBytes }] = [await run.sizes(), await run.facts()];
  if (output.forMachine) {
    const document: EncodingsJson = { id, ...sizes, cacheBytes };
    output.document(document);
    return;
  }
  const deltas = Math.max(1, sizes.ticks - 1);
  const share = (100 * sizes.keyframeBytes) / (sizes.keyframeBytes + sizes.deltaBytes);
  output.line();
  output.fact(
    "deltas",
    `${bytes(sizes.deltaBytes)} · ${bytes(sizes.deltaBytes / deltas)} per tick`,
  );
  output.fact("", `of these ${bytes(sizes.indexBytes)} row lists`);
  const keyframes = `${count(sizes.keyframes)} · ${bytes(sizes.keyframeBytes)}`;
  output.fact("keyframes", `${keyframes} · ${share.toFixed(1)} % of both`);
  output.fact("cache", `${bytes(cacheBytes)}, derived, no history`);
  output.line();
  const rows = sizes.columns.flatMap((column) => rowsOf(column, deltas));
  for (const line of table(
    ["column", "written as", " blocks", " bytes", " per tick", "a trial of the last tick"],
    rows,
  )) {
    output.line(`  ${line}`);
  }
}

function rowsOf({ store, column, encodings, reason }: ColumnSizes, deltas: number): string[][] {
  const name = [store, column]
    .filter((part) => part !== "")
    .map(visible)
    .join(".");
  if (encodings.length === 0) {
    return column === liveColumnName ? [] : [[name, "no change", "", "", "", ""]];
  }
  return encodings.map(({ encoding, blocks, bytes: size }, i) => [
    i === 0 ? name : "",
    names[encoding] ?? `encoding ${encoding}`,
    count(blocks),
    bytes(size),
    bytes(size / deltas),
    i === 0 ? (reason ?? "") : "",
  ]);
}
