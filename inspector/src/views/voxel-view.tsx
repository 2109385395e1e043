import type { RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { NumericArray } from "../../../src/types.ts";
import { usePage } from "../model/context.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { countText, elementText } from "../model/text.ts";
import type { View } from "../model/views.ts";
import { colouringOf } from "../paint/grid-image.ts";
import { cssVector } from "../paint/css-colour.ts";
import {
  cameraOf,
  firstCellOn,
  firstOrbit,
  nearer,
  turned,
  type Orbit,
  type Vector,
} from "../voxels/camera.ts";
import { voxelColours, type VoxelColours } from "../voxels/colouring.ts";
import { facesOf, wholeSlices, type FromEnd, type Size, type Slices } from "../voxels/faces.ts";
import { VoxelRenderer } from "../voxels/renderer.ts";
import { useCanvasSize, type CanvasSize } from "./canvas-size.ts";
import { useDragging } from "./dragging.ts";
import { Foot } from "./foot.tsx";
import { Legend } from "./legend.tsx";
import { SliceControls } from "./slice-controls.tsx";

/** A grid of three axes: each cell that is not nothing is a voxel. Drag turns, the wheel comes nearer, slices cut. */
export function VoxelView({ view }: { readonly view: View }) {
  const page = usePage();
  const { session } = page;
  const canvas = useRef<HTMLCanvasElement>(null);
  const room = useCanvasSize(canvas);
  const scene = useScene(view);
  const { voxels, isMissing } = useDrawnScene(canvas, room, scene);
  const [hovered, setHovered] = useState<Vector>();
  const { orbit } = scene;
  const look = (next: Orbit): void => {
    const numbers = [next.yaw, next.pitch, next.distance];
    page.camera.value = numbers.map((part) => Number(part.toFixed(3)));
  };
  const pointer = useDragging({
    drag: (dx, dy) => look(turned(orbit, -dx * 0.008, dy * 0.008)),
    click: (x, y) => {
      const cell = cellAt(scene, room, x, y);
      session.selection.value =
        cell === undefined ? undefined : { store: scene.store, row: rowOf(cell, scene.size!) };
    },
    hover: (x, y) => setHovered(cellAt(scene, room, x, y)),
    leave: () => setHovered(undefined),
    wheel: (_x, _y, delta) => look(nearer(orbit, delta > 0 ? 1.1 : 0.91)),
  });
  if (isMissing) return <NoWebGl />;
  const { size, slices, colours } = scene;
  return (
    <>
      <canvas
        ref={canvas}
        id="voxels"
        role="img"
        aria-label={`${view.label} at tick ${session.tick.value}: ${countText(voxels)} voxels. Its values can be read in the rows view`}
        style={{ cursor: "grab" }}
        {...pointer}
      />
      {size !== undefined && slices !== undefined && <SliceControls size={size} slices={slices} />}
      <Foot>
        <span class="number what">{cellText(scene, view, hovered)}</span>
        <span class="number">{countText(voxels)} voxels</span>
        <Legend colouring={colours?.legend} />
      </Foot>
    </>
  );
}

/** What is drawn, made anew only with what it depends on. */
interface Scene {
  readonly store: number;
  readonly snapshot: Snapshot | undefined;
  readonly cells: NumericArray | undefined;
  readonly size: Size | undefined;
  readonly slices: Slices | undefined;
  readonly colours: VoxelColours | undefined;
  readonly orbit: Orbit;
}

function useScene(view: View): Scene {
  const page = usePage();
  const store = view.stores[0]!;
  const snapshot = page.session.snapshot.value;
  const ramp = page.ramp.value;
  const state = useMemo(() => {
    const size = snapshot === undefined ? undefined : sizeOf(snapshot, store);
    const cells = snapshot?.cells(store);
    if (size === undefined || cells === undefined) return { size, cells, colours: undefined };
    return { size, cells, colours: voxelColours(cells, size, colouringOf(cells, ramp), ramp) };
  }, [snapshot, store, ramp]);
  const numbers = page.slices.value;
  const slices = useMemo(
    () => (state.size === undefined ? undefined : slicesOf(numbers, state.size)),
    [numbers, state.size?.join()],
  );
  return { ...state, store, snapshot, slices, orbit: orbitOf(page.camera.value) };
}

/** Keeps the canvas at what the scene is. */
function useDrawnScene(
  canvas: RefObject<HTMLCanvasElement | null>,
  room: CanvasSize,
  scene: Scene,
): { readonly voxels: number; readonly isMissing: boolean } {
  const page = usePage();
  const renderer = useRef<VoxelRenderer | undefined>(undefined);
  const [isMissing, setMissing] = useState(false);
  const [voxels, setVoxels] = useState(0);
  const { cells, size, slices, colours, orbit, store } = scene;
  const selection = page.session.selection.value;
  const fromEnd = sidesOf(orbit);
  void page.theme.value;
  useEffect(() => {
    renderer.current = VoxelRenderer.on(canvas.current!);
    setMissing(renderer.current === undefined);
  }, []);
  useEffect(() => {
    if (renderer.current === undefined || colours === undefined) return;
    const faces = facesOf(cells!, size!, slices!, colours.nothing, colours.of, fromEnd);
    renderer.current.load(faces, colours.table);
    setVoxels(faces.voxels);
  }, [colours, slices, fromEnd.join()]);
  useEffect(() => {
    const element = canvas.current;
    if (element === null || size === undefined || room.width === 0) return;
    const draw = (scale: number): void => {
      const [width, height] = [Math.round(room.width * scale), Math.round(room.height * scale)];
      if (element.width !== width) element.width = width;
      if (element.height !== height) element.height = height;
      const style = getComputedStyle(document.documentElement);
      renderer.current?.draw({
        camera: cameraOf(orbit, size, room.width / room.height),
        size,
        background: cssVector(style.getPropertyValue("--sunken")),
        line: cssVector(style.getPropertyValue("--line-strong")),
        selected: selection?.store === store ? placeOf(selection.row, size) : undefined,
        selectedColour: cssVector(style.getPropertyValue("--warn")),
      });
    };
    draw(devicePixelRatio);
    page.picture = (scale) => {
      draw(scale);
      const copy = copyOf(element);
      draw(devicePixelRatio);
      return copy;
    };
  });
  useEffect(() => () => (page.picture = undefined), [page]);
  return { voxels, isMissing };
}

/** From which end of each axis the eye looks. */
function sidesOf({ yaw, pitch }: Orbit): FromEnd {
  return [Math.cos(yaw) > 0, Math.sin(yaw) > 0, pitch > 0];
}

/** The voxel under a point of the canvas. */
function cellAt(
  { cells, size, slices, colours, orbit }: Scene,
  room: CanvasSize,
  x: number,
  y: number,
): Vector | undefined {
  if (size === undefined || slices === undefined || colours === undefined) return undefined;
  const camera = cameraOf(orbit, size, room.width / room.height);
  const ray = camera.ray((2 * x) / room.width - 1, 1 - (2 * y) / room.height);
  const isThere = (cx: number, cy: number, cz: number): boolean => {
    return Number(cells![rowOf([cx, cy, cz], size)]) !== colours.nothing;
  };
  return firstCellOn(ray, slices.begin, slices.end, isThere);
}

function NoWebGl() {
  const { session } = usePage();
  return (
    <div class="empty" role="alert">
      <h3>This browser draws no voxels: it has no WebGL2</h3>
      <p>
        Hardware acceleration may be off, or the graphics driver refused. Everything else works, and
        the cells can be read as rows.
      </p>
      <div class="choices">
        <button class="button main" onClick={() => (session.viewId.value = "table")}>
          Show the rows
        </button>
      </div>
    </div>
  );
}

/** Lengths of the three long axes, fastest first. */
function sizeOf(snapshot: Snapshot, store: number): Size | undefined {
  const schema = snapshot.schema(store);
  if (schema.kind !== "grid") return undefined;
  const [z = 1, y = 1, x = 1] = schema.shape.filter((length) => length > 1);
  return [x, y, z];
}

function rowOf([x, y, z]: Vector, [width, height]: Size): number {
  return (z * height + y) * width + x;
}

function placeOf(row: number, [width, height]: Size): Vector {
  return [row % width, Math.floor(row / width) % height, Math.floor(row / (width * height))];
}

function orbitOf(camera: readonly number[] | undefined): Orbit {
  if (camera === undefined) return firstOrbit;
  const [yaw = 0, pitch = 0, distance = 1] = camera;
  return nearer(turned({ yaw, pitch: 0, distance }, 0, pitch), 1);
}

function slicesOf(numbers: readonly number[] | undefined, size: Size): Slices {
  if (numbers === undefined) return wholeSlices(size);
  const within = (value: number, least: number, most: number): number =>
    Math.min(most, Math.max(least, Math.round(value)));
  const begin = size.map((length, axis) =>
    within(numbers[2 * axis]!, 0, length - 1),
  ) as unknown as Vector;
  const end = size.map((length, axis) =>
    within(numbers[2 * axis + 1]!, begin[axis]! + 1, length),
  ) as unknown as Vector;
  return { begin, end };
}

function cellText(
  { snapshot, size, store }: Scene,
  { label }: View,
  cell: Vector | undefined,
): string {
  if (snapshot === undefined || size === undefined || cell === undefined) {
    return "Drag to turn, scroll to come nearer, click a voxel for its history";
  }
  const [value] = snapshot.values(store, rowOf(cell, size));
  return `${label} (${cell.join(", ")}) = ${elementText(value)}`;
}

function copyOf(canvas: HTMLCanvasElement): HTMLCanvasElement {
  const copy = document.createElement("canvas");
  copy.width = canvas.width;
  copy.height = canvas.height;
  copy.getContext("2d")!.drawImage(canvas, 0, 0);
  return copy;
}
