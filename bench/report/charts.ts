import { isOurs, type PeerResult, type WorkloadResult } from "../results.ts";
import { barChart, type Bar } from "./bar-chart.ts";
import { rate, whole } from "./table.ts";

/** The pictures of a workload by the names of their files. */
export function chartsOf(result: WorkloadResult): { readonly [name: string]: string } {
  const { workload, ticks, peers } = result;
  const bars = (value: (peer: PeerResult) => number, text: (value: number) => string): Bar[] =>
    peers.map((peer) => {
      const mark = peer.ticks === ticks ? "" : ` (${peer.ticks} ticks)`;
      const label = `${peer.peer}${mark}`;
      return { label, value: value(peer), text: text(value(peer)), isOurs: isOurs(peer.peer) };
    });
  const sizes = bars(({ all }) => all, whole).sort((a, b) => a.value - b.value);
  const rates = bars(({ strict }) => strict, rate).sort((a, b) => b.value - a.value);
  return {
    [`${workload}-size.svg`]: barChart(
      `${workload}: size`,
      "bytes per tick, all in; less is better",
      sizes,
    ),
    [`${workload}-strict.svg`]: barChart(
      `${workload}: durable ticks`,
      "ticks per second, each synced before the next; more is better",
      rates,
    ),
  };
}
