import { StripFlag, type Strip } from "../engine/activity.ts";
import { countText } from "../model/text.ts";
import type { Span } from "../model/view-link.ts";
import { cssOf, rampTable } from "./colours.ts";

export interface ScrubberPicture {
  readonly span: Span;
  readonly strip: Strip | undefined;
  readonly tick: number;
  readonly focus: Span | undefined;
  readonly markers: readonly number[];
  readonly hover: number | undefined;
}

/** From the top: bars, keyframes, then the lane in which a range is dragged. */
const barsHeight = 44;
const keyframeTop = 46;
export const laneTop = 52;
const height = 74;

/** Draws the scrubber. The bars are kept as an image, since each tick that plays moves the playhead alone. */
export class ScrubberPainter {
  readonly #bars = document.createElement("canvas");
  /** What the bars were drawn of. */
  #drawn: readonly unknown[] = [];

  draw(canvas: HTMLCanvasElement, picture: ScrubberPicture): void {
    const width = canvas.clientWidth;
    const context = sizedContext(canvas, width);
    const style = getComputedStyle(canvas);
    const colour = (name: string): string => style.getPropertyValue(`--${name}`);
    const font = colour("sans");
    context.clearRect(0, 0, width, height);
    const { span, strip, tick, focus, markers, hover } = picture;
    const ticks = span.to + 1 - span.from;
    const xOf = (at: number): number => ((at - span.from) / ticks) * width;
    this.#drawBars(width, picture, xOf, colour);
    context.drawImage(this.#bars, 0, 0, width, height);
    if (focus !== undefined) drawFocus(context, focus, width, xOf, colour);
    context.fillStyle = colour("warn");
    for (const marker of markers) {
      const x = xOf(marker + 0.5);
      context.beginPath();
      context.moveTo(x - 4, 0);
      context.lineTo(x + 4, 0);
      context.lineTo(x, 7);
      context.fill();
    }
    if (hover !== undefined) drawHover(context, hover, width, xOf, strip, colour, font);
    const x = xOf(tick + 0.5);
    context.fillStyle = colour("text");
    context.fillRect(Math.round(x) - 0.75, 0, 1.5, laneTop + 4);
    context.beginPath();
    context.arc(x, laneTop + 4, 4, 0, 2 * Math.PI);
    context.fill();
  }

  #drawBars(
    width: number,
    { span, strip }: ScrubberPicture,
    xOf: (tick: number) => number,
    colour: (name: string) => string,
  ): void {
    const of = [width, devicePixelRatio, span.from, span.to, strip, colour("sunken")];
    if (of.every((each, i) => each === this.#drawn[i])) return;
    this.#drawn = of;
    const context = sizedContext(this.#bars, width);
    context.clearRect(0, 0, width, height);
    context.fillStyle = colour("sunken");
    context.fillRect(0, 0, width, barsHeight);
    if (strip !== undefined) drawStrip(context, strip, xOf, colour);
    drawAxis(context, span, width, xOf, colour, colour("sans"));
  }
}

/** Gives a canvas the pixels of the screen. @returns its context in CSS pixels */
function sizedContext(canvas: HTMLCanvasElement, width: number): CanvasRenderingContext2D {
  const scale = devicePixelRatio;
  const [pixelWidth, pixelHeight] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== pixelWidth) canvas.width = pixelWidth;
  if (canvas.height !== pixelHeight) canvas.height = pixelHeight;
  const context = canvas.getContext("2d")!;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return context;
}

function drawStrip(
  context: CanvasRenderingContext2D,
  strip: Strip,
  xOf: (tick: number) => number,
  colour: (name: string) => string,
): void {
  const buckets = strip.max.length;
  const table = rampTable("viridis");
  const width = (strip.end - strip.from) / buckets;
  // Small changes stay visible beside large ones.
  const level = (changed: number): number => {
    return strip.peak === 0 ? 0 : Math.min(1, Math.sqrt(changed / strip.peak));
  };
  for (let i = 0; i < buckets; i++) {
    const x = snapped(xOf(strip.from + i * width));
    const barWidth = Math.max(1 / devicePixelRatio, snapped(xOf(strip.from + (i + 1) * width)) - x);
    const gap = barWidth > 4 ? 1 : 0;
    const flags = strip.flags[i]!;
    if ((flags & StripFlag.gap) !== 0) hatch(context, x, barWidth, colour("bad"));
    if ((flags & StripFlag.damage) !== 0) hatch(context, x, barWidth, colour("warn"));
    if ((flags & StripFlag.unread) !== 0) {
      context.fillStyle = colour("line");
      context.fillRect(x, barsHeight - 2, barWidth, 1);
    }
    if (strip.ticks[i]! > 0) {
      const [low, high] = [level(strip.min[i]!), level(strip.max[i]!)];
      const top = Math.max(1, high * (barsHeight - 4));
      const base = Math.max(1, low * (barsHeight - 4));
      context.fillStyle = cssOf(table[Math.round(60 + high * 195)]!);
      context.fillRect(x, barsHeight - base, barWidth - gap, base);
      // What lies between the least and the most of a bucket is lighter: no tick is hidden, none is made up.
      context.globalAlpha = 0.5;
      context.fillRect(x, barsHeight - top, barWidth - gap, top - base);
      context.globalAlpha = 1;
    }
    if ((flags & StripFlag.keyframe) !== 0) {
      context.fillStyle = colour("accent");
      context.fillRect(x, keyframeTop, Math.min(barWidth - gap, 2), 4);
    }
  }
}

/** To whole pixels, so that neighbours touch. */
function snapped(x: number): number {
  return Math.round(x * devicePixelRatio) / devicePixelRatio;
}

function hatch(context: CanvasRenderingContext2D, x: number, width: number, colour: string): void {
  context.save();
  context.beginPath();
  context.rect(x, 0, width, barsHeight);
  context.clip();
  context.strokeStyle = colour;
  context.globalAlpha = 0.7;
  context.lineWidth = 1.2;
  const first = Math.floor((x - barsHeight) / 6) * 6;
  for (let at = first; at < x + width + 6; at += 6) {
    context.beginPath();
    context.moveTo(at, barsHeight);
    context.lineTo(at + barsHeight, 0);
    context.stroke();
  }
  context.restore();
}

function drawAxis(
  context: CanvasRenderingContext2D,
  { from, to }: Span,
  width: number,
  xOf: (tick: number) => number,
  colour: (name: string) => string,
  font: string,
): void {
  const step = niceStep((to + 1 - from) / Math.max(1, width / 110));
  context.font = `11px ${font}`;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) {
    const x = xOf(tick + 0.5);
    context.fillStyle = colour("line-strong");
    context.fillRect(Math.round(x), laneTop, 1, 4);
    const text = countText(tick);
    const half = context.measureText(text).width / 2;
    context.fillStyle = colour("text-faint");
    context.fillText(text, Math.min(width - half, Math.max(half, x)), laneTop + 18);
  }
}

/** 1, 2 or 5 times a power of ten, at least `step`. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, step)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((nice) => nice >= step) ?? 10 * power;
}

function drawFocus(
  context: CanvasRenderingContext2D,
  { from, to }: Span,
  width: number,
  xOf: (tick: number) => number,
  colour: (name: string) => string,
): void {
  const [left, right] = [Math.max(0, xOf(from)), Math.min(width, xOf(to + 1))];
  context.fillStyle = colour("ground");
  context.globalAlpha = 0.6;
  context.fillRect(0, 0, left, barsHeight);
  context.fillRect(right, 0, width - right, barsHeight);
  context.globalAlpha = 1;
  context.fillStyle = colour("accent");
  context.fillRect(left, laneTop - 1, Math.max(2, right - left), 3);
  context.fillRect(left, 0, 1, laneTop);
  context.fillRect(right - 1, 0, 1, laneTop);
}

function drawHover(
  context: CanvasRenderingContext2D,
  hover: number,
  width: number,
  xOf: (tick: number) => number,
  strip: Strip | undefined,
  colour: (name: string) => string,
  font: string,
): void {
  const x = xOf(hover + 0.5);
  context.fillStyle = colour("text");
  context.globalAlpha = 0.45;
  context.fillRect(Math.round(x), 0, 1, laneTop);
  context.globalAlpha = 1;
  const text = `tick ${countText(hover)}${changeText(hover, strip)}`;
  context.font = `11px ${font}`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  const room = context.measureText(text).width + 12;
  const left = Math.min(width - room, Math.max(0, x + 8));
  context.fillStyle = colour("raised");
  context.beginPath();
  context.roundRect(left, 4, room, 18, 4);
  context.fill();
  context.fillStyle = colour("text");
  context.fillText(text, left + 6, 13.5);
}

/** What the bucket under a tick says: one number, or from the least to the most. */
function changeText(tick: number, strip: Strip | undefined): string {
  if (strip === undefined || tick < strip.from || tick >= strip.end) return "";
  const buckets = strip.max.length;
  const bucket = Math.min(
    buckets - 1,
    Math.floor(((tick - strip.from) * buckets) / (strip.end - strip.from)),
  );
  const flags = strip.flags[bucket]!;
  if (strip.ticks[bucket] === 0) {
    if ((flags & StripFlag.gap) !== 0) return " · gap";
    if ((flags & StripFlag.damage) !== 0) return " · damaged";
    return (flags & StripFlag.unread) !== 0 ? " · index not read yet" : " · not recorded";
  }
  const [min, max] = [strip.min[bucket]!, strip.max[bucket]!];
  return ` · ${min === max ? countText(max) : `${countText(min)}–${countText(max)}`} changed`;
}
