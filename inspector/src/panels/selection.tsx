import { useEffect } from "preact/hooks";
import { coordinatesOf } from "../../../src/format/coordinates.ts";
import type { Element } from "../../../src/types.ts";
import type { HistoryEntry } from "../engine/protocol.ts";
import { usePage } from "../model/context.ts";
import type { Selection } from "../model/session.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { countText, elementText } from "../model/text.ts";
import { Icon } from "./icons.tsx";

/** Whole histories of runs up to this many ticks are looked up at once, of longer ones this many around the tick. */
const atOnce = 20_000;
const shownMax = 400;

/** What was clicked: its value now, all its values before and after. */
export function SelectionPanel() {
  const page = usePage();
  const { session } = page;
  const selection = session.selection.value;
  const snapshot = session.snapshot.value;
  if (selection === undefined || snapshot === undefined) {
    return (
      <section class="section" aria-label="Selection">
        <h2>Selection</h2>
        <p class="hint">
          Click a cell, a voxel, an agent or a row: its value now and its whole history stand here
          then.
        </p>
      </section>
    );
  }
  return (
    <section class="section" aria-label="Selection">
      <div class="title">
        <h2>Selection</h2>
        <button
          class="button plain icon"
          aria-label="Clear the selection"
          onClick={() => (session.selection.value = undefined)}
        >
          <Icon name="close" />
        </button>
      </div>
      <p style={{ fontWeight: 600, marginBottom: "6px" }}>{placeText(snapshot, selection)}</p>
      <Values snapshot={snapshot} selection={selection} />
      <HistoryOf selection={selection} />
    </section>
  );
}

function placeText(snapshot: Snapshot, { store, row }: Selection): string {
  const schema = snapshot.schema(store);
  if (schema.kind === "grid")
    return `${schema.name} (${coordinatesOf(row, schema.shape).reverse().join(", ")})`;
  return schema.kind === "value" ? schema.name : `${schema.name}, slot ${countText(row)}`;
}

function Values({
  snapshot,
  selection: { store, row },
}: {
  readonly snapshot: Snapshot;
  readonly selection: Selection;
}) {
  if (!snapshot.has(store)) {
    return (
      <p class="hint">The view that is shown does not read this store; its history is below.</p>
    );
  }
  if (!snapshot.isLive(store, row)) return <p class="hint">No row lives there at this tick.</p>;
  const values = snapshot.values(store, row);
  const columns = snapshot.columns(store);
  return (
    <dl class="pairs">
      {columns.map(({ name }, i) => (
        <>
          <dt key={`${name} name`}>{name === "" ? "value" : name}</dt>
          <dd key={`${name} value`}>{elementText(values[i]).slice(0, 300)}</dd>
        </>
      ))}
    </dl>
  );
}

function HistoryOf({ selection }: { readonly selection: Selection }) {
  const { session, closer } = usePage();
  const { from, to } = session.range.value;
  const history = closer.history.value;
  const isOwn = history?.place.store === selection.store && history.place.row === selection.row;
  const look = (begin: number, end: number): void => {
    closer.lookBack(selection, session.snapshot.peek()!.tick, begin, end).catch(() => undefined);
  };
  useEffect(() => {
    const tick = session.tick.peek();
    if (to - from <= atOnce) look(from, to);
    else look(Math.max(from, tick - atOnce / 4), Math.min(to, tick + atOnce / 4));
  }, [selection.store, selection.row, from, session.focus.value]);
  if (!isOwn) return null;
  const { entries } = history;
  const tick = session.tick.value;
  const current = entries.findLastIndex((entry) => entry.tick <= tick);
  const isAtChange = entries[current]?.tick === tick;
  const before = entries[isAtChange ? current - 1 : current];
  const after = entries[current + 1];
  return (
    <>
      <div class="row-buttons">
        <button
          class="button"
          disabled={before === undefined}
          onClick={() => session.goTo(before!.tick)}
        >
          Previous change
        </button>
        <button
          class="button"
          disabled={after === undefined}
          onClick={() => session.goTo(after!.tick)}
        >
          Next change
        </button>
      </div>
      {history.done < 1 && (
        <div
          class="bar"
          role="progressbar"
          aria-label="Looking through the ticks"
          aria-valuenow={Math.round(100 * history.done)}
        >
          <i style={{ width: `${100 * history.done}%` }} />
        </div>
      )}
      <p class="hint" style={{ marginTop: "8px" }}>
        {countText(Math.max(0, entries.length - 1))} changes in ticks {countText(history.from)} to{" "}
        {countText(history.to)}
      </p>
      <Entries entries={entries} current={current} />
      {(history.from > from || history.to < to) && (
        <div class="row-buttons">
          <button class="button" onClick={() => look(from, to)}>
            Look through all {countText(to - from + 1)} ticks
          </button>
        </div>
      )}
    </>
  );
}

/** The entries around the tick that is shown. */
function Entries({
  entries,
  current,
}: {
  readonly entries: readonly HistoryEntry[];
  readonly current: number;
}) {
  const { session } = usePage();
  const first = Math.max(0, Math.min(current - shownMax / 2, entries.length - shownMax));
  return (
    <ul class="entries">
      {entries.slice(first, first + shownMax).map((entry, i) => (
        <li key={entry.tick}>
          <button aria-current={first + i === current} onClick={() => session.goTo(entry.tick)}>
            <span class="tick">{countText(entry.tick)}</span>
            <span class="what">{valuesText(entry.values, entries[first + i - 1]?.values)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** What is new in an entry: of several columns those that changed. */
function valuesText(
  values: readonly Element[] | undefined,
  before: readonly Element[] | undefined,
): string {
  if (values === undefined) return before === undefined ? "not there" : "gone";
  const texts = values.map((value) => elementText(value).slice(0, 60));
  if (before === undefined || values.length === 1) return texts.join(" · ");
  return texts.filter((text, i) => text !== elementText(before[i]).slice(0, 60)).join(" · ");
}
