import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { usePage } from "../model/context.ts";
import type { Selection } from "../model/session.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { elementText } from "../model/text.ts";
import type { View } from "../model/views.ts";
import { packedCss } from "../paint/css-colour.ts";
import type { Colouring } from "../paint/grid-image.ts";
import { agentColour, extentOf, gridOf, MapPainter } from "../paint/map-paint.ts";
import { NoRows } from "./no-rows.tsx";
import { sized, useCanvasSize, type CanvasSize } from "./canvas-size.ts";
import { frameOf, noZoom, zoomedAt, type Extent, type Frame, type Zoom } from "./frame.ts";
import { Legend } from "./legend.tsx";
import { useDragging } from "./dragging.ts";
import { Foot } from "./foot.tsx";

/** A grid as one image, agents above it. */
export function MapView({ view }: { readonly view: View }) {
  const page = usePage();
  const { session } = page;
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useCanvasSize(canvas);
  const [zoom, setZoom] = useState<Zoom>(noZoom);
  const [hovered, setHovered] = useState<Selection>();
  const snapshot = session.snapshot.value;
  const selection = session.selection.value;
  const extent = snapshot === undefined ? undefined : extentOf(view, snapshot);
  const frame = extent === undefined ? undefined : frameOf(extent, size, zoom);
  const colouring = useDrawnMap(canvas, view, size, zoom, extent);
  const found = (x: number, y: number): Selection | undefined => {
    return snapshot && extent && frame && placeAt(view, snapshot, extent, frame, x, y);
  };
  const pointer = useDragging({
    drag: (dx, dy) => zoom.scale > 1 && setZoom({ ...zoom, x: zoom.x + dx, y: zoom.y + dy }),
    click: (x, y) => (session.selection.value = found(x, y)),
    hover: (x, y) => setHovered(found(x, y)),
    leave: () => setHovered(undefined),
    wheel: (x, y, delta) => setZoom(zoomedAt(zoom, delta > 0 ? 0.8 : 1.25, { x, y }, size)),
  });
  return (
    <>
      <canvas
        ref={canvas}
        id="map"
        role="img"
        aria-label={`${view.label} at tick ${session.tick.value}. Its values can be read in the rows view`}
        style={{ cursor: "crosshair", imageRendering: "pixelated" }}
        {...pointer}
      />
      {snapshot !== undefined && extent === undefined && (
        <NoRows title="No row is alive at this tick">
          The stores that are shown here hold no rows with a place. Another tick may have some.
        </NoRows>
      )}
      <Foot>
        <span class="number what">{hoverText(snapshot, hovered ?? selection)}</span>
        <Agents view={view} snapshot={snapshot} />
        <Legend colouring={colouring} />
        {zoom.scale > 1 && (
          <button class="button plain" onClick={() => setZoom(noZoom)}>
            Fit
          </button>
        )}
      </Foot>
    </>
  );
}

/** Keeps the canvas at what the tick is. @returns how its cells are coloured */
function useDrawnMap(
  canvas: RefObject<HTMLCanvasElement | null>,
  view: View,
  size: CanvasSize,
  zoom: Zoom,
  extent: Extent | undefined,
): Colouring | undefined {
  const page = usePage();
  const painter = useRef<MapPainter | undefined>(undefined);
  const [colouring, setColouring] = useState<Colouring>();
  const snapshot = page.session.snapshot.value;
  const [ramp, selection] = [page.ramp.value, page.session.selection.value];
  void page.theme.value;
  const draw = (element: HTMLCanvasElement, scale: number): Colouring | undefined => {
    const context = sized(element, size, scale);
    context.clearRect(0, 0, size.width, size.height);
    if (snapshot === undefined || extent === undefined) return undefined;
    painter.current ??= new MapPainter();
    const style = getComputedStyle(document.documentElement);
    return painter.current.draw(context, {
      snapshot,
      view,
      extent,
      frame: frameOf(extent, size, zoom),
      ramp,
      background: packedCss(style.getPropertyValue("--surface")),
      selection,
      selectionColour: style.getPropertyValue("--warn"),
    });
  };
  useEffect(() => {
    const element = canvas.current;
    if (element === null || size.width === 0) return;
    const used = draw(element, devicePixelRatio);
    if (JSON.stringify(used) !== JSON.stringify(colouring)) setColouring(used);
    page.picture = (scale) => {
      const picture = document.createElement("canvas");
      draw(picture, scale);
      return picture;
    };
  });
  useEffect(() => () => (page.picture = undefined), [page]);
  return colouring;
}

function Agents({
  view,
  snapshot,
}: {
  readonly view: View;
  readonly snapshot: Snapshot | undefined;
}) {
  if (snapshot === undefined) return null;
  const isOnGrid = gridOf(view, snapshot) !== undefined;
  return (
    <>
      {view.agents.map(({ store }, number) => (
        <span key={store} class="legend">
          <i
            style={{
              background: agentColour(number, isOnGrid),
              borderRadius: "50%",
              outline: "1px solid var(--line-strong)",
            }}
          />
          {snapshot.schema(store).name} {snapshot.liveRows(store).length.toLocaleString("en")}
        </span>
      ))}
    </>
  );
}

/** What lies at a point of the canvas: an agent, if one is near, else a cell. */
function placeAt(
  view: View,
  snapshot: Snapshot,
  extent: Extent,
  frame: Frame,
  x: number,
  y: number,
): Selection | undefined {
  let [nearest, distance]: [Selection | undefined, number] = [undefined, 8];
  for (const { store, place } of view.agents) {
    if (!snapshot.has(store)) continue;
    const at = snapshot.places(store, place);
    for (const row of snapshot.liveRows(store)) {
      const px = frame.left + (at.x(row) - extent.x) * frame.cell;
      const py = frame.top + (at.y(row) - extent.y) * frame.cell;
      const away = Math.hypot(px - x, py - y);
      if (away < distance) [nearest, distance] = [{ store, row }, away];
    }
  }
  if (nearest !== undefined) return nearest;
  const grid = gridOf(view, snapshot);
  const column = Math.floor((x - frame.left) / frame.cell);
  const row = Math.floor((y - frame.top) / frame.cell);
  const isInside = column >= 0 && row >= 0 && column < extent.columns && row < extent.rows;
  return grid === undefined || !isInside
    ? undefined
    : { store: grid, row: row * extent.columns + column };
}

function hoverText(snapshot: Snapshot | undefined, place: Selection | undefined): string {
  if (snapshot === undefined || place === undefined)
    return "Point at something for its value; click it for its history";
  const schema = snapshot.schema(place.store);
  if (schema.kind === "grid") {
    const columns = schema.shape.at(-1) ?? 1;
    const [x, y] = [place.row % columns, Math.floor(place.row / columns)];
    return `${schema.name} (${x}, ${y}) = ${elementText(snapshot.values(place.store, place.row)[0])}`;
  }
  if (!snapshot.isLive(place.store, place.row)) return `${schema.name}: no row there at this tick`;
  const values = snapshot.values(place.store, place.row);
  const names = snapshot
    .columns(place.store)
    .map(({ name }, i) => `${name} ${elementText(values[i])}`);
  return `${schema.name} · ${names.join(" · ")}`;
}
