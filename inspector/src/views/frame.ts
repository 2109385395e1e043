import type { CanvasSize } from "./canvas-size.ts";

/** Where a world of `columns` × `rows` lies on a canvas: its corner and the pixels of a cell. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly cell: number;
}
/** How far it was moved and made larger: 1 fits. */
export interface Zoom {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}
export const noZoom: Zoom = { scale: 1, x: 0, y: 0 };

export interface Extent {
  /** The lowest coordinates and the lengths of the axes. */
  readonly x: number;
  readonly y: number;
  readonly columns: number;
  readonly rows: number;
}

/** Fits an extent into a canvas, whole pixels for a cell where they fit, and applies the zoom. */
export function frameOf(extent: Extent, size: CanvasSize, zoom: Zoom): Frame {
  const margin = 12;
  const fit = Math.min(
    Math.max(1, size.width - 2 * margin) / extent.columns,
    Math.max(1, size.height - 2 * margin) / extent.rows,
  );
  // Small cells may have a fraction of a pixel: a whole one would leave half of the canvas empty.
  const whole = fit > 4 ? Math.floor(fit * devicePixelRatio) / devicePixelRatio : fit;
  const cell = whole * zoom.scale;
  const left = (size.width - cell * extent.columns) / 2 + zoom.x;
  const top = (size.height - cell * extent.rows) / 2 + zoom.y;
  return zoom.scale === 1
    ? { left: Math.round(left), top: Math.round(top), cell }
    : { left, top, cell };
}

/** Zooms by a factor around a point of the canvas, which keeps its place. */
export function zoomedAt(
  zoom: Zoom,
  factor: number,
  point: { x: number; y: number },
  size: CanvasSize,
): Zoom {
  const scale = Math.min(64, Math.max(1, zoom.scale * factor));
  if (scale === 1) return noZoom;
  const share = scale / zoom.scale;
  const [x, y] = [point.x - size.width / 2, point.y - size.height / 2];
  return { scale, x: x - (x - zoom.x) * share, y: y - (y - zoom.y) * share };
}
