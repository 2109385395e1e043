import { peers, type PeerKind } from "../peers/peers.ts";
import { comparisons, type WorkloadResult } from "../results.ts";
import { workloads } from "../workloads/workloads.ts";
import { asMarkdown, rowsOf, whole } from "./table.ts";

/** How the figures came about. */
export interface Circumstances {
  readonly command: string;
  readonly repetitions: number;
  readonly machine: readonly (readonly [name: string, value: string])[];
}

/** `docs/performance.md`, all of it. */
export function performancePage(
  results: readonly WorkloadResult[],
  circumstances: Circumstances,
): string {
  const { command, repetitions, machine } = circumstances;
  return `# Performance

What Everytick costs beside what people use instead, on the same work in the same run. This page is written by
\`${command}\`; no figure on it comes from anywhere else.

| | |
|---|---|
${machine.map(([name, value]) => `| ${name} | ${value} |`).join("\n")}

${howItIsMeasured(repetitions)}
## Who takes part

| peer | what it does |
|---|---|
${peerList()}
${results.map(section).join("\n")}`;
}

function howItIsMeasured(repetitions: number): string {
  return `## How it is measured

Each workload is made whole before anything is timed. Each peer records it twice in each of ${repetitions} interleaved
repetitions, whose order rotates, in a child process of its own; the figures are medians. Speeds on a shared machine move
by a third from run to run, so ratios below 1.5 are ties; sizes do not move.

* **bytes/tick**: everything needed to read each tick (keyframes, indexes, footers, cards), over the ticks; PostgreSQL's
  write-ahead log is not counted. **beside**: caches, locks and tails of zeros. **deltas**: what stands for ticks
  without a keyframe, where it can be told apart.
* **strict**: each tick is on the disk (\`fdatasync\` and its like) before the next is made. **grouped**: synced each 64
  ticks, or with \`window: 64\`; the ticks in MCAP's open chunk are not durable then. **blocked**: how long the simulation
  waits for one tick, grouped.
* **seek**: the state at a random tick, page cache warm. **back**: the state of the tick before. To put it into plain
  arrays and strings is part of it, for all. Every state that is read is compared with the right one, bit by bit, outside
  the time.
* **memory**: peak of resident memory above that of the process with the workload made, grouped.
* The simulation's own work, to change its state, is not timed. Rows of \`meadow\` live in Everytick's tables, so births,
  deaths and changes of rows are part of its time, while peers are given finished arrays.
* Slow peers get fewer ticks, as the column says, and are left out of the comparisons; where a state fills up over time
  (\`hexes\`), that flatters their sizes.
`;
}

function peerList(): string {
  return Object.entries(peers)
    .map(([name, { about }]: [string, PeerKind]) => `| ${name} | ${about} |`)
    .join("\n");
}

function section(result: WorkloadResult): string {
  const { workload, ticks, notRun } = result;
  const missing = notRun.map(({ peer, reason }) => `Not run: ${peer} (${reason}).\n`);
  return `
## ${workload}

${workloads[workload].about}. ${whole(ticks)} ticks.

${asMarkdown(rowsOf(result))}

${missing.join("")}Everytick beside the best peer of each kind:

${comparisonLines(result).join("\n")}

![Bytes per tick](charts/${workload}-size.svg)
![Durable ticks per second](charts/${workload}-strict.svg)
`;
}

/** What the table says in words, for the page and the terminal. */
export function comparisonLines(result: WorkloadResult): string[] {
  const lines = comparisons(result).map(({ figure, peer, ratio, words: [better, worse] }) => {
    const [times, word] = ratio >= 1 ? [ratio, better] : [1 / ratio, worse];
    return `* ${figure}: ${times.toFixed(2)}× ${word} than ${peer}`;
  });
  const { check } = result;
  if (check === undefined) return lines;
  lines.push(
    `* every one of ${whole(check.ticks)} states played forwards and backwards, and compared`,
  );
  const { xz } = check;
  if ("notRun" in xz) lines.push(`* xz -9: not run: ${xz.notRun}`);
  else {
    const { ticks, deltas, packed } = xz;
    lines.push(
      `* deltas beside xz -9 over what the encodings give to zstd, ${ticks} ticks in one stream: ` +
        `${whole(deltas)} and ${whole(packed)} bytes per tick, ${(deltas / packed).toFixed(3)}×`,
    );
  }
  return lines;
}
