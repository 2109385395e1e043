import { useSession } from "../model/context.ts";
import { countText } from "../model/text.ts";
import type { View } from "../model/views.ts";
import { Lazy } from "./lazy.tsx";
import { MapView } from "./map-view.tsx";
import { TableView } from "./table-view.tsx";

const kindNames = { voxels: "voxels", map: "map", graph: "graph", table: "rows" } as const;

/** The world at the tick that is shown, in the way that its schema asks for or that somebody chose. */
export function World() {
  const session = useSession();
  if (session.run.value === undefined) return <NoRun />;
  const view = session.view.value;
  return (
    <>
      <ViewBar />
      <div
        class="stage"
        id="stage"
        data-tick={session.snapshot.value?.tick}
        data-asked={session.tick.value}
      >
        {view !== undefined && <ViewOf key={view.id} view={view} />}
        <TickProblem />
      </div>
      <div class="world-foot" id="world-foot" />
    </>
  );
}

function ViewBar() {
  const session = useSession();
  const [views, current] = [session.views.value, session.view.value];
  return (
    <div class="world-bar">
      <div class="tabs" role="tablist" aria-label="Views">
        {views.map((view) => (
          <button
            key={view.id}
            role="tab"
            aria-selected={view.id === current?.id}
            onClick={() => (session.viewId.value = view.id)}
          >
            {tabText(view)}
          </button>
        ))}
      </div>
      <span class="space" />
      <TickFacts />
    </div>
  );
}

function tabText({ kind, label }: View): string {
  return kind === "table"
    ? "rows"
    : kind === "map" && label === "agents"
      ? "agents"
      : `${label} · ${kindNames[kind]}`;
}

/** What stands beside the tick: time of the simulation and of the wall, era. */
function TickFacts() {
  const session = useSession();
  const state = session.snapshot.value?.state;
  if (state === undefined) return null;
  const { simTime, tick, era, wallTime, historyDigest } = state;
  return (
    <span class="soft number" style={{ display: "flex", gap: "12px" }}>
      {era !== undefined && <span>era {era}</span>}
      {simTime !== tick && <span>time {simTime}</span>}
      <span class="wide faint" title="When this tick was recorded">
        {wallTime > 0 ? new Date(wallTime).toISOString().replace("T", " ").slice(0, 19) : ""}
      </span>
      <span class="mono faint" title={`History digest ${historyDigest}`}>
        {historyDigest.slice(0, 8)}
      </span>
    </span>
  );
}

function ViewOf({ view }: { readonly view: View }) {
  switch (view.kind) {
    case "map":
      return <MapView view={view} />;
    case "voxels":
      return (
        <Lazy
          view={view}
          what="voxels"
          load={async () => (await import("./voxel-view.tsx")).VoxelView}
        />
      );
    case "graph":
      return (
        <Lazy
          view={view}
          what="graph"
          load={async () => (await import("./graph-view.tsx")).GraphView}
        />
      );
    case "table":
      return <TableView view={view} />;
  }
}

/** Why the tick that was asked for is not there, and where to go from here. */
function TickProblem() {
  const session = useSession();
  const problem = session.problem.value;
  if (problem === undefined || session.isServerAway.value) return null;
  const tick = session.tick.value;
  const titles: Readonly<Record<string, string>> = {
    TIMELINE_GAP: `Tick ${countText(tick)} lies in a gap`,
    TIMELINE_TICK: `Tick ${countText(tick)} is not recorded`,
    JOURNAL_DAMAGED: `Tick ${countText(tick)} cannot be read: its bytes are damaged`,
    JOURNAL_MISSING: `Tick ${countText(tick)} cannot be read: a part of the journal is missing`,
  };
  const { where, found, next } = problem.details;
  return (
    <div class="empty" role="alert">
      <h3>{titles[problem.code ?? ""] ?? problem.message}</h3>
      <p>{[where, found === undefined ? "" : `Found: ${found}.`].filter(Boolean).join(" · ")}</p>
      {next !== undefined && <p>{next}</p>}
      <div class="choices">
        <button class="button" onClick={() => session.goTo(tick - 1, -1)}>
          Recorded tick before
        </button>
        <button class="button" onClick={() => session.goTo(tick + 1, 1)}>
          Recorded tick after
        </button>
      </div>
    </div>
  );
}

function NoRun() {
  const session = useSession();
  const problem = session.runProblem.value;
  if (session.runId.value === undefined) {
    return (
      <div class="stage">
        <div class="empty">
          <h3>Which run?</h3>
          <p>Choose one from the list. Any tick of it is then one drag away, backwards too.</p>
        </div>
      </div>
    );
  }
  if (problem === undefined) {
    return (
      <div class="stage" aria-busy="true">
        <div class="empty" style={{ background: "none" }}>
          <p>Opening {session.runId.value}…</p>
        </div>
      </div>
    );
  }
  const { where, expected, found, next } = problem.details;
  return (
    <div class="stage">
      <div class="empty" role="alert">
        <h3>{session.runId.value} cannot be shown</h3>
        <p>
          {problem.message} {where} {found !== undefined && `Found: ${found}.`}{" "}
          {expected !== undefined && `Expected: ${expected}.`}
        </p>
        <p>{next ?? "Choose another run, or look at it with: everytick verify"}</p>
        <div class="choices">
          <a class="button" href="/">
            All runs
          </a>
        </div>
      </div>
    </div>
  );
}
