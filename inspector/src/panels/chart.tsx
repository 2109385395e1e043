import { useEffect, useRef } from "preact/hooks";
import type UPlot from "uplot";
import { usePage } from "../model/context.ts";
import { numberText } from "../model/text.ts";
import { categoryColour, cssOf } from "../paint/colours.ts";

interface ChartProps {
  readonly name: string;
  readonly ticks: readonly number[];
  /** One line; or the most and the least, with what lies between them filled. */
  readonly values: readonly (readonly number[])[];
  readonly colour: number;
}

const height = 92;

/** A line over ticks; a click goes to the tick under the pointer. */
export function Chart({ name, ticks, values, colour }: ChartProps) {
  const { session, theme } = usePage();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const tick = session.tick.value;
  const look = theme.value;
  useEffect(() => {
    let isGone = false;
    void import("./plot.ts").then(({ makePlot }) => {
      if (isGone || place.current === null) return undefined;
      plot.current = makePlot(place.current, {
        height,
        colour: cssOf(categoryColour(colour + 1)),
        isBand: values.length > 1,
        goTo: (at) => session.goTo(at),
      });
      plot.current.setData(dataOf(ticks, values));
      return undefined;
    });
    return () => {
      isGone = true;
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [colour, values.length, look, session]);
  useEffect(() => plot.current?.setData(dataOf(ticks, values)), [ticks, values[0]?.length, values]);
  useEffect(() => {
    const shown = plot.current;
    if (shown === undefined || ticks.length === 0) return;
    shown.setCursor({ left: shown.valToPos(tick, "x"), top: -10 }, false);
  }, [tick, ticks.length]);
  return (
    <div class="chart">
      <div class="name">
        <span class="what">{name}</span>
        <span class="number">{valueText(ticks, values, tick)}</span>
      </div>
      <div
        ref={place}
        style={{ height: `${height}px` }}
        role="img"
        aria-label={`Chart of ${name}`}
      />
    </div>
  );
}

function dataOf(ticks: readonly number[], values: ChartProps["values"]): UPlot.AlignedData {
  return [ticks as number[], ...values.map((column) => column as number[])] as UPlot.AlignedData;
}

/** What stood at the tick that is shown, or in the stretch it lies in. */
function valueText(ticks: readonly number[], values: ChartProps["values"], tick: number): string {
  let [low, high] = [0, ticks.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ticks[middle]! <= tick) low = middle + 1;
    else high = middle;
  }
  const [most, least] = values.map((column) => column[low - 1]);
  if (most === undefined) return "";
  return least === undefined || least === most
    ? numberText(most)
    : `${numberText(least)}–${numberText(most)}`;
}
