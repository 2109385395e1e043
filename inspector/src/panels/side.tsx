import { useRef, useState } from "preact/hooks";
import { goToRun } from "../model/address.ts";
import { usePage, useSession } from "../model/context.ts";
import type { RunEntry } from "../model/page.ts";
import { bytesText, countText } from "../model/text.ts";
import { Events } from "./events.tsx";
import { Markers } from "./markers.tsx";
import { useRowsInSight } from "./virtual.ts";

const rowHeight = 46;

export function Side() {
  return (
    <nav class="side" aria-label="Runs">
      <Runs />
      <OfRun />
    </nav>
  );
}

const parts = ["Parameters", "Events", "Markers"] as const;

/** What belongs to the run that is shown, one part at a time. */
function OfRun() {
  const session = useSession();
  const [part, setPart] = useState<(typeof parts)[number]>("Parameters");
  if (session.run.value === undefined) return null;
  return (
    <div class="of-run">
      <div class="tabs" role="tablist" aria-label="Of this run">
        {parts.map((each) => (
          <button key={each} role="tab" aria-selected={each === part} onClick={() => setPart(each)}>
            {each}
          </button>
        ))}
      </div>
      {part === "Parameters" && <Params />}
      {part === "Events" && <Events />}
      {part === "Markers" && <Markers />}
    </div>
  );
}

function Runs() {
  const page = usePage();
  const scroller = useRef<HTMLDivElement>(null);
  const found = page.found.value;
  const all = page.runs.value;
  const { first, end } = useRowsInSight(scroller, found.length, rowHeight);
  return (
    <section class="section fill" aria-label="Runs">
      <div class="title">
        <h2>Runs</h2>
        <span class="number">
          {all === undefined
            ? ""
            : found.length === all.length
              ? countText(all.length)
              : `${countText(found.length)} of ${countText(all.length)}`}
        </span>
      </div>
      <input
        class="field"
        id="filter"
        type="search"
        placeholder="Filter"
        aria-label="Filter the runs"
        value={page.filter.value}
        onInput={({ currentTarget }) => (page.filter.value = currentTarget.value)}
      />
      <div class="list" ref={scroller} tabIndex={-1}>
        <div class="rows" style={{ height: `${found.length * rowHeight}px` }}>
          {found.slice(first, end).map((run, i) => (
            <RunLink key={run.id} run={run} top={(first + i) * rowHeight} />
          ))}
        </div>
        <NoRuns />
      </div>
    </section>
  );
}

function RunLink({ run, top }: { readonly run: RunEntry; readonly top: number }) {
  const page = usePage();
  const isCurrent = page.session.runId.value === run.id;
  const tick = isCurrent ? Math.max(run.tick ?? 0, page.session.lastTick.value) : run.tick;
  return (
    <a
      class="run"
      href={`/r/${encodeURIComponent(run.id)}`}
      style={{ top: `${top}px` }}
      aria-current={isCurrent ? "page" : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        goToRun(page, run.id);
      }}
    >
      <span class="name" title={run.id}>
        {run.id}
      </span>
      <StateChip state={run.state} />
      <span class="fact">{run.world?.name ?? run.error ?? "unknown world"}</span>
      <span class="fact number">
        {tick === null ? "–" : countText(tick)}
        {run.bytes !== null && ` · ${bytesText(run.bytes)}`}
      </span>
    </a>
  );
}

function StateChip({ state }: { readonly state: string }) {
  if (state === "closed") return <span />;
  const kind =
    state === "recording" ? "live" : state === "damaged" || state === "unreadable" ? "bad" : "warn";
  return <span class={`chip ${kind}`}>{state}</span>;
}

function NoRuns() {
  const page = usePage();
  const problem = page.runsProblem.value;
  const all = page.runs.value;
  if (problem !== undefined) {
    return (
      <div class="section">
        <p class="hint">
          The list of runs cannot be read: {problem.message} {problem.details.found}
        </p>
        <div class="row-buttons">
          <button class="button" onClick={() => void page.listRuns()}>
            Try again
          </button>
        </div>
      </div>
    );
  }
  if (all === undefined) return <p class="section hint">Reading the list…</p>;
  if (all.length === 0) {
    return (
      <div class="section">
        <p class="hint">No run is recorded in this folder yet. This makes one:</p>
        <p class="mono">everytick run automaton --ticks 1000</p>
      </div>
    );
  }
  if (page.found.value.length > 0) return null;
  return (
    <div class="section">
      <p class="hint">None of {countText(all.length)} runs matches.</p>
      <div class="row-buttons">
        <button class="button" onClick={() => (page.filter.value = "")}>
          Show all
        </button>
      </div>
    </div>
  );
}

function Params() {
  const session = useSession();
  const run = session.run.value;
  if (run === undefined) return null;
  const { params, seed, labels } = run.card;
  const entries = Object.entries({ ...params });
  return (
    <section class="section scroll" aria-label="Parameters" tabIndex={0}>
      <dl class="pairs">
        <dt>seed</dt>
        <dd>{String(seed)}</dd>
        {entries.map(([name, value]) => (
          <>
            <dt key={`${name} name`}>{name}</dt>
            <dd key={`${name} value`}>
              {value === "" ? <span class="faint">none</span> : String(value).slice(0, 300)}
            </dd>
          </>
        ))}
        {Object.entries(labels).map(([name, text]) => (
          <>
            <dt key={`${name} label`}>{name}</dt>
            <dd key={`${name} text`} class="mono">
              {text.slice(0, 120)}
            </dd>
          </>
        ))}
      </dl>
    </section>
  );
}
