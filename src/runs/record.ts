import { EverytickError } from "../errors.ts";
import { bytesOfHex, hexOf } from "../format/bytes.ts";
import { schemaHashOf } from "../format/digest.ts";
import { Image } from "../format/image.ts";
import { layoutOf, type StoreLayout } from "../format/layout.ts";
import { formatVersion } from "../format/segment.ts";
import type { JournalReader } from "../journal/journal-reader.ts";
import { clearJournal, recoverJournal } from "../journal/recovery.ts";
import { guardWrites } from "../journal/write-failure.ts";
import { Writer } from "../journal/writer.ts";
import type { JournalSizes, WriterStart } from "../journal/writer-options.ts";
import { Recorder, type RecorderPosition } from "../recorder/recorder.ts";
import { Timeline, type TimelineIdentity } from "../timeline/timeline.ts";
import type { Codecs, Lock, Ports, Recovery, RunCard } from "../types.ts";
import { LiveState } from "../world/state/live-state.ts";
import { RandomStreams } from "../world/random.ts";
import { streamsOf, worldHashOf } from "../world/schema.ts";
import { initialise } from "../world/stepper.ts";
import { callUserCode } from "../world/user-code.ts";
import { writeCard } from "./card.ts";
import { LiveRun } from "./live-run.ts";
import type { AnyRecordOptions, RecordPlan } from "./plan.ts";
import { compareWithRecorded, firstDifference, refusedState } from "./recorded-tick.ts";
import { openJournal } from "./run.ts";

/** The live side of a run, before it is attached to a journal. */
export interface Stage {
  readonly plan: RecordPlan;
  readonly options: AnyRecordOptions;
  readonly live: LiveState;
  readonly random: RandomStreams;
  readonly sizes: JournalSizes;
}

/** Builds the live state; nothing is touched on disk. */
export function prepareStage(
  plan: RecordPlan,
  options: AnyRecordOptions,
  sizes: JournalSizes,
): Stage {
  const layout = layoutOf(plan.schema);
  const random = new RandomStreams(streamsOf(plan.schema));
  const live = new LiveState(plan.definition, plan.schema, layout, random);
  return { plan, options, live, random, sizes };
}

/** Makes the first state, by the world's own code. @throws WORLD_THREW */
export function initialiseStage({ plan, live, random }: Stage): void {
  random.seed(plan.seed);
  if (plan.world !== undefined) initialise(plan.world, live.state, random.main, plan.params);
  // Whatever cannot be stored is refused before a folder is made.
  live.capture();
}

/** Writes card and first keyframe of a new run. */
export async function recordNew(
  id: string,
  directory: string,
  stage: Stage,
  ports: Ports,
  lock: Lock,
): Promise<LiveRun> {
  const { plan } = stage;
  const card: RunCard = {
    format: formatVersion,
    id,
    uuid: hexOf(ports.random.bytes(16)),
    world: plan.schema,
    worldHash: worldHashOf(plan.schema),
    codeDigest: plan.codeDigest,
    seed: plan.seed,
    params: plan.params,
    labels: plan.labels,
    sparse: plan.sparse,
    parent: null,
    createdAt: new Date(ports.clock.wallTime()).toISOString(),
  };
  guardWrites(directory, () => ports.vfs.makeDirectory(`${directory}/journal`));
  clearJournal(ports.vfs, directory);
  guardWrites(directory, () => writeCard(ports.vfs, directory, card));
  const journal = await openJournal(directory, card, ports);
  const writer = makeWriter(card, directory, stage, ports, undefined);
  const position = { tick: -1, lastGapTick: -1, era: 0, simTime: 0 };
  const recorder = makeRecorder(card, stage, ports, writer, journal, position);
  const recovery: Recovery = { resumed: false, tick: 0, tornBytes: 0, warnings: [] };
  try {
    await recorder.commit({ tick: 0 });
    await recorder.flush();
    await journal.refresh();
  } catch (error) {
    await recorder.close().catch(() => undefined);
    await journal.close();
    throw error;
  }
  return liveRun(card, directory, stage, ports, {
    journal,
    writer,
    recorder,
    lock,
    recovery,
    firstTick: 0,
  });
}

/** Recovers the journal, restores the state at its end, and goes on from there. */
export async function resumeRun(
  card: RunCard,
  directory: string,
  stage: Stage,
  ports: Ports,
  lock: Lock,
): Promise<LiveRun> {
  const journal = await openJournal(directory, card, ports);
  try {
    return await attach(card, directory, stage, journal, ports, lock);
  } catch (error) {
    await journal.close();
    throw error;
  }
}

async function attach(
  card: RunCard,
  directory: string,
  stage: Stage,
  journal: JournalReader,
  ports: Ports,
  lock: Lock,
): Promise<LiveRun> {
  const recovered = await recoverJournal(journal, ports.vfs, directory);
  if (recovered === undefined) throw vanished(directory);
  const identity = identityOf(card);
  const timeline = new Timeline(journal, identity);
  await timeline.seek(recovered.tick, { verify: true });
  const { era, simTime, historyDigest } = timeline.header;
  stage.live.load(timeline.image);
  const { restore } = stage.options;
  callUserCode("restore", "The recording is unchanged.", () =>
    restore?.(stage.live.state as never),
  );
  checkRestored(stage, timeline.image, ports.codecs);
  const start: WriterStart = { ...recovered, era, simTime, historyDigest, image: timeline.image };
  const writer = makeWriter(card, directory, stage, ports, start);
  const recorder = makeRecorder(card, stage, ports, writer, journal, {
    ...recovered,
    era,
    simTime,
  });
  const { tick, tornBytes, keptAt } = recovered;
  const warnings = codeWarnings(card, stage.plan);
  const kept = keptAt === undefined ? {} : { keptAt };
  const recovery: Recovery = { resumed: true, tick, tornBytes, ...kept, warnings };
  const firstTick = (await journal.firstStep())?.tick ?? 0;
  return liveRun(card, directory, stage, ports, {
    journal,
    writer,
    recorder,
    lock,
    recovery,
    firstTick,
  });
}

/** Ticks were there when the run was looked up. */
function vanished(where: string): EverytickError {
  const expected = "the ticks that were there a moment ago";
  return new EverytickError("JOURNAL_DAMAGED", { where, expected, found: "none" });
}

/** The simulation must be what was recorded, as the next commit will see it. @throws RUNS_RESTORE, WORLD_THREW */
function checkRestored({ plan, options, live }: Stage, recorded: Image, codecs: Codecs): void {
  const { capture } = options;
  callUserCode("capture", "The recording is unchanged.", () => capture?.(live.state as never));
  const found = new Image(live.layout);
  live.capture().forEach((columns, store) => found.copyStore(store, columns));
  const identity = { layout: live.layout, schema: plan.schema };
  const isState = ({ lifetime }: StoreLayout): boolean => lifetime.rows !== "tick";
  const difference = firstDifference(identity, recorded, found, codecs, isState);
  if (difference === undefined) return;
  const next = "`restore` must write back all that `capture` reads. The recording is unchanged.";
  throw refusedState("RUNS_RESTORE", difference, next);
}

function codeWarnings(card: RunCard, plan: RecordPlan): string[] {
  if (card.codeDigest === null || plan.codeDigest === null) return [];
  if (card.codeDigest === plan.codeDigest) return [];
  return [
    "The simulation's code has changed since the run was recorded; it may continue differently.",
  ];
}

function identityOf(card: RunCard): TimelineIdentity {
  return { layout: layoutOf(card.world), schemaHash: schemaHashOf(card.world) };
}

function makeWriter(
  card: RunCard,
  directory: string,
  { plan, live, sizes }: Stage,
  { vfs, codecs, clock }: Ports,
  start: WriterStart | undefined,
): Writer {
  const identity = {
    uuid: bytesOfHex(card.uuid),
    world: card.world,
    worldHash: bytesOfHex(card.worldHash),
    schemaHash: schemaHashOf(card.world),
    layout: live.layout,
  };
  const { durability } = plan;
  return new Writer({ vfs, codecs, clock, directory, identity, durability, ...sizes }, start);
}

function makeRecorder(
  card: RunCard,
  { plan, options, live }: Stage,
  ports: Ports,
  writer: Writer,
  journal: JournalReader,
  position: RecorderPosition,
): Recorder {
  const { schema, definition } = plan;
  const identity = { ...identityOf(card), schema, definition };
  return new Recorder(
    {
      sink: writer,
      live,
      definition,
      schema,
      clock: ports.clock,
      durability: plan.durability,
      window: plan.window,
      sparse: plan.sparse,
      capture: options.capture,
      codecs: ports.codecs,
      committed: () => writer.borrowReplica(),
      compareRecorded: async (tick, given) => {
        await writer.publish();
        await journal.refresh();
        await compareWithRecorded(journal, identity, tick, given, ports.codecs);
      },
    },
    position,
  );
}

type Attached = Pick<
  ConstructorParameters<typeof LiveRun>[0],
  "journal" | "writer" | "recorder" | "lock" | "recovery" | "firstTick"
>;

function liveRun(
  card: RunCard,
  directory: string,
  stage: Stage,
  ports: Ports,
  attached: Attached,
): LiveRun {
  const { live, random, plan } = stage;
  const { world, definition } = plan;
  return new LiveRun({
    card,
    directory,
    ports,
    live,
    random: random.main,
    world,
    definition,
    ...attached,
  });
}
