import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { RefObject } from "preact";

/** Which of many rows of one height are in sight; the others have no elements. */
export function useRowsInSight(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  height: number,
): { readonly first: number; readonly end: number } {
  const [place, setPlace] = useState({ top: 0, room: 600 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const look = (): void => setPlace({ top: element.scrollTop, room: element.clientHeight });
    look();
    element.addEventListener("scroll", look, { passive: true });
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    return () => {
      element.removeEventListener("scroll", look);
      sizes.disconnect();
    };
  }, [scroller]);
  const beyond = 6;
  const first = Math.max(0, Math.floor(place.top / height) - beyond);
  return { first, end: Math.min(count, Math.ceil((place.top + place.room) / height) + beyond) };
}

/** Calls `work` when the page was still for so long. */
export function useStill(
  work: () => void,
  milliseconds: number,
  watched: readonly unknown[],
): void {
  useEffect(() => {
    const timer = setTimeout(work, milliseconds);
    return () => clearTimeout(timer);
  }, watched);
}
