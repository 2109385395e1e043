import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { canonicalJson, defineWorld, grid, isEverytickError, openRuns, type Vfs } from "everytick";
import { allRefused, bytesBelow, folder, memoryRuns, refusal, rewrite } from "./memory-runs.ts";
import { CountingVfs, FullVfs } from "./other-files.ts";

const path = `${folder}/run/run.json`;
const world = defineWorld({
  name: "life",
  version: 3,
  params: { rule: "B3/S23", density: 0.25, torus: true },
  state: { cells: grid("u8", [4]) },
  labels: ({ rule }) => ({ rule, "ünïcode \u0001": "\u001f" }),
});

async function recorded() {
  const memory = await memoryRuns();
  const labels = { purpose: "a test" };
  const run = await memory.runs.record("run", {
    world,
    seed: -1,
    labels,
    params: { torus: false },
  });
  await run.commit();
  await run.close();
  return memory;
}

function writeCard(vfs: Vfs, card: unknown): void {
  rewrite(vfs, path, () => Buffer.from(typeof card === "string" ? card : JSON.stringify(card)));
}

/** The card with other facts and a checksum that agrees with them. */
function sealed(vfs: Vfs, other: object): string {
  const { checksum: _, ...card } = JSON.parse(Buffer.from(vfs.read(path)).toString()) as {
    checksum: string;
  };
  const changed = { ...card, ...other };
  const checksum = createHash("sha256").update(canonicalJson(changed, "card")).digest("hex");
  return canonicalJson({ ...changed, checksum }, "card");
}

test("R6: the card holds everything that does not change from tick to tick", async () => {
  const { runs, ports } = await recorded();
  const [card] = await runs.list();
  assert(card !== undefined);
  const { uuid, worldHash, codeDigest, world: schema, ...rest } = card;
  assert.match(uuid, /^[0-9a-f]{32}$/);
  assert.match(worldHash, /^[0-9a-f]{64}$/);
  assert.match(codeDigest ?? "", /^[0-9a-f]{64}$/);
  const hash = createHash("sha256").update(canonicalJson(schema, "world")).digest("hex");
  assert.equal(worldHash, hash);
  assert.deepEqual(rest, {
    format: 0,
    id: "run",
    seed: -1,
    params: { rule: "B3/S23", density: 0.25, torus: false },
    labels: { rule: "B3/S23", "ünïcode \u0001": "\u001f", purpose: "a test" },
    sparse: false,
    parent: null,
    createdAt: "2026-01-01T00:00:00.000Z",
  });
  const text = Buffer.from(ports.vfs.read(path)).toString();
  assert.equal(text, canonicalJson(JSON.parse(text), "card"), "canonical, for anyone to check");
});

test("R6: a card with any bit flipped is refused, and the journal is not touched", async () => {
  const { runs, ports } = await recorded();
  const original = ports.vfs.read(path);
  const state = { world, resume: "only" } as const;
  const before = bytesBelow(ports.vfs, folder);
  const facts = JSON.stringify(await runs.list());
  for (let at = 0; at < original.length; at++) {
    const bit = 1 << ((at * 5) % 8);
    rewrite(ports.vfs, path, () => original.map((byte, i) => (i === at ? byte ^ bit : byte)));
    const what = `byte ${at} of ${original.length}`;
    for (const work of [async () => runs.open("run"), async () => runs.record("run", state)]) {
      // The same facts in other letters, such as an escape in upper case, are the same card.
      const same = await runs.list().then(JSON.stringify, () => "");
      if (same === facts) break;
      const error: unknown = await work().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      assert(isEverytickError(error), `${what}: ${String((error as Error).stack)}`);
      assert.match(error.code, /^(RUNS_CARD|FORMAT_NEWER)$/, what);
      assert.match(error.details.where ?? "", /run\.json/, what);
    }
    rewrite(ports.vfs, path, () => original);
  }
  assert.deepEqual(bytesBelow(ports.vfs, folder), before);
});

test("R6: what is no card at all is refused", async () => {
  const { runs, ports } = await recorded();
  const files = bytesBelow(ports.vfs, `${folder}/run/journal`);
  const texts: readonly string[] = [
    "",
    " ",
    "null",
    "[]",
    "0",
    "{}",
    '{"format":"0"}',
    '{"format":-1}',
    '{"format":0}',
    '{"format":0,"checksum":"00"}',
    '{"format":0,"seed":1e999}',
    '{"format":0,"label":"\\ud800"}',
    `{"format":0,"deep":${"[".repeat(100)}${"]".repeat(100)}}`,
    "\u0000".repeat(100),
    "{".repeat(1000),
    "x".repeat(2 ** 20 + 1),
  ];
  const cases = texts.flatMap((text) => {
    const written = (work: () => Promise<unknown>) => async () => {
      writeCard(ports.vfs, text);
      return work();
    };
    const name = `${text.slice(0, 30)} of ${text.length}`;
    return [
      [`open ${name}`, written(async () => runs.open("run"))],
      [`resume ${name}`, written(async () => runs.record("run", { world, resume: "auto" }))],
      [`record ${name}`, written(async () => runs.record("run", { world }))],
      [`list ${name}`, written(async () => runs.list())],
    ] as const;
  });
  await allRefused("RUNS_CARD", Object.fromEntries(cases));
  assert.deepEqual(bytesBelow(ports.vfs, `${folder}/run/journal`), files);
});

test("R6: a card of a newer format is refused as such, whatever else is in it", async () => {
  const { runs, ports } = await recorded();
  for (const card of [{ format: 1 }, { format: 99, id: "run", more: [1, 2] }]) {
    writeCard(ports.vfs, card);
    await refusal(async () => runs.open("run"), "FORMAT_NEWER", { found: /1|99/, next: /./ });
    const resume = async (): Promise<unknown> => runs.record("run", { world, resume: "auto" });
    await refusal(resume, "FORMAT_NEWER");
  }
});

/** A world whose first store is not one that a world can have. */
function withStore(store: object): object {
  const whole = { kind: "grid", name: "g", role: "causal", type: "u8", shape: [4], chunk: [4] };
  const { name, version } = world;
  const schema = {
    name,
    version,
    params: {},
    stores: [{ ...whole, ...store }],
    eras: [],
    strata: [],
  };
  return { world: schema };
}

test("R6: a card that was rewritten by hand, with a right checksum, ends no reader with an error of JavaScript", async () => {
  const { runs, ports } = await recorded();
  const original = ports.vfs.read(path);
  const cases: readonly object[] = [
    { uuid: "00" },
    { uuid: 5 },
    { world: null },
    { world: { stores: [] } },
    { world: { stores: [{ kind: "grid" }] } },
    ...[{ shape: [0] }, { shape: [1.5] }, { shape: [] }, { chunk: [1, 1] }, { type: "u9" }].map(
      withStore,
    ),
    ...[{ columns: [null] }, { columns: [{ name: "a" }] }, { columns: 5 }].map((store) =>
      withStore({ kind: "value", ...store }),
    ),
    { params: null },
    { labels: 5 },
  ];
  const crashes: string[] = [];
  for (const other of cases) {
    writeCard(ports.vfs, sealed(ports.vfs, other));
    try {
      await using run = await runs.open("run");
      await run.facts();
      await run.at(1);
    } catch (error) {
      if (!isEverytickError(error)) crashes.push(`${JSON.stringify(other)}: ${String(error)}`);
    }
    rewrite(ports.vfs, path, () => original);
  }
  assert.deepEqual(crashes, []);
});

test("R6: a card whose stores are larger than any state is refused before memory is taken", async () => {
  const { runs, ports } = await recorded();
  const cases = [
    withStore({ shape: [2 ** 53 - 1] }),
    withStore({ shape: [2 ** 40, 2 ** 40], chunk: [1, 1] }),
    withStore({ shape: Array(9).fill(1), chunk: Array(9).fill(1) }),
    withStore({ type: "f64", shape: [2 ** 30] }),
    withStore({ kind: "value", columns: [{ name: "a", type: "f64[999999]" }] }),
  ];
  const original = ports.vfs.read(path);
  for (const other of cases) {
    writeCard(ports.vfs, sealed(ports.vfs, other));
    await assert.rejects(runs.open("run"), { code: "RUNS_CARD" }, JSON.stringify(other));
    rewrite(ports.vfs, path, () => original);
  }
});

test("R6: one damaged card does not hide the other runs", async () => {
  const { runs, ports } = await recorded();
  const state = { cells: grid("u8", [1]) };
  for (const id of ["a", "z"]) await (await runs.record(id, { state })).close();
  writeCard(ports.vfs, "{");
  const damaged: string[] = [];
  const cards = await runs.list({
    onDamage: (id, error) => {
      assert(isEverytickError(error, "RUNS_CARD"));
      damaged.push(id);
    },
  });
  assert.deepEqual([cards.map(({ id }) => id), damaged], [["a", "z"], ["run"]]);
});

test("R6: a card is replaced as a whole: at every byte of a full disk there is the old one, none or the new", async () => {
  const state = { cells: grid("u8", [1]) };
  const { ports } = await memoryRuns();
  const size = await (async () => {
    const { runs, ports: other } = await memoryRuns();
    await (await runs.record("run", { state })).close();
    return other.vfs.stat(path)?.size as number;
  })();
  for (let bytes = 0; bytes <= size; bytes += 40) {
    const vfs = new FullVfs(new CountingVfs(ports.vfs));
    const runs = await openRuns(folder, { ...ports, vfs });
    vfs.bytesLeft = bytes;
    await assert.rejects(async () => runs.record("run", { state }), { name: "EverytickError" });
    const cards = await runs.list();
    assert(cards.length === 0 || cards[0]?.id === "run");
  }
  const runs = await openRuns(folder, ports);
  const run = await runs.record("run", { state });
  assert.equal(run.recovery.resumed, false);
  await run.close();
});
