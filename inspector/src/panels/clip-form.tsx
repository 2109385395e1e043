import { useEffect, useRef, useState } from "preact/hooks";
import { download, fileName } from "../export/caption.ts";
import { framesOf, type Clip } from "../export/clip.ts";
import { usePage } from "../model/context.ts";
import type { Page } from "../model/page.ts";
import { bytesText, countText } from "../model/text.ts";

const framesMax = 2000;
const fields: readonly (readonly [name: keyof Clip, label: string])[] = [
  ["from", "From tick"],
  ["to", "To tick"],
  ["every", "Every … ticks"],
  ["framesPerSecond", "Frames a second"],
  ["width", "Width in pixels"],
];

/** A GIF of a range. What it will weigh is said before it is made. */
export function ClipForm() {
  const page = usePage();
  const [clip, setClip] = useState<Clip>(() => firstClip(page));
  const [size, setSize] = useState<number>();
  const making = useMaking(page, clip);
  const count = framesOf(clip);
  const isFair = clip.to >= clip.from && clip.every >= 1 && clip.width >= 16 && count <= framesMax;
  useEffect(() => setSize(undefined), [clip]);
  if (page.picture === undefined) return null;
  return (
    <section>
      <h3 style={{ fontSize: "13px", marginBottom: "6px" }}>Clip of a range (GIF)</h3>
      <div style={{ display: "grid", gap: "6px" }}>
        {fields.map(([name, label]) => (
          <label key={name} class="form-row">
            <span class="soft">{label}</span>
            <input
              class="field"
              type="number"
              min={0}
              value={clip[name]}
              onInput={({ currentTarget }) =>
                setClip({ ...clip, [name]: Math.max(0, Math.round(Number(currentTarget.value))) })
              }
            />
          </label>
        ))}
      </div>
      <p class="soft number" style={{ marginTop: "8px" }}>
        {isFair
          ? `${countText(count)} frames, ${(count / Math.max(1, clip.framesPerSecond)).toFixed(1)} s${size === undefined ? "" : `, about ${bytesText(size)}`}`
          : `At most ${countText(framesMax)} frames: take fewer ticks, or every n-th.`}
      </p>
      {making.share !== undefined && (
        <div
          class="bar"
          role="progressbar"
          aria-label="Making the clip"
          aria-valuenow={Math.round(100 * making.share)}
        >
          <i style={{ width: `${100 * making.share}%` }} />
        </div>
      )}
      <div class="row-buttons">
        {making.share !== undefined && (
          <button class="button" onClick={making.stop}>
            Stop
          </button>
        )}
        {making.share === undefined && size === undefined && (
          <button
            class="button"
            disabled={!isFair}
            onClick={() => void making.estimate().then(setSize)}
          >
            How large will it be?
          </button>
        )}
        {making.share === undefined && size !== undefined && (
          <button class="button" onClick={() => void making.make()}>
            Make the GIF, about {bytesText(size)}
          </button>
        )}
      </div>
    </section>
  );
}

/** Estimates and makes a clip; the page comes back to its tick afterwards. */
function useMaking(page: Page, clip: Clip) {
  const [share, setShare] = useState<number>();
  const abort = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const estimate = async (): Promise<number | undefined> => {
    const back = page.session.tick.peek();
    const { estimated } = await import("../export/gif.ts");
    const size = await estimated(page, clip);
    page.session.goTo(back);
    return size;
  };
  const make = async (): Promise<void> => {
    const back = page.session.tick.peek();
    abort.current = new AbortController();
    setShare(0);
    try {
      const { encoded } = await import("../export/gif.ts");
      const blob = await encoded(page, clip, setShare, abort.current.signal);
      if (blob !== undefined) download(blob, fileName(page, `${clip.from}-${clip.to}`, "gif"));
    } catch {
      page.say("The clip was not finished");
    }
    setShare(undefined);
    page.session.goTo(back);
  };
  return { share, estimate, make, stop: () => abort.current?.abort() };
}

function firstClip({ session }: Page): Clip {
  const tick = session.tick.peek();
  const { from, to } = session.focus.peek() ?? {
    from: tick,
    to: Math.min(session.lastTick.peek(), tick + 100),
  };
  const every = Math.max(1, Math.ceil((to - from) / 300));
  return { from, to, every, framesPerSecond: 20, width: 480 };
}
