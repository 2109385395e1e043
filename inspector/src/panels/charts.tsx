import { useEffect, useState } from "preact/hooks";
import type { StoreSchema, WorldSchema } from "../../../src/types.ts";
import type { Strip } from "../engine/activity.ts";
import type { SeriesSource } from "../engine/protocol.ts";
import type { Measured } from "../model/closer.ts";
import { usePage } from "../model/context.ts";
import { countText } from "../model/text.ts";
import { Chart } from "./chart.tsx";

/** Runs of up to this many ticks are measured without being asked. */
const atOnce = 5000;
const stripBuckets = 280;

interface NamedSource {
  readonly name: string;
  readonly source: SeriesSource;
}

/** Charts of every number that the world keeps, of what changed, and of a probe. */
export function Charts() {
  const { session, closer } = usePage();
  const run = session.run.value!;
  const sources = sourcesOf(run.card.world);
  const { from, to } = session.range.value;
  const measured = closer.series.value;
  const isLong = to - from > atOnce;
  const measure = (): void =>
    void closer.measure(
      sources.map(({ source }) => source),
      from,
      to,
    );
  useEffect(() => {
    if (sources.length > 0 && !isLong) measure();
  }, [run, from, session.focus.value, session.isLive.value ? 0 : to]);
  return (
    <section class="section" aria-label="Charts">
      <h2>Charts</h2>
      <ActivityChart />
      {measured !== undefined &&
        sources.map(({ name }, i) => (
          <Chart
            key={name}
            name={name}
            ticks={measured.ticks}
            values={[measured.values[i] ?? []]}
            colour={i + 1}
          />
        ))}
      <Progress measured={measured} />
      {sources.length > 0 && measured === undefined && isLong && (
        <>
          <p class="hint">
            {countText(sources.length)} numbers that the world keeps can be charted. All{" "}
            {countText(to - from + 1)} ticks have to be read for that; a focus makes it fewer.
          </p>
          <div class="row-buttons">
            <button class="button" onClick={measure}>
              Measure
            </button>
          </div>
        </>
      )}
      <Probe />
    </section>
  );
}

/** Numbers of value stores and rows of tables: what a world keeps at each tick. */
function sourcesOf({ stores }: WorldSchema): NamedSource[] {
  return stores.flatMap((schema: StoreSchema, store): NamedSource[] => {
    if (schema.name.startsWith("$") || schema.role === "derived") return [];
    if (schema.kind === "table" || schema.kind === "edges") {
      return [{ name: `${schema.name}, rows`, source: { kind: "rows", store } }];
    }
    if (schema.kind !== "value") return [];
    return schema.columns.flatMap(({ name, type }, column): NamedSource[] => {
      if (!/^[fiu]\d+$/.test(type)) return [];
      return [{ name: `${schema.name}.${name}`, source: { kind: "column", store, column } }];
    });
  });
}

/** From the frame statistics alone: the least and the most of each stretch of ticks. */
function ActivityChart() {
  const { session } = usePage();
  const [strip, setStrip] = useState<Strip>();
  const { from, to } = session.range.value;
  const { done } = session.indexed.value;
  const run = session.run.value;
  useEffect(() => {
    const buckets = Math.min(stripBuckets, to - from + 1);
    session.strip(from, to + 1, buckets).then(setStrip, () => setStrip(undefined));
  }, [from, to, done, run]);
  if (strip === undefined) return null;
  const there = [...strip.ticks.keys()].filter(
    (i) => strip.ticks[i]! > 0 && !(strip.from === session.firstTick.value && i === 0),
  );
  const width = (strip.end - strip.from) / strip.ticks.length;
  const ticks = there.map((i) => Math.round(strip.from + i * width));
  const most = there.map((i) => strip.max[i]!);
  const least = there.map((i) => strip.min[i]!);
  return <Chart name="changed elements" ticks={ticks} values={[most, least]} colour={0} />;
}

function Progress({ measured }: { readonly measured: Measured | undefined }) {
  if (measured === undefined || measured.done >= 1) {
    return measured?.failure === undefined ? null : <p class="hint">{measured.failure}</p>;
  }
  const percent = Math.round(100 * measured.done);
  return (
    <div class="bar" role="progressbar" aria-label="Measuring" aria-valuenow={percent}>
      <i style={{ width: `${percent}%` }} />
    </div>
  );
}

/** An expression of one's own, evaluated at every tick of the range. */
function Probe() {
  const page = usePage();
  const { session, closer } = page;
  const measured = closer.probe.value;
  const [shown, setShown] = useState("");
  const { from, to } = session.range.value;
  const world = session.run.value!.card.world;
  const evaluate = (): void => {
    const expression = page.probe.value.trim();
    if (expression === "") return;
    setShown(expression);
    void closer.evaluate(expression, from, to);
  };
  useEffect(() => {
    if (page.probe.peek() !== "") evaluate();
  }, [session.run.value]);
  return (
    <>
      {measured !== undefined && (
        <>
          <Chart name={shown} ticks={measured.ticks} values={measured.values} colour={5} />
          <Progress measured={measured} />
          {measured.failure !== undefined && measured.done < 1 && (
            <p class="hint">{measured.failure}</p>
          )}
        </>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          evaluate();
        }}
        style={{ display: "flex", gap: "6px" }}
      >
        <input
          class="field mono"
          aria-label="Probe: a JavaScript expression over state, tick and params"
          placeholder={exampleOf(world)}
          value={page.probe.value}
          onInput={({ currentTarget }) => (page.probe.value = currentTarget.value)}
        />
        <button class="button" type="submit">
          Probe
        </button>
      </form>
      <p class="hint" style={{ marginTop: "6px" }}>
        An expression with a number for each tick: <code class="mono">state</code>,{" "}
        <code class="mono">tick</code>, <code class="mono">params</code>;{" "}
        <code class="mono">sum mean min max count</code>.
      </p>
    </>
  );
}

function exampleOf({ stores }: WorldSchema): string {
  const grid = stores.find(({ kind }) => kind === "grid");
  if (grid !== undefined) return `count(state.${grid.name})`;
  const table = stores.find(({ kind }) => kind === "table");
  return table === undefined ? "tick" : `state.${table.name}.size`;
}
