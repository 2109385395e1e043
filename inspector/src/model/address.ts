import { effect } from "@preact/signals";
import { ramps, type Ramp } from "../paint/colours.ts";
import type { Page } from "./page.ts";
import { linkVersion, readViewLink, writeViewLink, type ViewLink } from "./view-link.ts";

/** Browsers refuse too many changes of the address in a short time. */
const writeMilliseconds = 400;

/** Path says what is shown, fragment says how: both survive a reload and need nothing on the server. */
export function startAddress(page: Page): void {
  open(page);
  addEventListener("popstate", () => open(page));
  addEventListener("hashchange", () => open(page));
  let timer = 0;
  let isFirst = true;
  effect(() => {
    const address = addressOf(page);
    if (address === undefined) return;
    const write = (): void => {
      isFirst = false;
      timer = 0;
      history.replaceState(null, "", addressOf(page) ?? address);
    };
    if (isFirst) write();
    else if (timer === 0) timer = setTimeout(write, writeMilliseconds) as unknown as number;
  });
  effect(() => {
    const id = page.session.runId.value;
    document.title = id === undefined ? "everytick" : `${id} · everytick`;
  });
}

/** Shows another run. */
export function goToRun(page: Page, id: string): void {
  history.pushState(null, "", `/r/${encodeURIComponent(id)}${location.search}`);
  open(page);
}

/** The view as a link; whoever opens it sees the same. */
export function linkTo(page: Page): string {
  return `${location.origin}${addressOf(page) ?? location.pathname}`;
}

function open(page: Page): void {
  const [, path] = /^\/r\/([^/]+)/.exec(location.pathname) ?? [];
  if (path === undefined) return;
  const { link, version } = readViewLink(location.hash);
  page.notice.value =
    version === undefined || version === linkVersion
      ? undefined
      : `This link was made for another version of the page (${version.slice(0, 20)}). What this one understands of it is shown.`;
  if (ramps.includes(link.palette as Ramp)) page.ramp.value = link.palette as Ramp;
  page.probe.value = link.probe ?? "";
  page.camera.value = link.camera;
  page.slices.value = link.slices;
  let id = path;
  try {
    id = decodeURIComponent(path);
  } catch {
    // A half-written escape stays as it is; no run has such a name.
  }
  void page.session.open(id, link);
}

function addressOf(page: Page): string | undefined {
  const { session } = page;
  const [id, run] = [session.runId.value, session.run.value];
  if (id === undefined || run === undefined) return undefined;
  const { selection } = session;
  const store = run.card.world.stores[selection.value?.store ?? -1]?.name;
  const link: ViewLink = {
    tick: session.follows.value ? "live" : session.tick.value,
    view: session.viewId.value,
    selection: store === undefined ? undefined : { store, row: selection.value!.row },
    focus: session.focus.value,
    window: session.window.value,
    speed: session.speed.value,
    skipsQuiet: session.skipsQuiet.value,
    camera: page.camera.value,
    slices: page.slices.value,
    probe: page.probe.value === "" ? undefined : page.probe.value,
    palette: page.ramp.value === "viridis" ? undefined : page.ramp.value,
    markers: session.markers.value,
  };
  return `/r/${encodeURIComponent(id)}${location.search}${writeViewLink(link)}`;
}
