import type { RefObject } from "preact";
import { useRef } from "preact/hooks";
import { useSession } from "../model/context.ts";
import type { Span } from "../model/view-link.ts";
import { zoomed } from "../model/zoom.ts";
import { laneTop } from "../paint/scrubber-paint.ts";

/** What the pointer does: it drags the playhead, or a range in the lane below. */
type Drag = { readonly kind: "scrub" } | { readonly kind: "focus"; readonly from: number };

/** What the pointer does over the scrubber. */
export function useScrubbing(
  canvas: RefObject<HTMLCanvasElement | null>,
  span: Span,
  setHover: (tick: number | undefined) => void,
) {
  const session = useSession();
  const drag = useRef<Drag | undefined>(undefined);
  const tickAt = (event: PointerEvent | WheelEvent): number => {
    const box = canvas.current!.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const end = span.to + 1;
    return Math.min(span.to, Math.floor(span.from + share * (end - span.from)));
  };
  const isInLane = (event: PointerEvent): boolean => {
    return event.clientY - canvas.current!.getBoundingClientRect().top > laneTop;
  };
  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    canvas.current!.setPointerCapture(event.pointerId);
    const tick = tickAt(event);
    if (event.shiftKey || isInLane(event)) {
      drag.current = { kind: "focus", from: tick };
    } else {
      drag.current = { kind: "scrub" };
      session.goTo(tick);
    }
  };
  const move = (event: PointerEvent): void => {
    const tick = tickAt(event);
    setHover(tick);
    const doing = drag.current;
    if (doing === undefined) return;
    if (doing.kind === "scrub") {
      if (tick !== session.tick.value) session.goTo(tick);
    } else if (tick !== doing.from) {
      session.focus.value = { from: Math.min(tick, doing.from), to: Math.max(tick, doing.from) };
    }
  };
  const up = (event: PointerEvent): void => {
    const doing = drag.current;
    drag.current = undefined;
    if (doing?.kind === "focus" && tickAt(event) === doing.from) session.focus.value = undefined;
  };
  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const whole = { from: session.firstTick.value, to: session.lastTick.value };
    const factor = event.deltaY > 0 ? 1.25 : 0.8;
    session.window.value = zoomed(span, whole, tickAt(event), factor);
  };
  return {
    onPointerDown: down,
    onPointerMove: move,
    onPointerUp: up,
    onPointerCancel: () => (drag.current = undefined),
    onPointerLeave: () => setHover(undefined),
    onWheel: wheel,
  };
}
