import { applyPalette, GIFEncoder, quantize } from "gifenc";
import type { Page } from "../model/page.ts";
import { framesOf, type Clip } from "./clip.ts";
import { captioned, captionOf } from "./caption.ts";

const samplesMax = 4;

/** Encodes a few frames of a clip. @returns the bytes that the whole will take, or `undefined` if there is no picture */
export async function estimated(page: Page, clip: Clip): Promise<number | undefined> {
  const count = framesOf(clip);
  const samples = Math.min(samplesMax, count);
  const encoder = new ClipEncoder(clip);
  for (let i = 0; i < samples; i++) {
    const frame = Math.floor((i * (count - 1)) / Math.max(1, samples - 1));
    const picture = await pictureAt(page, clip.from + frame * clip.every);
    if (picture === undefined) return undefined;
    encoder.add(picture);
  }
  return Math.round((encoder.finish().size / samples) * count);
}

/** The whole clip. Plays through the range once, since what is drawn is what is encoded. */
export async function encoded(
  page: Page,
  clip: Clip,
  progress: (share: number) => void,
  signal: AbortSignal,
): Promise<Blob | undefined> {
  const encoder = new ClipEncoder(clip);
  const count = framesOf(clip);
  for (let i = 0; i < count; i++) {
    signal.throwIfAborted();
    const picture = await pictureAt(page, clip.from + i * clip.every);
    if (picture === undefined) return undefined;
    encoder.add(picture);
    progress((i + 1) / count);
  }
  return encoder.finish();
}

/** Goes to a tick and draws it. A tick that is not recorded is left out by the one before it. */
async function pictureAt(page: Page, tick: number): Promise<HTMLCanvasElement | undefined> {
  const { session } = page;
  session.goTo(tick, -1);
  await new Promise<void>((resolve) => {
    const stop = session.snapshot.subscribe((snapshot) => {
      if (
        snapshot !== undefined &&
        (snapshot.tick === session.tick.peek() || session.problem.peek() !== undefined)
      ) {
        setTimeout(() => {
          stop();
          resolve();
        });
      }
    });
  });
  // Drawn after the components have taken over the snapshot.
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const picture = page.picture?.(1);
  const shown = session.snapshot.peek();
  return picture === undefined || shown === undefined
    ? undefined
    : captioned(picture, captionOf(page, shown.tick), 1);
}

class ClipEncoder {
  readonly #gif = GIFEncoder();
  readonly #canvas = document.createElement("canvas");
  readonly #clip: Clip;

  constructor(clip: Clip) {
    this.#clip = clip;
  }

  add(picture: HTMLCanvasElement): void {
    const scale = Math.min(1, this.#clip.width / picture.width);
    const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
    this.#canvas.width = width;
    this.#canvas.height = height;
    const context = this.#canvas.getContext("2d", { willReadFrequently: true })!;
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    const palette = quantize(data, 256);
    // One palette for all would be smaller, but colours that come later would be missing in it.
    const index = applyPalette(data, palette);
    const delay = Math.max(20, Math.round(1000 / this.#clip.framesPerSecond));
    this.#gif.writeFrame(index, width, height, { palette, delay });
  }

  finish(): Blob {
    this.#gif.finish();
    return new Blob([this.#gif.bytes().slice()], { type: "image/gif" });
  }
}
