/** What `tools/reader.py RUN --json` says of a run, said by the TypeScript reader. */
import { createHash } from "node:crypto";
import { openRuns, type RunFacts } from "everytick";
import { hexOf, bytesOfHex } from "../../src/format/bytes.ts";
import { schemaHashOf } from "../../src/format/digest.ts";
import type { Image } from "../../src/format/image.ts";
import { layoutOf } from "../../src/format/layout.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { JournalReader } from "../../src/journal/journal-reader.ts";
import { segmentFiles } from "../../src/runs/segment-files.ts";
import { Timeline } from "../../src/timeline/timeline.ts";
import type { Vfs } from "../../src/types.ts";

export interface ExpectedTick {
  readonly tick: number;
  readonly historyDigest: string;
  readonly stateSha256: string;
  readonly simTime: number;
  readonly era: number;
}
export interface Expected {
  readonly id: string;
  readonly world: string;
  readonly firstTick: number;
  readonly lastTick: number;
  readonly closed: boolean;
  readonly tornBytes: number;
  readonly ticks: readonly ExpectedTick[];
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
    ticks: await ticksOf(vfs, `${folder}/${id}`, facts),
  };
}

async function ticksOf(
  vfs: Vfs,
  directory: string,
  { card, firstTick }: RunFacts,
): Promise<ExpectedTick[]> {
  const journal = await JournalReader.open(
    segmentFiles(vfs, directory),
    bytesOfHex(card.uuid),
    codecs,
  );
  const identity = { layout: layoutOf(card.world), schemaHash: schemaHashOf(card.world) };
  const timeline = new Timeline(journal, identity);
  await timeline.seek(firstTick, { verify: true });
  const ticks: ExpectedTick[] = [];
  do {
    const { tick, historyDigest, simTime, era } = timeline.header;
    const stateSha256 = sha256Of(timeline.image);
    ticks.push({ tick, historyDigest: hexOf(historyDigest), stateSha256, simTime, era });
  } while (await timeline.stepForward({ verify: true }));
  await journal.close();
  return ticks;
}

/** SHA-256 of all stores in order: numbers as they are, of variable lengths the length (4) and the bytes. */
function sha256Of(image: Image): string {
  const hash = createHash("sha256");
  for (const { bytes, values } of image.stores.flat()) {
    hash.update(bytes);
    for (const one of values) hash.update(Uint32Array.of(one.length)).update(one);
  }
  return hash.digest("hex");
}
