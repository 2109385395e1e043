import { useRef } from "preact/hooks";

interface Gestures {
  readonly drag: (dx: number, dy: number, isPan: boolean) => void;
  readonly click: (x: number, y: number) => void;
  readonly hover: (x: number, y: number) => void;
  readonly leave: () => void;
  readonly wheel: (x: number, y: number, delta: number) => void;
}

/** A press that moves less than this is a click. */
const stillPixels = 4;

/** What the pointer does over a canvas: it drags, clicks, hovers and turns its wheel; two fingers zoom. */
export function useDragging(gestures: Gestures) {
  const press = useRef<{ x: number; y: number; moved: number } | undefined>(undefined);
  const fingers = useRef(new Map<number, { x: number; y: number }>());
  const at = ({ offsetX, offsetY }: { offsetX: number; offsetY: number }): [number, number] => [
    offsetX,
    offsetY,
  ];
  return {
    onPointerDown(event: PointerEvent) {
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      fingers.current.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
      press.current = {
        x: event.offsetX,
        y: event.offsetY,
        moved: fingers.current.size > 1 ? Infinity : 0,
      };
    },
    onPointerMove(event: PointerEvent) {
      const held = press.current;
      if (held === undefined) {
        gestures.hover(...at(event));
        return;
      }
      if (fingers.current.size > 1) {
        const before = spread(fingers.current);
        fingers.current.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
        const now = spread(fingers.current);
        if (Math.abs(now - before) > 2) gestures.wheel(...at(event), before - now);
        return;
      }
      const [dx, dy] = [event.offsetX - held.x, event.offsetY - held.y];
      const moved = held.moved + Math.abs(dx) + Math.abs(dy);
      if (moved > stillPixels) gestures.drag(dx, dy, event.shiftKey || event.buttons === 2);
      press.current = { x: event.offsetX, y: event.offsetY, moved };
    },
    onPointerUp(event: PointerEvent) {
      fingers.current.delete(event.pointerId);
      const held = press.current;
      press.current = undefined;
      if (held !== undefined && held.moved <= stillPixels) gestures.click(...at(event));
    },
    onPointerCancel(event: PointerEvent) {
      fingers.current.delete(event.pointerId);
      press.current = undefined;
    },
    onPointerLeave() {
      gestures.leave();
    },
    onWheel(event: WheelEvent) {
      event.preventDefault();
      gestures.wheel(...at(event), event.deltaY);
    },
  };
}

function spread(fingers: ReadonlyMap<number, { x: number; y: number }>): number {
  const [a, b] = [...fingers.values()];
  return a === undefined || b === undefined ? 0 : Math.hypot(a.x - b.x, a.y - b.y);
}
