import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { graphOf, type Graph } from "../graph/graph.ts";
import { usePage } from "../model/context.ts";
import { countText, elementText } from "../model/text.ts";
import type { View } from "../model/views.ts";
import { categoryColour, cssOf } from "../paint/colours.ts";
import { NoRows } from "./no-rows.tsx";
import { sized, useCanvasSize } from "./canvas-size.ts";
import { useDragging } from "./dragging.ts";
import { Foot } from "./foot.tsx";
import { frameOf, noZoom, zoomedAt, type Extent, type Frame, type Zoom } from "./frame.ts";

/** Edges between rows: where the rows have places these, else places by forces. */
export function GraphView({ view }: { readonly view: View }) {
  const page = usePage();
  const { session } = page;
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useCanvasSize(canvas);
  const [zoom, setZoom] = useState<Zoom>(noZoom);
  const before = useRef<Graph | undefined>(undefined);
  const snapshot = session.snapshot.value;
  const isReady = snapshot !== undefined && view.stores.every((store) => snapshot.has(store));
  const graph = useMemo(() => {
    if (!isReady) return undefined;
    before.current = graphOf(view, snapshot, before.current);
    return before.current;
  }, [snapshot, view, isReady]);
  const extent = graph === undefined ? undefined : extentOf(graph);
  const frame = extent === undefined ? undefined : frameOf(extent, size, zoom);
  const selection = session.selection.value;
  void page.theme.value;
  useEffect(() => {
    const element = canvas.current;
    if (element === null || size.width === 0) return;
    const draw = (target: HTMLCanvasElement, scale: number): HTMLCanvasElement => {
      const context = sized(target, size, scale);
      context.clearRect(0, 0, size.width, size.height);
      if (graph && extent && frame) drawGraph(context, graph, extent, frame, selection);
      return target;
    };
    draw(element, devicePixelRatio);
    page.picture = (scale) => draw(document.createElement("canvas"), scale);
  });
  useEffect(() => () => (page.picture = undefined), [page]);
  const nearest = (x: number, y: number) =>
    graph && extent && frame && nodeAt(graph, extent, frame, x, y);
  const pointer = useDragging({
    drag: (dx, dy) => setZoom({ ...zoom, x: zoom.x + dx, y: zoom.y + dy }),
    click: (x, y) => {
      const node = nearest(x, y);
      session.selection.value =
        node?.store === undefined ? undefined : { store: node.store, row: node.row };
    },
    hover: () => undefined,
    leave: () => undefined,
    wheel: (x, y, delta) => setZoom(zoomedAt(zoom, delta > 0 ? 0.8 : 1.25, { x, y }, size)),
  });
  const label = `${view.label} at tick ${session.tick.value}: ${countText(graph?.nodes.length ?? 0)} nodes, ${countText((graph?.edges.length ?? 0) / 2)} edges`;
  return (
    <>
      <canvas
        ref={canvas}
        id="graph"
        role="img"
        aria-label={`${label}. Its rows can be read in the rows view`}
        {...pointer}
      />
      {graph?.nodes.length === 0 && (
        <NoRows title="No nodes at this tick">
          Neither end of these edges holds a row here. Another tick may.
        </NoRows>
      )}
      <Foot>
        <span class="what">{selectionText(session)}</span>
        <span class="number">
          {countText(graph?.nodes.length ?? 0)} nodes · {countText((graph?.edges.length ?? 0) / 2)}{" "}
          edges
        </span>
        {graph?.isPlaced === false && <span class="faint">placed by forces</span>}
      </Foot>
    </>
  );
}

function selectionText(session: ReturnType<typeof usePage>["session"]): string {
  const [snapshot, selection] = [session.snapshot.value, session.selection.value];
  if (snapshot === undefined || selection === undefined) return "Click a node for its history";
  const values = snapshot.values(selection.store, selection.row);
  const names = snapshot
    .columns(selection.store)
    .map(({ name }, i) => `${name} ${elementText(values[i])}`);
  return `${snapshot.schema(selection.store).name} · ${names.join(" · ")}`;
}

function extentOf({ places }: Graph): Extent | undefined {
  if (places.length === 0) return undefined;
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < places.length; i += 2) {
    left = Math.min(left, places[i]!);
    right = Math.max(right, places[i]!);
    top = Math.min(top, places[i + 1]!);
    bottom = Math.max(bottom, places[i + 1]!);
  }
  const margin = Math.max(right - left, bottom - top, 1) * 0.05;
  return {
    x: left - margin,
    y: top - margin,
    columns: right - left + 2 * margin,
    rows: bottom - top + 2 * margin,
  };
}

function drawGraph(
  context: CanvasRenderingContext2D,
  { nodes, edges, places }: Graph,
  extent: Extent,
  frame: Frame,
  selection: { readonly store: number; readonly row: number } | undefined,
): void {
  const style = getComputedStyle(document.documentElement);
  const x = (node: number): number => frame.left + (places[2 * node]! - extent.x) * frame.cell;
  const y = (node: number): number => frame.top + (places[2 * node + 1]! - extent.y) * frame.cell;
  context.strokeStyle = style.getPropertyValue("--text-faint");
  context.globalAlpha = Math.min(0.8, Math.max(0.12, 400 / Math.max(1, edges.length)));
  context.beginPath();
  for (let i = 0; i < edges.length; i += 2) {
    context.moveTo(x(edges[i]!), y(edges[i]!));
    context.lineTo(x(edges[i + 1]!), y(edges[i + 1]!));
  }
  context.stroke();
  context.globalAlpha = 1;
  const radius = Math.min(6, Math.max(2, 90 / Math.sqrt(nodes.length)));
  nodes.forEach(({ store, row }, node) => {
    context.fillStyle = cssOf(categoryColour((store ?? 0) + 1));
    context.beginPath();
    context.arc(x(node), y(node), radius, 0, 2 * Math.PI);
    context.fill();
    if (selection?.store !== store || selection?.row !== row) return;
    context.strokeStyle = style.getPropertyValue("--warn");
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x(node), y(node), radius + 4, 0, 2 * Math.PI);
    context.stroke();
  });
}

function nodeAt(
  { nodes, places }: Graph,
  extent: Extent,
  frame: Frame,
  x: number,
  y: number,
): Graph["nodes"][number] | undefined {
  let [found, distance]: [Graph["nodes"][number] | undefined, number] = [undefined, 10];
  nodes.forEach((node, i) => {
    const px = frame.left + (places[2 * i]! - extent.x) * frame.cell;
    const py = frame.top + (places[2 * i + 1]! - extent.y) * frame.cell;
    const away = Math.hypot(px - x, py - y);
    if (away < distance) [found, distance] = [node, away];
  });
  return found;
}
