/** The whole view, as the fragment of the page's address holds it: `#v=1&t=1284&view=map&sel=cells:815`. */
export interface ViewLink {
  /** A tick, or `live`: the last one, whatever it is by then. */
  readonly tick: number | "live" | undefined;
  readonly view: string | undefined;
  readonly selection: { readonly store: string; readonly row: number } | undefined;
  readonly focus: Span | undefined;
  /** The ticks that the scrubber shows. */
  readonly window: Span | undefined;
  readonly speed: number | undefined;
  readonly skipsQuiet: boolean;
  readonly camera: readonly number[] | undefined;
  /** Of a voxel view: where slices begin and end on each axis. */
  readonly slices: readonly number[] | undefined;
  readonly probe: string | undefined;
  readonly palette: string | undefined;
  readonly markers: readonly Marker[];
}
/** Ticks [from, to], both included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}
export interface Marker {
  readonly tick: number;
  readonly text: string;
}

export const linkVersion = "1";
const textMax = 2000;
const markersMax = 200;

export const emptyLink: ViewLink = {
  tick: undefined,
  view: undefined,
  selection: undefined,
  focus: undefined,
  window: undefined,
  speed: undefined,
  skipsQuiet: false,
  camera: undefined,
  slices: undefined,
  probe: undefined,
  palette: undefined,
  markers: [],
};

export function writeViewLink(link: ViewLink): string {
  const query = new URLSearchParams({ v: linkVersion });
  const put = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) query.set(name, String(value));
  };
  put("t", link.tick);
  put("view", link.view);
  put("sel", link.selection && `${link.selection.store}:${link.selection.row}`);
  put("focus", link.focus && `${link.focus.from}:${link.focus.to}`);
  put("window", link.window && `${link.window.from}:${link.window.to}`);
  put("speed", link.speed === 1 ? undefined : link.speed);
  put("quiet", link.skipsQuiet ? "skip" : undefined);
  put("cam", link.camera?.join());
  put("slices", link.slices?.join());
  put("probe", link.probe);
  put("palette", link.palette);
  for (const { tick, text } of link.markers) query.append("mark", `${tick}:${text}`);
  return `#${query.toString()}`;
}

/**
 * Reads a fragment that anybody may have written: what makes no sense is left out.
 * @returns the version that it names, so that another one can be said
 */
export function readViewLink(fragment: string): { link: ViewLink; version: string | undefined } {
  const query = new URLSearchParams(fragment.replace(/^#/, ""));
  const text = (name: string): string | undefined => query.get(name)?.slice(0, textMax);
  const tick = text("t");
  const link: ViewLink = {
    tick: tick === "live" ? "live" : wholeOf(tick),
    view: text("view"),
    selection: selectionOf(text("sel")),
    focus: spanOf(text("focus")),
    window: spanOf(text("window")),
    speed: speedOf(text("speed")),
    skipsQuiet: text("quiet") === "skip",
    camera: numbersOf(text("cam"), 3),
    slices: numbersOf(text("slices"), 6),
    probe: text("probe"),
    palette: text("palette"),
    markers: query.getAll("mark").slice(0, markersMax).flatMap(markerOf),
  };
  return { link, version: query.get("v") ?? undefined };
}

function wholeOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}

function spanOf(text: string | undefined): Span | undefined {
  const [from, to, ...rest] = text?.split(":").map(wholeOf) ?? [];
  if (from === undefined || to === undefined || rest.length > 0 || from > to) return undefined;
  return { from, to };
}

function selectionOf(text: string | undefined): ViewLink["selection"] {
  const [, store, digits] = /^(.+):(\d+)$/s.exec(text ?? "") ?? [];
  const row = wholeOf(digits);
  return store === undefined || row === undefined ? undefined : { store, row };
}

function markerOf(text: string): Marker[] {
  const [, digits, label = ""] = /^(\d+):(.*)$/s.exec(text) ?? [];
  const tick = wholeOf(digits);
  return tick === undefined ? [] : [{ tick, text: label.slice(0, 200) }];
}

function speedOf(text: string | undefined): number | undefined {
  const speed = Number(text);
  return speed >= 0.01 && speed <= 10_000 ? speed : undefined;
}

function numbersOf(text: string | undefined, count: number): readonly number[] | undefined {
  const numbers = text?.split(",").map(Number) ?? [];
  return numbers.length === count && numbers.every(Number.isFinite) ? numbers : undefined;
}
