import { useRef, useState } from "preact/hooks";
import { coordinatesOf } from "../../../src/format/coordinates.ts";
import { usePage } from "../model/context.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { countText, elementText } from "../model/text.ts";
import type { View } from "../model/views.ts";
import { useRowsInSight } from "../panels/virtual.ts";
import { NoRows } from "./no-rows.tsx";
import { Foot } from "./foot.tsx";

const rowHeight = 26;

/** The rows of any store as they are; only those in sight have elements. */
export function TableView({ view }: { readonly view: View }) {
  const page = usePage();
  const { session } = page;
  const snapshot = session.snapshot.value;
  const [chosen, setChosen] = useState(session.selection.peek()?.store ?? view.stores[0] ?? 0);
  const store = view.stores.includes(chosen) ? chosen : (view.stores[0] ?? 0);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = snapshot?.has(store) === true ? snapshot.liveRows(store) : new Uint32Array(0);
  const { first, end } = useRowsInSight(scroller, rows.length, rowHeight);
  if (snapshot === undefined) return null;
  return (
    <div class="table-view">
      <div class="table-scroll" ref={scroller} tabIndex={0} aria-label="Rows">
        <table class="table-grid" aria-rowcount={rows.length}>
          <Head snapshot={snapshot} store={store} />
          <tbody>
            <tr aria-hidden="true" style={{ height: `${first * rowHeight}px` }} />
            {Array.from(rows.subarray(first, end), (row) => (
              <Row key={row} snapshot={snapshot} store={store} row={row} />
            ))}
            <tr aria-hidden="true" style={{ height: `${(rows.length - end) * rowHeight}px` }} />
          </tbody>
        </table>
        {rows.length === 0 && (
          <NoRows title={`${snapshot.schema(store).name} holds no rows at this tick`}>
            {emptyReason(snapshot, store)}
          </NoRows>
        )}
      </div>
      <Foot>
        <label class="legend">
          store
          <select
            class="field"
            style={{ width: "auto" }}
            value={store}
            onChange={({ currentTarget }) => setChosen(Number(currentTarget.value))}
          >
            {view.stores.map((each) => (
              <option key={each} value={each}>
                {snapshot.schema(each).name} · {snapshot.schema(each).kind}
              </option>
            ))}
          </select>
        </label>
        <span class="number">{countText(rows.length)} rows</span>
      </Foot>
    </div>
  );
}

function emptyReason(snapshot: Snapshot, store: number): string {
  const { kind } = snapshot.schema(store);
  if (kind === "log")
    return "A log shows what this very tick appended. The events in the side panel go further back.";
  return "Rows are born and die; this is a tick without any.";
}

function Head({ snapshot, store }: { readonly snapshot: Snapshot; readonly store: number }) {
  const schema = snapshot.schema(store);
  const names =
    schema.kind === "grid"
      ? ["cell", "value"]
      : ["slot", ...snapshot.columns(store).map(({ name }) => name)];
  return (
    <thead>
      <tr>
        {names.map((name, i) => (
          <th key={i} scope="col">
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Row({
  snapshot,
  store,
  row,
}: {
  readonly snapshot: Snapshot;
  readonly store: number;
  readonly row: number;
}) {
  const { session } = usePage();
  const selection = session.selection.value;
  const schema = snapshot.schema(store);
  const place =
    schema.kind === "grid"
      ? `(${coordinatesOf(row, schema.shape).reverse().join(", ")})`
      : countText(row);
  const select = (): void => {
    session.selection.value = { store, row };
  };
  return (
    <tr
      aria-selected={selection?.store === store && selection.row === row}
      tabIndex={0}
      onClick={select}
      onKeyDown={({ key }) => key === "Enter" && select()}
    >
      <td class="faint">{place}</td>
      {snapshot.values(store, row).map((value, i) => (
        <td key={i}>{elementText(value).slice(0, 200)}</td>
      ))}
    </tr>
  );
}
