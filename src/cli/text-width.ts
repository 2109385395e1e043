/** How wide a terminal shows a text: in its cells, not in the units of a string. */

const plain = /^[\u0020-\u007E]*$/;
/** Scripts and signs that take two cells (East Asian Width W and F). */
const wide =
  /^[\u1100-\u115F\u2E80-\u303E\u3041-\u4DBF\u4E00-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{1F200}-\u{1F2FF}\u{20000}-\u{3FFFD}]/u;
const emoji = /^\p{Emoji_Presentation}|\uFE0F/u;
const marksOnly = /^\p{M}+$/u;
const characters = new Intl.Segmenter("en", { granularity: "grapheme" });

export function textWidth(text: string): number {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const { segment } of characters.segment(text)) width += characterWidth(segment);
  return width;
}

function characterWidth(character: string): number {
  if (wide.test(character) || emoji.test(character)) return 2;
  return marksOnly.test(character) ? 0 : 1;
}

/** The text, or as much of its beginning as fits with a sign that there is more. */
export function cutToWidth(text: string, width: number): string {
  // A character takes two cells at most, so that only a text of a certain length can be too wide.
  if (2 * text.length <= width || textWidth(text) <= width) return text;
  let [kept, used] = ["", 0];
  for (const { segment } of characters.segment(text)) {
    used += characterWidth(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return width > 0 ? `${kept}…` : "";
}

export function padToWidth(text: string, width: number, side: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, width - textWidth(text)));
  return side === "left" ? text + space : space + text;
}
