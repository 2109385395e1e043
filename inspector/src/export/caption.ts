import type { Page } from "../model/page.ts";
import { countText } from "../model/text.ts";

/** What stands under every exported picture, so that it can be found again: run, tick, seed. */
export function captionOf({ session }: Page, tick: number): string {
  const { card } = session.run.value!;
  return `${card.id} · ${card.world.name} v${card.world.version} · tick ${countText(tick)} · seed ${card.seed}`;
}

/** Names of files say the same. */
export function fileName({ session }: Page, tick: string | number, extension: string): string {
  return `${session.run.value!.card.id}-tick-${tick}.${extension}`;
}

/** A picture with its caption below. */
export function captioned(
  picture: HTMLCanvasElement,
  text: string,
  scale: number,
): HTMLCanvasElement {
  const height = Math.round(26 * scale);
  const canvas = document.createElement("canvas");
  canvas.width = picture.width;
  canvas.height = picture.height + height;
  const context = canvas.getContext("2d")!;
  const style = getComputedStyle(document.documentElement);
  context.fillStyle = style.getPropertyValue("--sunken");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0);
  context.fillStyle = style.getPropertyValue("--surface");
  context.fillRect(0, picture.height, canvas.width, height);
  context.fillStyle = style.getPropertyValue("--text");
  context.font = `${12 * scale}px ${style.getPropertyValue("--sans")}`;
  context.textBaseline = "middle";
  context.fillText(text, 10 * scale, picture.height + height / 2, canvas.width - 20 * scale);
  return canvas;
}

/** Gives a file to whoever asked for it. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
