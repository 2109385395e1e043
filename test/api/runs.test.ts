import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { canonicalJson, grid, openRuns, sha256Hex, type RunCard, type Vfs } from "everytick";
import { nodeVfs } from "../../src/journal/vfs-node.ts";
import { memoryRuns, rewrite } from "../runs/memory-runs.ts";
import { problemIn, served, temporaryFolder } from "./served.ts";

interface Row {
  readonly id: string;
  readonly state: string;
  readonly error: string | null;
  readonly tick: number | null;
  readonly createdAt: string | null;
  readonly params: RunCard["params"];
  readonly labels: RunCard["labels"];
}
interface List {
  readonly runs: readonly Row[];
  readonly next?: string;
}

const markup = `"><script>alert(1)</script>&lt;\u202e\u0000\n' -- \${x}`;

async function several() {
  const memory = await memoryRuns();
  const { runs, ports } = memory;
  for (const [id, params] of Object.entries({
    alpha: { rule: "B3/S23" },
    beta: { rule: "B36/S23" },
    gamma: { rule: markup },
    delta: {},
  })) {
    await ports.clock.sleep(1000);
    const state = { cells: grid("u8", [4]) };
    await using run = await runs.record(id, { state, params, labels: { zone: `zone of ${id}` } });
    await run.commit();
  }
  return memory;
}

test("S12: runs are listed as they are, in every order, filtered and page by page", async (t) => {
  const { runs } = await several();
  const { json } = await served(t, runs);
  const ids = async (query: string): Promise<string[]> =>
    (await json<List>(`/v1/runs?${query}`)).runs.map(({ id }) => id);
  assert.deepEqual(await ids(""), ["alpha", "beta", "delta", "gamma"]);
  assert.deepEqual(await ids("sort=-id"), ["gamma", "delta", "beta", "alpha"]);
  assert.deepEqual(await ids("sort=createdAt"), ["alpha", "beta", "gamma", "delta"]);
  assert.deepEqual(await ids("sort=-createdAt"), ["delta", "gamma", "beta", "alpha"]);
  assert.deepEqual(await ids("filter=B3/S23"), ["alpha"]);
  assert.deepEqual(await ids("filter=S23"), ["alpha", "beta"]);
  assert.deepEqual(await ids("filter=s23%20ZONE%20of%20beta"), ["beta"]);
  assert.deepEqual(await ids("filter=%3Cscript%3E"), ["gamma"]);
  assert.deepEqual(await ids("filter=.*"), [], "a filter is no pattern");
  for (const sort of ["id", "-id", "createdAt", "-createdAt"]) {
    const whole = await ids(`sort=${sort}`);
    for (const limit of [1, 2, 3, 4]) {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const after = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
        const page = await json<List>(`/v1/runs?sort=${sort}&limit=${limit}${after}`);
        assert(page.runs.length <= limit);
        found.push(...page.runs.map(({ id }) => id));
        cursor = page.next;
      } while (cursor !== undefined);
      assert.deepEqual(found, whole, `${sort} by ${limit}`);
    }
  }
});

test("S10: names full of markup go out as JSON and nothing else", async (t) => {
  const { runs } = await several();
  const { get, json } = await served(t, runs);
  const { headers, body } = await get("/v1/runs?filter=script");
  assert.equal(headers["content-type"], "application/json; charset=utf-8");
  assert.equal(headers["x-content-type-options"], "nosniff");
  const [row] = (JSON.parse(body.toString()) as List).runs;
  assert.deepEqual(row?.params, { rule: markup });
  assert.deepEqual((await json<RunCard>("/v1/runs/gamma")).params, { rule: markup });
});

test("S12: a run shows its end in the list once it has one", async (t) => {
  const { runs } = await memoryRuns();
  const run = await runs.record("life", { state: { cells: grid("u8", [4]) } });
  const { json } = await served(t, runs);
  const row = async (): Promise<Row | undefined> => (await json<List>("/v1/runs")).runs[0];
  assert.equal((await row())?.state, "recording");
  const { tick } = run;
  await run.commit();
  assert.equal((await row())?.tick, tick + 1);
  await run.close();
  assert.equal((await row())?.state, "closed");
});

test("S6: a run that cannot be read is listed with the reason, and hides no other", async (t) => {
  const { runs, ports } = await several();
  rewrite(ports.vfs, "/runs/alpha/run.json", (bytes) =>
    bytes.map((byte, i) => (i === 9 ? 0 : byte)),
  );
  rewrite(ports.vfs, "/runs/beta/journal/0000000000000000.seg", (bytes) => bytes.fill(0, 8, 60));
  const { json, get } = await served(t, runs);
  const rows = (await json<List>("/v1/runs")).runs;
  assert.deepEqual(
    rows.map(({ id, state, error }) => [id, state, error]),
    [
      ["alpha", "damaged", "RUNS_CARD"],
      ["beta", "damaged", "FORMAT_DAMAGED"],
      ["delta", "closed", null],
      ["gamma", "closed", null],
    ],
  );
  const beta = await json<{ state: string; error: { code: string } }>("/v1/runs/beta");
  assert.deepEqual([beta.state, beta.error.code], ["damaged", "FORMAT_DAMAGED"]);
  const alpha = await get("/v1/runs/alpha");
  assert.equal(alpha.status, 500);
  assert.equal(problemIn(alpha).code, "RUNS_CARD");
  // Its files can be looked at all the same.
  assert.equal((await get("/v1/runs/beta/segments")).status, 200);
});

test("S6: ticks before damage in the middle are served, those behind it are refused with the place", async (t) => {
  const { runs, ports } = await memoryRuns({ segmentBytesMin: 2000 });
  const run = await runs.record("life", { state: { cells: grid("u8", [16]) } });
  for (let tick = 0; tick < 200; tick++) {
    run.state.cells[tick % 16] = tick % 251;
    await run.commit();
  }
  await run.close();
  const names = ports.vfs.list("/runs/life/journal") ?? [];
  const middle = `/runs/life/journal/${names[1]}`;
  assert(names.length > 3);
  rewrite(ports.vfs, middle, (bytes) => bytes.fill(0, bytes.length >> 1));
  const { get, json } = await served(t, runs);
  assert.equal((await json<{ state: string }>("/v1/runs/life")).state, "closed");
  assert.equal((await get("/v1/runs/life/state/cells?tick=1")).status, 200);
  assert.equal((await get("/v1/runs/life/state/cells?tick=200")).status, 200);
  const behind = await get(`/v1/runs/life/state/cells?tick=${Number(names[2]?.slice(0, 16)) - 1}`);
  assert.equal(behind.status, 500);
  assert.match(String(problemIn(behind)["where"]), new RegExp(names[1] ?? "none"));
  interface Series {
    readonly count: readonly number[];
    readonly damage: readonly { readonly code: string }[];
  }
  const series = await json<Series>("/v1/runs/life/series?name=changes&points=1");
  assert.deepEqual(
    series.damage.map(({ code }) => code),
    ["JOURNAL_DAMAGED"],
  );
  assert((series.count[0] ?? 0) < 201);
});

/** The files of this machine, counting how often cards are read. */
function countingCards(): { readonly vfs: Vfs; readonly count: () => number } {
  let cards = 0;
  const read = (path: string): Uint8Array => {
    if (path.endsWith("/run.json")) cards += 1;
    return nodeVfs.read(path);
  };
  return { vfs: { ...nodeVfs, read }, count: () => cards };
}

test("S12: of ten thousand runs a page reads its own cards, and no card twice for the order", async (t) => {
  const folder = await temporaryFolder(t);
  const { vfs, count: cards } = countingCards();
  await using runs = await openRuns(folder, { vfs });
  const run = await runs.record("template", { state: { cells: grid("u8", [4]) } });
  await run.close();
  const { card } = run;
  const segment = vfs.read(join(folder, "template/journal/0000000000000000.seg"));
  const count = 10_000;
  for (let number = 0; number < count; number++) {
    const id = `run-${String(number).padStart(5, "0")}`;
    const createdAt = new Date(((number * 7919) % count) * 1000).toISOString();
    const own = { ...card, id, createdAt };
    const checksum = sha256Hex(canonicalJson(own, id));
    mkdirSync(join(folder, id, "journal"), { recursive: true });
    writeFileSync(join(folder, id, "run.json"), canonicalJson({ ...own, checksum }, id));
    writeFileSync(join(folder, id, "journal/0000000000000000.seg"), segment);
  }
  const { json } = await served(t, runs);
  const cardsFor = async (path: string): Promise<readonly [cards: number, list: List]> => {
    const before = cards();
    const list = await json<List>(path);
    return [cards() - before, list];
  };
  const [first, page] = await cardsFor("/v1/runs?limit=100");
  assert.deepEqual([page.runs.length, page.runs[0]?.id], [100, "run-00000"]);
  assert(first <= 2 * 100, `${first} cards`);
  assert.equal((await cardsFor("/v1/runs?limit=100"))[0], 0);

  const [all, newest] = await cardsFor("/v1/runs?sort=-createdAt&limit=50&filter=run-");
  assert(all >= count, `${all} cards`);
  const times = newest.runs.map(({ createdAt }) => createdAt ?? "");
  assert.deepEqual(times, times.toSorted().reverse());
  assert.equal(times[0], new Date((count - 1) * 1000).toISOString());
  const [again] = await cardsFor("/v1/runs?sort=createdAt&limit=50");
  assert(again <= 2 * 50, `${again} cards`);
});
