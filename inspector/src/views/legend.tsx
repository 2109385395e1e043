import { useEffect, useRef } from "preact/hooks";
import { numberText } from "../model/text.ts";
import { categoryColour, cssOf, rampTable } from "../paint/colours.ts";
import type { Colouring } from "../paint/grid-image.ts";

/** What the colours of a grid mean. */
export function Legend({ colouring }: { readonly colouring: Colouring | undefined }) {
  if (colouring === undefined) return null;
  if (colouring.kind === "amounts") return <Amounts {...colouring} />;
  const states = Array.from({ length: Math.max(1, colouring.most) }, (_, i) => i + 1);
  return (
    <>
      {states.map((state) => (
        <span key={state} class="legend">
          <i style={{ background: cssOf(categoryColour(state)) }} />
          {state}
        </span>
      ))}
    </>
  );
}

function Amounts({ least, most, ramp, of }: Extract<Colouring, { kind: "amounts" }>) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current!;
    element.width = 256;
    element.height = 1;
    const context = element.getContext("2d")!;
    const pixels = new ImageData(256, 1);
    new Uint32Array(pixels.data.buffer).set(rampTable(ramp));
    context.putImageData(pixels, 0, 0);
  }, [ramp]);
  return (
    <span class="legend number" title="From the least to the most of this tick">
      {of} {numberText(least)} <canvas ref={canvas} /> {numberText(most)}
    </span>
  );
}
