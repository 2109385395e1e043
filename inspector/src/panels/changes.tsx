import { useState } from "preact/hooks";
import { coordinatesOf } from "../../../src/format/coordinates.ts";
import type { Change } from "../../../src/types.ts";
import type { TickChanges } from "../engine/protocol.ts";
import { useSession } from "../model/context.ts";
import { countText, elementText } from "../model/text.ts";
import { useStill } from "./virtual.ts";

const stillMilliseconds = 160;
const shownMax = 200;

/** What the tick that is shown changed, looked up when the page is still. */
export function Changes() {
  const session = useSession();
  const [found, setFound] = useState<TickChanges>();
  const tick = session.snapshot.value?.tick;
  const isPlaying = session.direction.value !== 0;
  const run = session.run.value;
  useStill(
    () => {
      if (tick === undefined || isPlaying) return;
      session.engine.call("changes", tick).then(
        (changes) => session.run.value === run && setFound(changes),
        () => setFound(undefined),
      );
    },
    stillMilliseconds,
    [tick, isPlaying, run],
  );
  return (
    <section class="section" aria-label="What this tick changed">
      <div class="title">
        <h2>Changed in this tick</h2>
        {found?.tick === tick && <span class="number">{countText(found?.total ?? 0)}</span>}
      </div>
      {found === undefined || found.tick !== tick ? (
        <p class="hint">{isPlaying ? "Pause to see what a tick changed." : "Looking…"}</p>
      ) : (
        <Found changes={found} />
      )}
    </section>
  );
}

function Found({ changes }: { readonly changes: TickChanges }) {
  const session = useSession();
  if (changes.total === 0) {
    return (
      <>
        <p class="hint">Nothing changed: a quiet tick.</p>
        <div class="row-buttons">
          <button class="button" onClick={() => void session.goToChanged(-1)}>
            Previous changed
          </button>
          <button class="button" onClick={() => void session.goToChanged(1)}>
            Next changed
          </button>
        </div>
      </>
    );
  }
  const listed = changes.changes.filter(({ column }) => column !== "$live").slice(0, shownMax);
  return (
    <>
      <dl class="pairs">
        {changes.stores.map(({ store, changed, born, died }) => (
          <>
            <dt key={`${store} name`}>{store}</dt>
            <dd key={`${store} count`}>
              {countText(changed)}
              {born + died > 0 && (
                <span class="faint">
                  {" "}
                  · +{countText(born)} −{countText(died)} rows
                </span>
              )}
            </dd>
          </>
        ))}
      </dl>
      <ul class="entries" style={{ marginTop: "8px" }}>
        {listed.map((change, i) => (
          <ChangeLine key={i} change={change} />
        ))}
      </ul>
      {listed.length < changes.total && (
        <p class="hint">
          {listed.length === 0
            ? "Too many for a list; the sums above are exact."
            : `The first ${countText(listed.length)} of ${countText(changes.total)} rows and cells are listed.`}
        </p>
      )}
    </>
  );
}

function ChangeLine({ change }: { readonly change: Change }) {
  const session = useSession();
  const stores = session.run.value!.card.world.stores;
  const store = stores.findIndex(({ name }) => name === change.store);
  const schema = stores[store];
  const place =
    schema?.kind === "grid"
      ? `(${coordinatesOf(change.index, schema.shape).reverse().join(", ")})`
      : change.key === undefined
        ? ""
        : elementText(change.key as never);
  const name = [change.store, place, change.column].filter(Boolean).join(" ");
  return (
    <li>
      <button
        style={{ gridTemplateColumns: "minmax(0, 1fr) auto" }}
        onClick={() => (session.selection.value = { store, row: change.index })}
      >
        <span class="what">{name}</span>
        <span class="number">
          <span class="faint">{elementText(change.old).slice(0, 24)} →</span>{" "}
          {elementText(change.new).slice(0, 24)}
        </span>
      </button>
    </li>
  );
}
