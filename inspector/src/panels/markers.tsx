import { useSession } from "../model/context.ts";
import { addMarkerAt } from "../model/markers.ts";
import { countText } from "../model/text.ts";

/** Ticks that somebody marked; they stand in the address. */
export function Markers() {
  const session = useSession();
  const markers = session.markers.value;
  if (session.run.value === undefined) return null;
  return (
    <section class="section scroll" aria-label="Markers">
      <div class="title">
        <h2>Markers</h2>
        <button class="button" onClick={() => addMarkerAt(session)}>
          Mark this tick
        </button>
      </div>
      {markers.length === 0 && (
        <p class="hint">
          None yet. <kbd>M</kbd> marks the tick that is shown; markers travel in the link.
        </p>
      )}
      <ul class="entries">
        {markers.map(({ tick, text }) => (
          <li key={tick} style={{ display: "flex" }}>
            <button onClick={() => session.goTo(tick)}>
              <span class="tick">{countText(tick)}</span>
              <span class="what">{text === "" ? "marked" : text}</span>
            </button>
            <button
              style={{ width: "auto" }}
              aria-label={`Remove the marker at tick ${tick}`}
              onClick={() => {
                session.markers.value = markers.filter((marker) => marker.tick !== tick);
              }}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
