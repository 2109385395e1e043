import { addMarkerAt } from "./markers.ts";
import { linkTo } from "./address.ts";
import type { Page } from "./page.ts";
import { otherSpeed } from "./playback.ts";
import { shifted, zoomed } from "./zoom.ts";

/** Everything that can be done, with its keys: the palette, the help and the keyboard read the same list. */
export interface Command {
  readonly name: string;
  /** As `KeyboardEvent.key` says them, with `Shift+` and `Alt+` in front; the first is shown. */
  readonly keys: readonly string[];
  readonly run: (page: Page) => void;
  /** Whether it needs a run. */
  readonly onRun?: boolean;
}

const time: readonly Command[] = [
  { name: "Play or pause", keys: ["Space", "k"], run: ({ session }) => session.togglePlay() },
  {
    name: "Play on, twice as fast each time",
    keys: ["l"],
    run: ({ session }) => session.shuttle(1),
  },
  {
    name: "Play backwards, twice as fast each time",
    keys: ["j"],
    run: ({ session }) => session.shuttle(-1),
  },
  { name: "One tick on", keys: ["ArrowRight"], run: ({ session }) => session.step(1) },
  { name: "One tick back", keys: ["ArrowLeft"], run: ({ session }) => session.step(-1) },
  { name: "Ten ticks on", keys: ["Shift+ArrowRight"], run: ({ session }) => session.step(10) },
  { name: "Ten ticks back", keys: ["Shift+ArrowLeft"], run: ({ session }) => session.step(-10) },
  {
    name: "A hundred ticks on",
    keys: ["Alt+ArrowRight", "PageDown"],
    run: ({ session }) => session.step(100),
  },
  {
    name: "A hundred ticks back",
    keys: ["Alt+ArrowLeft", "PageUp"],
    run: ({ session }) => session.step(-100),
  },
  { name: "Next changed tick", keys: ["."], run: ({ session }) => void session.goToChanged(1) },
  {
    name: "Previous changed tick",
    keys: [","],
    run: ({ session }) => void session.goToChanged(-1),
  },
  {
    name: "First tick",
    keys: ["Home"],
    run: ({ session }) => session.goTo(session.firstTick.value),
  },
  { name: "Last tick, or live", keys: ["End"], run: ({ session }) => session.goLive() },
  {
    name: "Go to a tick…",
    keys: ["g"],
    run: () => document.querySelector<HTMLElement>("#tick")?.focus(),
  },
  {
    name: "Twice as fast",
    keys: ["+", "="],
    run: ({ session }) => (session.speed.value = otherSpeed(session.speed.value, 2)),
  },
  {
    name: "Half as fast",
    keys: ["-"],
    run: ({ session }) => (session.speed.value = otherSpeed(session.speed.value, 0.5)),
  },
  { name: "Speed 1×", keys: ["0"], run: ({ session }) => (session.speed.value = 1) },
  {
    name: "Skip quiet ticks",
    keys: ["q"],
    run: ({ session }) => (session.skipsQuiet.value = !session.skipsQuiet.value),
  },
];

const range: readonly Command[] = [
  { name: "Focus begins here", keys: ["["], run: (page) => focusFrom(page, "from") },
  { name: "Focus ends here", keys: ["]"], run: (page) => focusFrom(page, "to") },
  {
    name: "Leave the focus",
    keys: ["Escape"],
    run: ({ session }) => (session.focus.value = undefined),
  },
  { name: "Zoom into the timeline", keys: ["w"], run: (page) => zoom(page, 0.5) },
  { name: "Zoom out of the timeline", keys: ["s"], run: (page) => zoom(page, 2) },
  { name: "Move the timeline back", keys: ["a"], run: (page) => pan(page, -0.25) },
  { name: "Move the timeline on", keys: ["d"], run: (page) => pan(page, 0.25) },
  { name: "Mark this tick", keys: ["m"], run: ({ session }) => addMarkerAt(session) },
];

const views: readonly Command[] = Array.from({ length: 6 }, (_, i) => ({
  name: `View ${i + 1}`,
  keys: [String(i + 1)],
  run: ({ session }) => {
    const view = session.views.value[i];
    if (view !== undefined) session.viewId.value = view.id;
  },
}));

const sharing: readonly Command[] = [
  { name: "Copy the link to this view", keys: ["y"], run: (each) => void copyLink(each) },
  { name: "Share…", keys: [], run: (each) => (each.dialog.value = "share") },
  {
    name: "Export a picture, a clip or rows…",
    keys: ["p", "r"],
    run: (each) => (each.dialog.value = "export"),
  },
  {
    name: "Other colours (viridis, cividis)",
    keys: ["c"],
    run: ({ ramp }) => (ramp.value = ramp.value === "viridis" ? "cividis" : "viridis"),
  },
  {
    name: "Dark, light or the system's",
    keys: ["t"],
    run: ({ theme }) => (theme.value = theme.value === "dark" ? "light" : "dark"),
  },
];

const always: readonly Command[] = [
  {
    name: "Filter the runs",
    keys: ["/"],
    run: () => document.querySelector<HTMLElement>("#filter")?.focus(),
  },
  { name: "All commands", keys: ["Mod+k"], run: (each) => (each.dialog.value = "commands") },
  { name: "Help and keys", keys: ["?"], run: (each) => (each.dialog.value = "help") },
];

export const commandGroups: readonly {
  readonly title: string;
  readonly commands: readonly Command[];
}[] = [
  { title: "Time", commands: time.map(onRun) },
  { title: "Range", commands: range.map(onRun) },
  { title: "Views", commands: views.map(onRun) },
  { title: "Page", commands: [...sharing.map(onRun), ...always] },
];

/** Those that make sense now. */
export function commandsNow({ session }: Page): readonly Command[] {
  const hasRun = session.run.value !== undefined;
  const viewCount = session.views.value.length;
  return commandGroups.flatMap(({ title, commands }) => {
    if (title === "Views") return hasRun ? commands.slice(0, viewCount) : [];
    return commands.filter((command) => hasRun || command.onRun !== true);
  });
}

/** The name of a command as it is said now: a view by its own name. */
export function commandName({ session }: Page, { name, keys }: Command): string {
  if (!name.startsWith("View ")) return name;
  const view = session.views.value[Number(keys[0]) - 1];
  return view === undefined ? name : `Show ${view.label} as ${view.kind}`;
}

export async function copyLink(page: Page): Promise<void> {
  try {
    await navigator.clipboard.writeText(linkTo(page));
    page.say("Link copied");
  } catch {
    // Without leave for the clipboard the link is shown, to be copied by hand.
    page.dialog.value = "share";
  }
}

function onRun(command: Command): Command {
  return { ...command, onRun: true };
}

function focusFrom({ session }: Page, end: "from" | "to"): void {
  const tick = session.tick.value;
  const { from, to } = session.range.value;
  if (end === "from") session.focus.value = { from: tick, to: Math.max(tick, to) };
  else session.focus.value = { from: Math.min(tick, from), to: tick };
}

function zoom({ session }: Page, factor: number): void {
  const whole = { from: session.firstTick.value, to: session.lastTick.value };
  session.window.value = zoomed(session.shownSpan.value, whole, session.tick.value, factor);
}

function pan({ session }: Page, share: number): void {
  const span = session.window.value;
  if (span === undefined) return;
  const whole = { from: session.firstTick.value, to: session.lastTick.value };
  const start = span.from + Math.round(share * (span.to - span.from + 1));
  session.window.value = shifted(span, whole, start);
}
