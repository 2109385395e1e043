import type { NumericArray } from "../../../src/types.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { flatShape, type AgentStore, type View } from "../model/views.ts";
import type { Extent, Frame } from "../views/frame.ts";
import { categoryColour, cssOf, type Ramp } from "./colours.ts";
import { colourCells, colouringOf, type Colouring } from "./grid-image.ts";

export interface MapPicture {
  readonly snapshot: Snapshot;
  readonly view: View;
  readonly frame: Frame;
  readonly extent: Extent;
  readonly ramp: Ramp;
  readonly background: number;
  readonly selection: { readonly store: number; readonly row: number } | undefined;
  readonly selectionColour: string;
}

/** The grid of a map, if it has one. */
export function gridOf({ stores }: View, snapshot: Snapshot): number | undefined {
  return stores.find((store) => snapshot.schema(store).kind === "grid");
}

/** What a map covers: its grid, else where the rows are. */
export function extentOf(view: View, snapshot: Snapshot): Extent | undefined {
  const grid = gridOf(view, snapshot);
  const schema = grid === undefined ? undefined : snapshot.schema(grid);
  if (schema?.kind === "grid") {
    const [rows, columns] = flatShape(schema.shape);
    return { x: 0, y: 0, columns, rows };
  }
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const agent of view.agents) {
    if (!snapshot.has(agent.store)) continue;
    const { x, y } = snapshot.places(agent.store, agent.place);
    for (const row of snapshot.liveRows(agent.store)) {
      const [px, py] = [x(row), y(row)];
      if (px < left) left = px;
      if (px > right) right = px;
      if (py < top) top = py;
      if (py > bottom) bottom = py;
    }
  }
  if (left > right || !Number.isFinite(right - left) || !Number.isFinite(bottom - top))
    return undefined;
  const margin = Math.max(right - left, bottom - top, 1e-9) * 0.03;
  const [columns, rows] = [right - left + 2 * margin, bottom - top + 2 * margin];
  return { x: left - margin, y: top - margin, columns, rows };
}

/** Keeps the pixels of a grid between ticks. */
export class MapPainter {
  readonly #image = document.createElement("canvas");
  readonly #large = document.createElement("canvas");
  #pixels: ImageData | undefined;

  /** How the cells were coloured, for a legend. */
  draw(context: CanvasRenderingContext2D, picture: MapPicture): Colouring | undefined {
    const { snapshot, view, frame, extent } = picture;
    const grid = gridOf(view, snapshot);
    const cells = grid === undefined ? undefined : snapshot.cells(grid);
    let colouring: Colouring | undefined;
    if (cells !== undefined) {
      colouring = this.#paint(cells, extent, picture);
      const [width, height] = [frame.cell * extent.columns, frame.cell * extent.rows];
      const pixels = frame.cell * context.getTransform().a;
      const image = Number.isInteger(pixels) || pixels > 8 ? this.#image : this.#enlarged(pixels);
      context.imageSmoothingEnabled = image !== this.#image || pixels < 1;
      context.imageSmoothingQuality = "high";
      context.drawImage(image, frame.left, frame.top, width, height);
    }
    view.agents.forEach((agent, number) =>
      drawAgents(context, picture, agent, number, cells !== undefined),
    );
    drawSelection(context, picture, grid);
    return colouring;
  }

  /** Cells of a fraction of a pixel come out evenly when a whole multiple of the image is made smaller. */
  #enlarged(pixels: number): HTMLCanvasElement {
    const factor = Math.ceil(pixels);
    if (factor <= 1) return this.#image;
    const { width, height } = this.#image;
    this.#large.width = width * factor;
    this.#large.height = height * factor;
    const context = this.#large.getContext("2d")!;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#image, 0, 0, width * factor, height * factor);
    return this.#large;
  }

  #paint(
    cells: NumericArray,
    { columns, rows }: Extent,
    { ramp, background }: MapPicture,
  ): Colouring {
    if (
      this.#image.width !== columns ||
      this.#image.height !== rows ||
      this.#pixels === undefined
    ) {
      this.#image.width = columns;
      this.#image.height = rows;
      this.#pixels = new ImageData(columns, rows);
    }
    const colouring = colouringOf(cells, ramp);
    colourCells(cells, colouring, background, new Uint32Array(this.#pixels.data.buffer));
    this.#image.getContext("2d")!.putImageData(this.#pixels, 0, 0);
    return colouring;
  }
}

/** The colour of a store of agents, apart from those of its neighbours. */
export function agentColour(number: number, isOnGrid: boolean): string {
  // On a ramp of green and yellow the first two are not seen.
  return isOnGrid
    ? (["#ffffff", "#ff5a4f", "#111418", "#ff9de2"][number % 4] as string)
    : cssOf(categoryColour(number + 1));
}

function drawAgents(
  context: CanvasRenderingContext2D,
  { snapshot, frame, extent }: MapPicture,
  { store, place }: AgentStore,
  number: number,
  isOnGrid: boolean,
): void {
  if (!snapshot.has(store)) return;
  const { x, y } = snapshot.places(store, place);
  const rows = snapshot.liveRows(store);
  const size = dotSize(frame, extent, rows.length, isOnGrid);
  context.fillStyle = agentColour(number, isOnGrid);
  const path = new Path2D();
  for (const row of rows) {
    const px = frame.left + (x(row) - extent.x) * frame.cell;
    const py = frame.top + (y(row) - extent.y) * frame.cell;
    if (size < 4) path.rect(px - size / 2, py - size / 2, size, size);
    else {
      path.moveTo(px + size / 2, py);
      path.arc(px, py, size / 2, 0, 2 * Math.PI);
    }
  }
  context.fill(path);
}

/** Pixels of a dot: a little less than a cell, or what lets so many be told apart. */
function dotSize(
  { cell }: Frame,
  { columns, rows }: Extent,
  count: number,
  isOnGrid: boolean,
): number {
  if (isOnGrid) return Math.min(14, Math.max(2.5, cell * 0.8));
  const room = Math.sqrt((columns * rows * cell * cell) / Math.max(1, count));
  return Math.min(10, Math.max(1.5, room / 4));
}

function drawSelection(
  context: CanvasRenderingContext2D,
  { snapshot, view, frame, extent, selection, selectionColour }: MapPicture,
  grid: number | undefined,
): void {
  if (selection === undefined) return;
  context.strokeStyle = selectionColour;
  context.lineWidth = 2;
  if (selection.store === grid) {
    const [column, row] = [
      selection.row % extent.columns,
      Math.floor(selection.row / extent.columns),
    ];
    const size = Math.max(frame.cell, 6);
    const x = frame.left + (column + 0.5) * frame.cell - size / 2;
    const y = frame.top + (row + 0.5) * frame.cell - size / 2;
    context.strokeRect(x - 1, y - 1, size + 2, size + 2);
    return;
  }
  const agent = view.agents.find(({ store }) => store === selection.store);
  if (agent === undefined || !snapshot.isLive(selection.store, selection.row)) return;
  const { x, y } = snapshot.places(agent.store, agent.place);
  context.beginPath();
  const px = frame.left + (x(selection.row) - extent.x) * frame.cell;
  const py = frame.top + (y(selection.row) - extent.y) * frame.cell;
  context.arc(px, py, 9, 0, 2 * Math.PI);
  context.stroke();
}
