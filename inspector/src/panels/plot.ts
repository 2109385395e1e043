import UPlot from "uplot";
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no names
import "uplot/dist/uPlot.min.css";
import { numberText } from "../model/text.ts";

interface PlotOptions {
  readonly height: number;
  readonly colour: string;
  readonly isBand: boolean;
  readonly goTo: (tick: number) => void;
}

/** A small chart in the page's colours. */
export function makePlot(place: HTMLElement, { height, colour, isBand, goTo }: PlotOptions): UPlot {
  const style = getComputedStyle(document.documentElement);
  const [line, faint] = [style.getPropertyValue("--line"), style.getPropertyValue("--text-faint")];
  const font = `11px ${style.getPropertyValue("--sans")}`;
  const axis = { stroke: faint, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  const series = { stroke: colour, width: 1.25, points: { show: false } };
  return new UPlot(
    {
      width: place.clientWidth,
      height,
      legend: { show: false },
      scales: { x: { time: false } },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      padding: [6, 14, 0, 0],
      axes: [
        { ...axis, size: 20, space: 70, values: (_, splits) => splits.map((at) => numberText(at)) },
        { ...axis, size: 44, space: 26, values: (_, splits) => splits.map(shortText) },
      ],
      series: isBand
        ? [{}, series, { ...series, width: 0.5 }]
        : [{}, { ...series, fill: faded(colour) }],
      ...(isBand ? { bands: [{ series: [1, 2] as [number, number], fill: faded(colour) }] } : {}),
      hooks: {
        ready: [
          (plot) =>
            plot.over.addEventListener("click", ({ offsetX }) => {
              goTo(Math.round(plot.posToVal(offsetX, "x")));
            }),
        ],
      },
    },
    [[], ...Array.from({ length: isBand ? 2 : 1 }, () => [])] as unknown as UPlot.AlignedData,
    place,
  );
}

function faded(colour: string): string {
  return colour.replace(")", " / 16%)");
}

function shortText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${numberText(value / 1e6)}M`;
  return size >= 1e4 ? `${numberText(value / 1e3)}k` : numberText(value);
}
