import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { grid, limits, type Runs } from "everytick";
import { byteRange } from "../../src/api/byte-range.ts";
import { memoryRuns, rewrite } from "../runs/memory-runs.ts";
import { problemIn, served, type Served } from "./served.ts";

interface Segments {
  readonly uuid: string;
  readonly segments: readonly {
    readonly name: string;
    readonly firstTick: number;
    readonly bytes: number;
    readonly isSealed: boolean;
  }[];
}
interface Recorded extends Served {
  readonly runs: Runs;
  readonly listed: Segments;
  /** Of the first and of the last segment. */
  readonly sealed: string;
  readonly open: string;
  readonly bytesOf: (name: string) => Buffer;
  readonly change: (name: string, change: (bytes: Uint8Array) => Uint8Array) => void;
}

const directory = "/runs/life/journal";

/** A run of several segments, closed, and a server over it. */
async function recorded(t: TestContext): Promise<Recorded> {
  const { runs, ports } = await memoryRuns({ segmentBytesMin: 2000 });
  const run = await runs.record("life", { state: { cells: grid("u8", [16]) }, seed: 3 });
  for (let tick = 0; tick < 200; tick++) {
    run.state.cells[tick % 16] = run.random.int(256);
    await run.commit();
  }
  await run.close();
  const server = await served(t, runs);
  const listed = await server.json<Segments>("/v1/runs/life/segments");
  const [sealed = "", open = ""] = [listed.segments[0]?.name, listed.segments.at(-1)?.name];
  const bytesOf = (name: string): Buffer => Buffer.from(ports.vfs.read(`${directory}/${name}`));
  const change: Recorded["change"] = (name, how) => {
    rewrite(ports.vfs, `${directory}/${name}`, how);
  };
  return { ...server, runs, listed, sealed, open, bytesOf, change };
}

const pathOf = (name: string, query = ""): string => `/v1/runs/life/segments/${name}${query}`;

test("S4: segments are listed as they lie there, and served byte by byte", async (t) => {
  const { get, listed, bytesOf } = await recorded(t);
  assert(listed.segments.length > 2, `${listed.segments.length} segments`);
  assert.equal(listed.segments[0]?.firstTick, 0);
  for (const [number, { name, bytes, isSealed }] of listed.segments.entries()) {
    const { status, headers, body } = await get(pathOf(name));
    assert.equal(status, 200);
    assert.deepEqual(body, bytesOf(name));
    assert.equal(bytes, body.length);
    assert.equal(headers["content-length"], String(bytes));
    assert.equal(headers["content-type"], "application/octet-stream");
    assert.equal(isSealed, number < listed.segments.length - 1);
    const head = await get(pathOf(name), { method: "HEAD" });
    assert.equal(head.headers["content-length"], String(bytes));
    assert.equal(head.body.length, 0);
  }
});

test("S4: a sealed segment may be kept for ever under the run's own address, an open one never", async (t) => {
  const { get, listed, sealed, open, runs, change } = await recorded(t);
  const asked = `?v=${listed.uuid}`;
  const kept = await get(pathOf(sealed, asked));
  assert.equal(kept.headers["cache-control"], "public, max-age=31536000, immutable");
  const tag = String(kept.headers["etag"]);
  assert.match(tag, /^"[^"]+"$/);
  for (const value of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
    const again = await get(pathOf(sealed, asked), { headers: { "if-none-match": value } });
    assert.equal(again.status, 304, value);
    assert.equal(again.body.length, 0);
  }
  const other = await get(pathOf(sealed, asked), { headers: { "if-none-match": '"other"' } });
  assert.equal(other.status, 200);
  // Without `v` the address is that of the id, which may be given to another run.
  assert.equal((await get(pathOf(sealed))).headers["cache-control"], "no-cache");

  for (const query of ["", asked]) {
    const { headers } = await get(pathOf(open, query));
    assert.equal(headers["cache-control"], "no-cache");
    assert.equal(headers["etag"], undefined);
  }
  // Whatever stands in the file: only a seal that is intact makes it one that never changes.
  const last = await runs.files("life").segment(open);
  assert.equal(last?.isSealed, false);
  change(open, (bytes) => Uint8Array.from([...bytes, ...new Uint8Array(16)]));
  assert.equal((await runs.files("life").segment(open))?.isSealed, false);
});

test("S4: an address of another run under the same id is refused", async (t) => {
  const { get, sealed } = await recorded(t);
  for (const path of [pathOf(sealed, "?v=00ff"), pathOf(`${sealed}/index`, "?v=00ff")]) {
    const answer = await get(path);
    assert.equal(answer.status, 404);
    assert.equal(problemIn(answer).code, "RUNS_MISSING");
  }
});

test("S5: one range of bytes is answered with exactly those", async (t) => {
  const { get, sealed, open, bytesOf } = await recorded(t);
  for (const name of [sealed, open]) {
    const whole = bytesOf(name);
    const size = whole.length;
    const cases: readonly (readonly [string, number, number])[] = [
      ["bytes=0-0", 0, 1],
      ["bytes=0-", 0, size],
      ["bytes=5-9", 5, 10],
      [`bytes=${size - 1}-`, size - 1, size],
      [`bytes=${size - 1}-${size + 100}`, size - 1, size],
      ["bytes=-1", size - 1, size],
      [`bytes=-${size + 5}`, 0, size],
      ["BYTES = 1-2", 1, 3],
    ];
    for (const [range, begin, end] of cases) {
      const { status, headers, body } = await get(pathOf(name), { headers: { range } });
      assert.equal(status, 206, range);
      assert.equal(headers["content-range"], `bytes ${begin}-${end - 1}/${size}`);
      assert.deepEqual(body, whole.subarray(begin, end), range);
    }
  }
});

test("S5: what is no single range is answered with the whole, what lies outside with 416", async (t) => {
  const { get, sealed, bytesOf } = await recorded(t);
  const size = bytesOf(sealed).length;
  const ignored = [
    "bytes=0-1,3-4",
    "bytes=",
    "bytes=-",
    "bytes=a-b",
    "bytes=5-4",
    "bytes=1-2;",
    "bytes=--1",
    "items=0-1",
    "0-1",
    "bytes=0x1-0x2",
    "bytes=1.5-2",
    `bytes=${"9".repeat(40)}-`,
  ];
  for (const range of ignored) {
    const { status, body } = await get(pathOf(sealed), { headers: { range } });
    assert.equal(status, 200, range);
    assert.equal(body.length, size);
  }
  for (const range of [`bytes=${size}-`, `bytes=${size + 1}-${size + 2}`, "bytes=-0"]) {
    const answer = await get(pathOf(sealed, ""), { headers: { range } });
    assert.equal(answer.status, 416, range);
    assert.equal(answer.headers["content-range"], `bytes */${size}`);
    assert.equal(problemIn(answer).code, "API_RANGE");
  }
});

test("S5: a range of what it no longer is gives the whole", async (t) => {
  const { get, sealed, open } = await recorded(t);
  const tag = String((await get(pathOf(sealed))).headers["etag"]);
  const cases: readonly (readonly [string, string, number])[] = [
    [sealed, tag, 206],
    [sealed, '"other"', 200],
    [sealed, `W/${tag}`, 200],
    [sealed, "Tue, 24 Nov 2026 00:00:00 GMT", 200],
    [open, '"other"', 200],
  ];
  for (const [name, condition, status] of cases) {
    const headers = { range: "bytes=0-3", "if-range": condition };
    assert.equal((await get(pathOf(name), { headers })).status, status, condition);
  }
});

test("S5: a range of an empty file is none", () => {
  assert.equal(byteRange("bytes=0-", 0), "none");
  assert.equal(byteRange("bytes=-5", 0), "none");
  assert.equal(byteRange(undefined, 0), undefined);
});

test("S3: what is no segment of the run is not there", async (t) => {
  const { get } = await recorded(t);
  for (const name of ["0000000000000007.seg", "run.json", "0000000000000000-1.seg", "x"]) {
    const answer = await get(pathOf(name));
    assert.equal(answer.status, 404, name);
    assert.equal(problemIn(answer).code, "API_ROUTE");
  }
});

test("J8: the index cache of an open segment is served, and may be missing", async (t) => {
  const { runs, ports } = await memoryRuns();
  const run = await runs.record("life", { state: { cells: grid("u8", [16]) } });
  for (let tick = 0; tick <= limits.indexBlockFrames; tick++) await run.commit();
  await run.close();
  const { get } = await served(t, runs);
  const path = "/runs/life/cache/0000000000000000.seg.index";
  const answer = await get(pathOf("0000000000000000.seg/index"));
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, Buffer.from(ports.vfs.read(path)));
  ports.vfs.remove(path);
  const none = await get(pathOf("0000000000000000.seg/index"));
  assert.equal(none.status, 404);
  assert.equal(problemIn(none).code, "API_ROUTE");
});

test("S4: a file that becomes shorter while it is served breaks the connection", async (t) => {
  const { get, open, change, server } = await recorded(t);
  const { body } = await get(pathOf(open));
  change(open, (bytes) => bytes.slice(0, 100));
  const short = await get(pathOf(open));
  assert.equal(short.body.length, 100);
  assert.deepEqual(short.body, body.subarray(0, 100));
  assert(server.url.startsWith("http://127.0.0.1:"));
});
