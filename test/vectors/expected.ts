/** What `tools/reader.py RUN --json` says of a run, said by the TypeScript reader. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { openRuns, type RunFacts } from "everytick";
import { hexOf } from "../../src/format/bytes.ts";
import { schemaHashOf } from "../../src/format/digest.ts";
import type { ColumnImage, Image } from "../../src/format/image.ts";
import { isGrowing, layoutOf, liveColumn, type StoreLayout } from "../../src/format/layout.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { JournalReader } from "../../src/journal/journal-reader.ts";
import { journalIdentity } from "../../src/runs/run.ts";
import { segmentFiles } from "../../src/runs/segment-files.ts";
import { Timeline } from "../../src/timeline/timeline.ts";
import type { Vfs } from "../../src/types.ts";

export interface ExpectedTick {
  readonly tick: number;
  readonly historyDigest: string;
  readonly stateSha256: string;
  readonly simTime: number;
  readonly era: number;
  /** Of the rows of its logs, where the world has logs. */
  readonly logsSha256?: string;
}
export interface Expected {
  readonly id: string;
  readonly world: string;
  readonly firstTick: number;
  readonly lastTick: number;
  readonly closed: boolean;
  readonly tornBytes: number;
  readonly ticks: readonly ExpectedTick[];
  /** Where the world has static stores. */
  readonly staticSha256?: string;
}

const codecs = await nodeCodecs();

/** @param folder holds the run; `id` names it there, whatever its card says. */
export async function expectedOf(vfs: Vfs, folder: string, id: string): Promise<Expected> {
  await using run = await (await openRuns(folder, { vfs, codecs })).open(id);
  const { damage, tailBytes } = await run.verify();
  if (damage.length > 0) throw new Error(`damage: ${JSON.stringify(damage)}`);
  const facts = await run.facts();
  return {
    id: run.card.id,
    world: run.card.world.name,
    firstTick: run.firstTick,
    lastTick: run.tick,
    closed: facts.status === "closed",
    tornBytes: tailBytes,
    ...(await statesOf(vfs, `${folder}/${id}`, facts)),
  };
}

/** What is said of the states: once forwards from the first tick, and the same again backwards from the last. */
async function statesOf(
  vfs: Vfs,
  directory: string,
  { card, firstTick, tick: lastTick }: RunFacts,
): Promise<Pick<Expected, "ticks" | "staticSha256">> {
  const journal = await JournalReader.open(
    segmentFiles(vfs, directory),
    journalIdentity(card),
    codecs,
  );
  const identity = { layout: layoutOf(card.world), schemaHash: schemaHashOf(card.world) };
  const ahead = new Timeline(journal, identity);
  const forwards: State[] = [];
  await ahead.seek(firstTick, { verify: true });
  do forwards.push(stateAt(ahead));
  while (await ahead.stepForward({ verify: true }));
  // A timeline of its own begins at a keyframe near the end.
  const back = new Timeline(journal, identity);
  const backwards: State[] = [];
  await back.seek(lastTick, { verify: true });
  do backwards.push(stateAt(back));
  while (await back.stepBack({ verify: true }));
  await journal.close();
  assert.deepEqual(backwards.reverse(), forwards, "states that were reached backwards");
  const statics = new Set(forwards.map(({ staticSha256 }) => staticSha256));
  assert.equal(statics.size, 1, "static stores are the same at each tick");
  const [staticSha256] = statics;
  const ticks = forwards.map(({ expected }) => expected);
  return { ticks, ...(staticSha256 === undefined ? {} : { staticSha256 }) };
}

interface State {
  readonly expected: ExpectedTick;
  readonly staticSha256: string | undefined;
}

function stateAt({ header, image }: Timeline): State {
  const { tick, historyDigest, simTime, era } = header;
  const logsSha256 = sha256Of(image, isLog);
  const expected = {
    tick,
    historyDigest: hexOf(historyDigest),
    stateSha256: sha256Of(image, (store) => !isLog(store) && !isStatic(store)) as string,
    simTime,
    era,
    ...(logsSha256 === undefined ? {} : { logsSha256 }),
  };
  return { expected, staticSha256: sha256Of(image, isStatic) };
}

function isLog({ lifetime }: StoreLayout): boolean {
  return lifetime.rows === "tick";
}

function isStatic({ lifetime }: StoreLayout): boolean {
  return lifetime.isStatic;
}

/**
 * SHA-256 of some stores in the world's order, column by column; undefined if there are none. Of a fixed width the bytes
 * as they are, of variable lengths the length (4) and the bytes of each value. Where rows come and go they end behind the
 * last one that lives, since room for more is no state.
 */
function sha256Of(image: Image, isChosen: (store: StoreLayout) => boolean): string | undefined {
  const chosen = image.layout.stores.filter(isChosen);
  if (chosen.length === 0) return undefined;
  const hash = createHash("sha256");
  for (const store of chosen) {
    const columns = image.stores[store.number]!;
    const rows = isGrowing(store) ? rowsEnd(columns) : store.rows;
    for (const [number, { bytes, values }] of columns.entries()) {
      hash.update(bytes.subarray(0, rows * store.columns[number]!.width));
      for (const one of values.slice(0, rows)) {
        hash.update(Uint32Array.of(one.length)).update(one);
      }
    }
  }
  return hash.digest("hex");
}

function rowsEnd(columns: readonly ColumnImage[]): number {
  return columns[liveColumn]!.bytes.findLastIndex((isLive) => isLive !== 0) + 1;
}
