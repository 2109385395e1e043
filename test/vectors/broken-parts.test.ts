/** Segments whose checksums are right but whose parts break a rule of growing, static or derived stores. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite, test } from "node:test";
import { derived, log, table, value } from "everytick";
import { ByteWriter } from "../../src/format/bytes.ts";
import { FrameKind, type FrameFields } from "../../src/format/frame.ts";
import { nodeVfs } from "../../src/journal/vfs-node.ts";
import { framesOf, headerOf, like, segmentOf } from "../journal/forge.ts";
import { filesUnder, segmentPaths } from "../journal/small-run.ts";
import { expectedOf } from "./expected.ts";
import { readerPy, skipReader } from "./python-reader.ts";
import { historyOf, record } from "./recording.ts";

const state = {
  rows: table({ id: "u8", name: "utf8", large: "u8[65536]" }, { key: "id" }),
  events: log({ text: "utf8" }),
  fixed: value({ n: "u8" }, { role: "static" }),
  sum: derived(value({ n: "u8" }), () => undefined),
};
const [rowsStore, eventsStore, fixedStore, sumStore] = [0, 1, 2, 3];
const [live, id, name, large] = [0, 1, 2, 3];

interface ForgedPart {
  readonly store?: number;
  readonly chunk?: number;
  readonly rows?: number;
  /** The index block; by default row 0 alone. */
  readonly index?: readonly number[];
  /** Column blocks by number; by default a row with the key 1 is born. */
  readonly columns?: readonly (readonly [column: number, block: readonly number[]])[];
}

/** A body of one part and no digests. */
function bodyOf(part: ForgedPart): Uint8Array {
  const { store = rowsStore, chunk = 0, rows = 1, index = [1, 0], columns } = part;
  const blocks = columns ?? [
    [live, [0, 1]],
    [id, [0, 1]],
  ];
  const body = new ByteWriter();
  for (const count of [0, 1, store, chunk, rows, index.length, blocks.length]) body.varint(count);
  for (const [column, block] of blocks) {
    body.varint(column);
    body.varint(block.length);
  }
  body.bytes(Uint8Array.from([...index, ...blocks.flatMap(([, block]) => block)]));
  return body.borrow();
}

interface Broken {
  readonly part: ForgedPart;
  /** What the reader in Python says. */
  readonly python: RegExp;
  /** What this code says where it refuses the part alone; otherwise the digests give it away. */
  readonly code?: RegExp;
  readonly kind?: "keyframe";
}

const gaps = (count: number): number[] => [1, ...Array.from({ length: count }, () => 0)];
const same = (byte: number): readonly number[] => [1, 1, byte];

const broken: Readonly<Record<string, Broken>> = {
  "no list of its rows": { part: { index: [] }, python: /rows of a part/, code: /rows of store/ },
  "no rows": {
    part: { rows: 0, index: [1], columns: [[live, [0]]] },
    python: /rows of a part/,
    code: /rows of store/,
  },
  "65,537 rows": {
    part: { rows: 65_537, index: gaps(65_537), columns: [[live, same(1)]] },
    python: /rows of a part/,
    code: /rows of store/,
  },
  "more than 64 MiB in a column": {
    part: { rows: 1025, index: gaps(1025), columns: [[large, same(1)]] },
    python: /column 3 of a part/,
    code: /at most 67108864 bytes/,
  },
  "a row behind the last slot": {
    part: { index: [1, 0x80, 0x80, 0x80, 0x08] },
    python: /last row of a part/,
    code: /a row below 16777216/,
  },
  "a chunk": { part: { chunk: 1 }, python: /chunk of a part/, code: /a chunk of store/ },
  "a derived store": {
    part: { store: sumStore, index: [], columns: [[0, [0, 1]]] },
    python: /store of a part/,
    code: /columns of sum/,
  },
  "too few bytes of a vector": {
    part: { columns: [[large, [0, 1, 2]]] },
    python: /length of words/,
    code: /65536 more bytes/,
  },
  "an unknown encoding": {
    part: { columns: [[name, [6]]] },
    python: /encoding of a column/,
    code: /a known column encoding","found":"6"/,
  },
  "a number that its dictionary does not have": {
    part: { columns: [[name, [4, 1, 1, 0x61, 0, 1]]] },
    python: /number of a value of a dictionary/,
    code: /a code below 1/,
  },
  "more numbers of a dictionary than rows": {
    part: { columns: [[name, [4, 2, 0, 1, 0x61, 0, 1, 1]]] },
    python: /not used up/,
    code: /1 more bytes/,
  },
  "a row that lives twice": {
    part: { columns: [[live, [0, 2]]] },
    python: /\$live of rows/,
  },
  "something where no row lives": {
    part: { columns: [[id, [0, 5]]] },
    python: /id of rows where no row lives/,
  },
  "two rows of one key": {
    part: {
      rows: 2,
      index: gaps(2),
      columns: [
        [live, same(1)],
        [id, same(9)],
      ],
    },
    python: /keys of rows/,
  },
  "a hole in a log": {
    part: { store: eventsStore, index: [1, 1], columns: [[live, [0, 1]]] },
    python: /rows of the log events/,
  },
  "an old value in a log": {
    part: {
      store: eventsStore,
      columns: [
        [live, [0, 1]],
        [1, [2, 1, 0x61, 1, 0x62]],
      ],
    },
    python: /the value that is replaced/,
    code: /the value before the tick as the old one/,
  },
  "a static store behind the first tick": {
    part: { store: fixedStore, index: [], columns: [[0, [0, 1]]] },
    python: /tick of a part of a static store/,
    code: /static stores in the frames of the first tick alone/,
  },
  "a static store in a redundant keyframe": {
    part: { store: fixedStore, index: [], columns: [[0, [0, 1]]] },
    python: /tick of a part of a static store/,
    code: /static stores in the frames of the first tick alone/,
    kind: "keyframe",
  },
  "a log in a redundant keyframe": {
    part: { store: eventsStore, columns: [[live, [0, 1]]] },
    python: /frame of a part of a log/,
    code: /logs in the frames of recorded ticks alone/,
    kind: "keyframe",
  },
};

/** A run of two ticks whose second, or whose redundant keyframe that follows static stores, is the forged body. */
async function forged(folder: string, { part, kind }: Broken): Promise<void> {
  const history = historyOf(await record(state, async (run) => void (await run.commit())));
  const [path] = segmentPaths(history) as [string];
  const whole = history.read(path);
  const [first, , second] = framesOf(whole);
  const { length } = headerOf(whole);
  const asKeyframe: Partial<FrameFields> = {
    kind: FrameKind.keyframe,
    tick: first!.header.tick,
    baseDistance: 0,
    stateDigest: new Uint8Array(16),
  };
  const changes = {
    durableOffset: length,
    ...(kind === "keyframe" ? asKeyframe : {}),
  };
  const frames = [like(first!), like(second!, changes, bodyOf(part))];
  for (const file of filesUnder(history, "runs/a")) {
    const target = join(folder, "a", file.slice("runs/a/".length));
    mkdirSync(dirname(target), { recursive: true });
    const bytes = file === path ? segmentOf(headerOf(whole), frames) : history.read(file);
    writeFileSync(target, bytes);
  }
}

/** What this code finds wrong. */
async function complaint(folder: string): Promise<string> {
  try {
    await expectedOf(nodeVfs, folder, "a");
    return "nothing";
  } catch (error) {
    return String(error);
  }
}

suite("F5: parts that break a rule are refused", { concurrency: 3, skip: skipReader }, () => {
  for (const [what, one] of Object.entries(broken)) {
    test(`F5: reader.py and this code refuse a part with ${what}`, async (t) => {
      const folder = await mkdtemp(join(tmpdir(), "everytick-broken-"));
      t.after(() => rm(folder, { recursive: true, force: true }));
      await forged(folder, one);
      const { status, stderr } = await readerPy(join(folder, "a"), "--verify");
      assert.equal(status, 3);
      assert.match(stderr, one.python);
      assert.match(await complaint(folder), one.code ?? /TIMELINE_DIGEST|digest/);
    });
  }

  test("F5: a part that breaks no rule is refused for its missing digest alone", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "everytick-broken-"));
    t.after(() => rm(folder, { recursive: true, force: true }));
    await forged(folder, { part: {}, python: /digests of tick/ });
    const { stderr } = await readerPy(join(folder, "a"), "--verify");
    assert.match(stderr, /digests of tick 1/);
    assert.match(await complaint(folder), /digest/);
  });
});
