import { useState } from "preact/hooks";
import type { LogRow } from "../engine/protocol.ts";
import { usePage } from "../model/context.ts";
import { countText, elementText } from "../model/text.ts";
import { useStill } from "./virtual.ts";

const stillMilliseconds = 260;
const most = 60;

/** The last rows of the logs up to the tick that is shown. */
export function Events() {
  const { session, closer } = usePage();
  const [found, setFound] = useState<readonly { store: number; row: LogRow }[]>();
  const run = session.run.value;
  const logs = (run?.card.world.stores ?? []).flatMap(({ kind }, store) =>
    kind === "log" ? [store] : [],
  );
  const tick = session.snapshot.value?.tick;
  const isPlaying = session.direction.value !== 0;
  useStill(
    () => {
      if (tick === undefined || isPlaying || logs.length === 0) return;
      closer.events(logs, tick, most).then(
        (events) => events !== undefined && session.run.value === run && setFound(events),
        () => setFound(undefined),
      );
    },
    stillMilliseconds,
    [tick, isPlaying, run],
  );
  if (run === undefined) return null;
  const { stores } = run.card.world;
  return (
    <section class="section scroll" aria-label="Events">
      <div class="title">
        <h2>Events</h2>
        {tick !== undefined && logs.length > 0 && (
          <span class="number">to tick {countText(tick)}</span>
        )}
      </div>
      {logs.length === 0 && (
        <p class="hint">
          This world keeps no log. A store that is a <code class="mono">log</code> would list its
          rows here.
        </p>
      )}
      {logs.length > 0 && found?.length === 0 && (
        <p class="hint">Nothing was logged up to this tick.</p>
      )}
      <ul class="entries">
        {(found ?? []).map(({ store, row }, i) => (
          <li key={i}>
            <button aria-current={row.tick === tick} onClick={() => session.goTo(row.tick)}>
              <span class="tick">{countText(row.tick)}</span>
              <span class="what" title={rowText(row)}>
                {stores[store]?.name}: {rowText(row)}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function rowText({ values }: LogRow): string {
  return values.map(([name, value]) => `${name} ${elementText(value).slice(0, 80)}`).join(", ");
}
