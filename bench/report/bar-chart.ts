export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The value as it is written beside the bar. */
  readonly text: string;
  readonly isOurs: boolean;
}

const width = 720;
const labelWidth = 190;
const valueWidth = 110;
const barHeight = 16;
const rowHeight = 24;
const top = 56;

/** Readable on light and dark pages; the page around the picture decides. */
const style = `
    text { font: 13px system-ui, sans-serif; fill: #1f2328; }
    .title { font-weight: 600; font-size: 15px; }
    .unit, .axis { fill: #59636e; }
    .axis { stroke: #59636e; stroke-width: 1; }
    .ours { fill: #0969da; }
    .peer { fill: #8c959f; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .unit { fill: #9198a1; }
      .axis { stroke: #9198a1; }
      .ours { fill: #4493f8; }
      .peer { fill: #656c76; }
    }`;

/** Horizontal bars, all from zero on one linear scale. */
export function barChart(title: string, unit: string, bars: readonly Bar[]): string {
  const most = Math.max(...bars.map(({ value }) => value));
  const scale = (width - labelWidth - valueWidth) / most;
  const height = top + rowHeight * bars.length + 8;
  const rows = bars.map(({ label, value, text, isOurs }, place) => {
    const y = top + rowHeight * place;
    const length = (value * scale).toFixed(1);
    const end = (labelWidth + value * scale + 6).toFixed(1);
    const baseline = y + barHeight - 3;
    return `
  <text x="${labelWidth - 8}" y="${baseline}" text-anchor="end">${escaped(label)}</text>
  <rect class="${isOurs ? "ours" : "peer"}" x="${labelWidth}" y="${y}" width="${length}" height="${barHeight}"/>
  <text x="${end}" y="${baseline}">${escaped(text)}</text>`;
  });
  const axis = `<line class="axis" x1="${labelWidth}" y1="${top - 6}" x2="${labelWidth}" y2="${height - 8}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(`${title}, ${unit}`)}">
  <title>${escaped(`${title}, ${unit}`)}</title>
  <style>${style}
  </style>
  <text class="title" x="8" y="20">${escaped(title)}</text>
  <text class="unit" x="8" y="40">${escaped(unit)}</text>${rows.join("")}
  ${axis}
</svg>
`;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
