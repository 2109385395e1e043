import type { Session } from "./session.ts";

/** Marks the tick that is shown, once. */
export function addMarkerAt(session: Session): void {
  const tick = session.tick.value;
  const others = session.markers.value.filter((marker) => marker.tick !== tick);
  session.markers.value = [...others, { tick, text: "" }].sort((a, b) => a.tick - b.tick);
}
