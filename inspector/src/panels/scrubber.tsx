import { useEffect, useRef, useState } from "preact/hooks";
import type { Strip } from "../engine/activity.ts";
import { useSession } from "../model/context.ts";
import { countText } from "../model/text.ts";
import { useScrubbing } from "./scrubbing.ts";
import { ScrubberPainter } from "../paint/scrubber-paint.ts";

/** The heat strip: how much each tick changed, exact at every zoom; drag it to any tick. */
export function Scrubber() {
  const session = useSession();
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<ScrubberPainter | undefined>(undefined);
  const [width, setWidth] = useState(0);
  const [hover, setHover] = useState<number>();
  const span = session.shownSpan.value;
  const strip = useStrip(width);

  useEffect(() => {
    const element = canvas.current!;
    const look = (): void => setWidth(element.clientWidth);
    look();
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    return () => sizes.disconnect();
  }, []);

  useEffect(() => {
    const element = canvas.current;
    if (element === null || width === 0) return;
    (painter.current ??= new ScrubberPainter()).draw(element, {
      span,
      strip,
      tick: session.tick.value,
      focus: session.focus.value,
      markers: session.markers.value.map(({ tick }) => tick),
      hover,
    });
  });

  const pointer = useScrubbing(canvas, span, setHover);
  return (
    <div
      class="scrubber"
      id="scrubber"
      role="slider"
      tabIndex={0}
      aria-label="Scrubber. Arrow keys step, Page Up and Page Down by a hundred"
      aria-valuemin={session.firstTick.value}
      aria-valuemax={session.lastTick.value}
      aria-valuenow={session.tick.value}
      aria-valuetext={`tick ${countText(session.tick.value)} of ${countText(session.lastTick.value)}`}
      {...pointer}
    >
      <canvas ref={canvas} />
    </div>
  );
}

/** Asks anew when the span, the width or what is known of the run changes; one question at a time. */
function useStrip(width: number): Strip | undefined {
  const session = useSession();
  const [strip, setStrip] = useState<Strip>();
  const asking = useRef(false);
  const again = useRef(false);
  const { from, to } = session.shownSpan.value;
  const { done } = session.indexed.value;
  const run = session.run.value;
  const ask = async (): Promise<void> => {
    again.current = asking.current;
    if (asking.current) return;
    asking.current = true;
    try {
      do {
        again.current = false;
        const now = session.shownSpan.peek();
        // One bucket for each tick while they are wider than a pixel, else one for each pixel.
        const ticks = now.to + 1 - now.from;
        const buckets = Math.max(1, Math.min(ticks, Math.round(width * devicePixelRatio)));
        setStrip(await session.strip(now.from, now.to + 1, buckets));
      } while (again.current);
    } catch {
      // The run was closed meanwhile; the next one asks for its own.
    }
    asking.current = false;
  };
  useEffect(() => {
    if (width > 0 && run !== undefined) void ask();
  }, [from, to, width, done, run]);
  return strip;
}
