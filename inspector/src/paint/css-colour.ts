import { packed } from "./colours.ts";

/** A colour as a style says it, `#rgb` or `#rrggbb`: its channels from 0 to 1. */
export function cssVector(text: string): readonly [number, number, number] {
  const short = /#([0-9a-f])([0-9a-f])([0-9a-f])\b/i.exec(text)?.slice(1);
  const long = /#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(text)?.slice(1);
  const channels = long ?? short?.map((digit) => digit + digit) ?? [];
  const [red = 0, green = 0, blue = 0] = channels.map((hex) => Number.parseInt(hex, 16) / 255);
  return [red, green, blue];
}

/** The same as the pixel of an image. */
export function packedCss(text: string): number {
  return packed(cssVector(text).map((channel) => channel * 255));
}
