import { usePage } from "../model/context.ts";
import type { Size, Slices } from "../voxels/faces.ts";

const axes = ["x", "y", "z"] as const;

/** Two sliders for each axis: what lies before the one and behind the other is cut away. */
export function SliceControls({ size, slices }: { readonly size: Size; readonly slices: Slices }) {
  const page = usePage();
  const set = (axis: number, end: 0 | 1, value: number): void => {
    const numbers = axes.flatMap((_, i) => [slices.begin[i]!, slices.end[i]!]);
    const other = numbers[2 * axis + (1 - end)]!;
    numbers[2 * axis + end] = end === 0 ? Math.min(value, other - 1) : Math.max(value, other + 1);
    const isWhole = axes.every((_, i) => numbers[2 * i] === 0 && numbers[2 * i + 1] === size[i]);
    page.slices.value = isWhole ? undefined : numbers;
  };
  return (
    <fieldset class="slices">
      <legend class="unseen">Slices</legend>
      {axes.map((name, axis) => (
        <>
          <span key={name} class="faint">
            {name}
          </span>
          <input
            type="range"
            aria-label={`Slice begins, ${name}`}
            min={0}
            max={size[axis]}
            value={slices.begin[axis]}
            onInput={({ currentTarget }) => set(axis, 0, Number(currentTarget.value))}
          />
          <input
            type="range"
            aria-label={`Slice ends, ${name}`}
            min={0}
            max={size[axis]}
            value={slices.end[axis]}
            onInput={({ currentTarget }) => set(axis, 1, Number(currentTarget.value))}
          />
        </>
      ))}
    </fieldset>
  );
}
