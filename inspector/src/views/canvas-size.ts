import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

export interface CanvasSize {
  readonly width: number;
  readonly height: number;
}

/** The room of a canvas in CSS pixels, as it changes. */
export function useCanvasSize(canvas: RefObject<HTMLCanvasElement | null>): CanvasSize {
  const [size, setSize] = useState<CanvasSize>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const look = (): void => setSize({ width: element.clientWidth, height: element.clientHeight });
    look();
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [canvas]);
  return size;
}

/** Gives a canvas as many pixels as the screen has in its place. @returns its context in CSS pixels */
export function sized(
  canvas: HTMLCanvasElement,
  { width, height }: CanvasSize,
  scale = devicePixelRatio,
): CanvasRenderingContext2D {
  const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  const context = canvas.getContext("2d")!;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return context;
}
