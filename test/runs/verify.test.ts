/** What `verify` says beside broken checksums: what it names, and what it does not blame. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openRuns, table, type Runs, type VerifyReport } from "everytick";
import { bytesOfHex } from "../../src/format/bytes.ts";
import { schemaHashOf } from "../../src/format/digest.ts";
import { Image } from "../../src/format/image.ts";
import { layoutOf } from "../../src/format/layout.ts";
import { Writer } from "../../src/journal/writer.ts";
import { framesOf } from "../journal/forge.ts";
import { putFile } from "../journal/small-run.ts";
import { recordedRun } from "../timeline/recorded-run.ts";
import { folder, memoryRuns, refusal, rewrite } from "./memory-runs.ts";

const recorded = await recordedRun();
const { vfs } = recorded.ports;
const journal = `${folder}/run/journal`;
const files = (vfs.list(journal) ?? []).filter((name) => name.endsWith(".seg"));
const others = async (): Promise<Runs> => openRuns(folder, recorded.ports);

/** Verifies while a file is changed. */
async function verified(
  file: string,
  change: (bytes: Uint8Array) => Uint8Array,
): Promise<VerifyReport> {
  const before = vfs.read(`${journal}/${file}`);
  rewrite(vfs, `${journal}/${file}`, change);
  try {
    await using runs = await others();
    return await runs.verify("run");
  } finally {
    rewrite(vfs, `${journal}/${file}`, () => before);
  }
}

test("T5: damage in any frame is reported once, for its own tick, and the next tick is not blamed", async () => {
  for (const file of files) {
    for (const { offset, header } of framesOf(vfs.read(`${journal}/${file}`))) {
      for (const at of [offset + 20, offset + 60, offset + header.length - 2]) {
        const { damage, tailBytes } = await verified(file, (bytes) =>
          bytes.with(at, bytes[at]! ^ 4),
        );
        const what = `byte ${at} of the frame at ${offset} of ${file}, kind ${header.kind}`;
        if (damage.length === 0) assert(tailBytes > 0 && file === files.at(-1), what);
        else assert.equal(damage.length, 1, `${what}: ${JSON.stringify(damage)}`);
        for (const { ticks } of damage) {
          if (header.kind === 3 && file !== files.at(-1)) {
            assert.deepEqual(ticks, [header.tick, header.tick], what);
          }
        }
      }
    }
  }
});

test("T5: a run that cannot even be opened is reported, not thrown", async () => {
  for (const file of files) {
    const { damage } = await verified(file, (bytes) => bytes.with(50, bytes[50]! ^ 1));
    assert(
      damage.some((found) => found.file === `journal/${file}`),
      file,
    );
  }
  const last = files.at(-1) as string;
  const foreign = await verified(last, (bytes) => bytes.with(20, bytes[20]! ^ 1));
  assert(foreign.damage.length > 0);
});

test("T10: files that are no part of a run are named, and are no damage", async () => {
  putFile(vfs, `${folder}/run/notes.txt`, new Uint8Array(3));
  putFile(vfs, `${journal}/0000000000000007.seg.bak`, new Uint8Array(3));
  putFile(vfs, `${folder}/run/cache/0000000000000001.seg.index`, new Uint8Array(3));
  await using runs = await others();
  const { strays, damage } = await runs.verify("run");
  assert.deepEqual(damage, []);
  assert.deepEqual(strays, [
    "notes.txt",
    "journal/0000000000000007.seg.bak",
    "cache/0000000000000001.seg.index",
  ]);
  for (const stray of strays) vfs.remove(`${folder}/run/${stray}`);
});

/** A run with one table, whose second tick holds these slots: `$live`, key and weight of each. */
async function forged(
  slots: readonly (readonly [live: number, key: number, weight: number])[],
): Promise<VerifyReport> {
  const memory = await memoryRuns();
  const state = { herd: table({ id: "u32", weight: "f64" }, { key: "id" }) };
  const run = await memory.runs.record("run", { state });
  const { card } = run;
  await run.close();
  const layout = layoutOf(card.world);
  const { ports } = memory;
  for (const name of ports.vfs.list(journal) ?? []) ports.vfs.remove(`${journal}/${name}`);
  const identity = {
    uuid: bytesOfHex(card.uuid),
    world: card.world,
    worldHash: bytesOfHex(card.worldHash),
    schemaHash: schemaHashOf(card.world),
    layout,
  };
  const directory = `${folder}/run`;
  const writer = new Writer({ ...ports, directory, identity, durability: "fsync" }, undefined);
  const image = new Image(layout);
  for (const tick of [0, 1]) {
    if (tick === 1) fill(image, slots);
    const stores = layout.stores
      .filter(({ columns }) => columns.length > 0)
      .map(({ number }) => ({ store: number, state: image.stores[number] ?? [] }));
    writer.append({ tick, simTime: tick, wallTime: 0, era: 0, stores });
  }
  writer.closeNow();
  return (await memory.others()).verify("run");
}

function fill(image: Image, slots: readonly (readonly [number, number, number])[]): void {
  const [store] = image.layout.stores;
  image.reserve(store!, slots.length);
  const [live, id, weight] = [0, 1, 2].map((column) => image.column(0, column).bytes);
  slots.forEach(([lives, key, heavy], slot) => {
    live![slot] = lives;
    new Uint32Array(id!.buffer)[slot] = key;
    new Float64Array(weight!.buffer)[slot] = heavy;
  });
}

test("T10: two rows with one key, a free slot that holds something and a `$live` of 2 are damage", async () => {
  const cases = {
    sound: [
      [1, 5, 1],
      [0, 0, 0],
      [1, 6, 1],
    ],
    twins: [
      [1, 5, 1],
      [1, 6, 1],
      [1, 5, 2],
    ],
    leftover: [
      [1, 5, 1],
      [0, 0, 2.5],
    ],
    lively: [[2, 5, 1]],
  } as const;
  const found: Record<string, string> = {};
  for (const [name, slots] of Object.entries(cases)) {
    const { damage } = await forged(slots);
    found[name] = damage.map(({ found: what }) => what).join();
  }
  assert.deepEqual(found, {
    sound: "",
    twins: "slots 0 and 2 with one key",
    leftover: "weight in slot 1",
    lively: "2 in slot 0",
  });
});

test("T5: verify can be stopped, and refuses what is no run", async () => {
  await using runs = await others();
  await refusal(() => runs.verify("none"), "RUNS_MISSING");
  await refusal(() => runs.verify("../run"), "RUNS_ID");
});
