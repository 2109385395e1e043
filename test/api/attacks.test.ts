import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { grid, limits, openRuns } from "everytick";
import { memoryRuns } from "../runs/memory-runs.ts";
import { ask, problemIn, served, temporaryFolder, type Served } from "./served.ts";

/** A run in memory, and a server over it. */
async function oneRun(t: TestContext): Promise<Served> {
  const { runs } = await memoryRuns();
  const run = await runs.record("life", { state: { cells: grid("u8", [4, 4]) } });
  for (let tick = 0; tick < 3; tick++) {
    run.state.cells[tick] = 1;
    await run.commit();
  }
  await run.close();
  return served(t, runs);
}

const routes = [
  "/v1/runs",
  "/v1/runs/life",
  "/v1/runs/life/segments",
  "/v1/runs/life/segments/0000000000000000.seg",
  "/v1/runs/life/segments/0000000000000000.seg/index",
  "/v1/runs/life/state/cells",
  "/v1/runs/life/series?name=changes",
  "/v1/runs/life/live",
  "/v1/openapi.json",
  "/",
  "/r/life",
  "/assets/index.js",
];

// --- Paths -----------------------------------------------------------------------------------------------------

const secret = "nobody may read this";
const names = [
  "..",
  "../..",
  "../secret",
  "../../../../../../../../etc/passwd",
  "..%2fsecret",
  "..%2Fsecret",
  "%2e%2e%2fsecret",
  "%2e%2e/secret",
  "%252e%252e%252fsecret",
  "..%5csecret",
  "..\\secret",
  "....//secret",
  "/secret",
  "//secret",
  "%2fsecret",
  "%2Fetc%2Fpasswd",
  "file:///etc/passwd",
  "%5c%5chost%5cshare",
  "C:%5csecret",
  "C:secret",
  "secret%00",
  "life%00.txt",
  "LIFE",
  "life ",
  "life%20",
  "life.",
  "life%2e",
  "life::$DATA",
  "con",
  "nul.seg",
  "%c0%ae%c0%ae%c0%afsecret",
  "%e0%80%ae",
  "%uff0e%uff0e",
  "\u{ff0e}\u{ff0e}%2fsecret".replaceAll(/[^\x20-\x7e]/g, (each) => encodeURIComponent(each)),
  "%zz",
  "%",
  "link",
  "run.json",
  "journal",
  "lock.db",
  "run.json.new",
  "0000000000000000.seg%2f..%2f..%2frun.json",
  "__proto__",
  "constructor",
  "a".repeat(300),
  "a".repeat(3000),
];

test("S3: no name leads out of the folder of runs, whatever the route and the spelling", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, "secret"), secret);
  const page = join(folder, "page");
  await mkdir(join(page, "assets"), { recursive: true });
  await writeFile(join(page, "index.html"), "<!doctype html>");
  await writeFile(join(page, "secret"), secret);
  await symlink(folder, join(page, "assets/link"));
  await using runs = await openRuns(join(folder, "runs"));
  const run = await runs.record("life", { state: { cells: grid("u8", [4]) } });
  await run.commit();
  await run.close();
  await symlink(join(folder, "secret"), join(folder, "runs/life/journal/0000000000000009.seg"));
  const { get, server } = await served(t, runs, { page });
  assert(server.hasPage);
  const templates = [
    (name: string) => `/v1/runs/${name}`,
    (name: string) => `/v1/runs/${name}/segments`,
    (name: string) => `/v1/runs/${name}/segments/0000000000000000.seg`,
    (name: string) => `/v1/runs/life/segments/${name}`,
    (name: string) => `/v1/runs/life/segments/${name}/index`,
    (name: string) => `/v1/runs/${name}/state/cells`,
    (name: string) => `/v1/runs/life/state/${name}`,
    (name: string) => `/v1/runs/${name}/series?name=changes`,
    (name: string) => `/v1/runs/${name}/live`,
    (name: string) => `/assets/${name}`,
    (name: string) => `/${name}`,
  ];
  let refused = 0;
  for (const template of templates) {
    for (const name of names) {
      const path = template(name).replaceAll(" ", "%20");
      const answer = await get(path);
      assert(!answer.body.includes(secret), path);
      assert(answer.status >= 400 && answer.status < 500, `${path}: ${answer.status}`);
      problemIn(answer, path);
      refused += 1;
    }
  }
  assert.equal(refused, templates.length * names.length);
  assert.equal(Object.prototype.hasOwnProperty.call(Object.prototype, "polluted"), false);
});

test("S3: a link in the folder of a run is no segment", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, "secret"), secret);
  await using runs = await openRuns(join(folder, "runs"));
  const run = await runs.record("life", { state: { cells: grid("u8", [4]) } });
  await run.commit();
  await run.close();
  await symlink(join(folder, "secret"), join(folder, "runs/life/journal/0000000000000009.seg"));
  const { get } = await served(t, runs);
  for (const path of ["segments", "segments/0000000000000009.seg"]) {
    const { body } = await get(`/v1/runs/life/${path}`);
    assert(!body.includes(secret), path);
    assert(!body.includes('"0000000000000009.seg",'), path);
  }
});

// --- Whose request it is ---------------------------------------------------------------------------------------

const foreignHosts = [
  "evil.example",
  "evil.example:4173",
  "localhost.evil.example",
  "127.0.0.1.nip.io",
  "127.0.0.2",
  "0.0.0.0",
  "[::2]",
  "localhost@evil.example",
  "localhost:1:2",
  "localhost:port",
  "localhost/",
  "localhost\\",
  " ",
  "user:pass@localhost",
  "2130706433",
];
const ownHosts = ["localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:4173"];

test("S2: a host by another name is refused on every route, its own by any port is not", async (t) => {
  const { get } = await oneRun(t);
  for (const path of routes) {
    for (const host of foreignHosts) {
      const answer = await get(path, { headers: { host } });
      assert.equal(answer.status, 403, `${path} as ${host}`);
      assert.equal(problemIn(answer).code, "API_HOST");
    }
  }
  for (const host of ownHosts)
    assert.equal((await get("/v1/runs", { headers: { host } })).status, 200);
});

test("S2: a request from a page of another origin is refused on every route", async (t) => {
  const { get, server } = await oneRun(t);
  const { host } = new URL(server.url);
  const foreign = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://localhost:9999" },
    { origin: `http://${host}.evil.example` },
    { origin: `http://${host}/` },
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" },
    { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" },
    { "sec-fetch-site": "anything", "sec-fetch-mode": "websocket" },
  ];
  for (const path of routes) {
    for (const headers of foreign) {
      const answer = await get(path, { headers });
      assert.equal(answer.status, 403, `${path} with ${JSON.stringify(headers)}`);
      assert.equal(problemIn(answer).code, "API_HOST");
    }
  }
  const own = [
    { origin: server.url },
    { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" },
    { "sec-fetch-site": "none", "sec-fetch-mode": "navigate" },
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" },
  ];
  for (const headers of own) assert.equal((await get("/v1/runs", { headers })).status, 200);
});

test("S2: no answer allows another site to read, to embed or to guess its type", async (t) => {
  const { get } = await oneRun(t);
  const paths = routes.filter((path) => !path.endsWith("live"));
  for (const path of [...paths, "/nothing", "/v1/runs/%zz", "/v1/runs?limt=1"]) {
    for (const headers of [{}, { origin: "https://evil.example" }]) {
      const { headers: found } = await get(path, { headers });
      assert.deepEqual(
        Object.keys(found).filter((name) => name.startsWith("access-control")),
        [],
      );
      assert.equal(found["x-content-type-options"], "nosniff", path);
      assert.equal(found["cross-origin-resource-policy"], "same-origin", path);
      const policy = String(found["content-security-policy"]);
      assert.match(policy, /^default-src '(none|self)'/, path);
      assert.doesNotMatch(policy, /unsafe-inline| 'unsafe-eval'| \*/, path);
    }
  }
});

test("S1: whatever is not GET or HEAD is refused, with a body or without", async (t) => {
  const { get } = await oneRun(t);
  for (const path of routes) {
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]) {
      for (const body of [undefined, "x=1"]) {
        const answer = await get(
          path,
          body === undefined
            ? { method }
            : { method, body, headers: { "content-length": body.length } },
        );
        assert.equal(answer.status, 405, `${method} ${path}`);
        assert.equal(problemIn(answer).code, "API_METHOD");
        assert.equal(answer.headers["allow"], "GET, HEAD");
      }
    }
  }
  const answer = await get("/v1/runs", { headers: { "content-length": 3 }, body: "x=1" });
  assert.equal(problemIn(answer).code, "API_REQUEST");
});

// --- Too much --------------------------------------------------------------------------------------------------

test("S8: an oversized head, address or query is refused, and the server goes on", async (t) => {
  const { get, server } = await oneRun(t);
  const long = "x".repeat(limits.requestHeadBytes);
  const asked = [
    async () => get("/v1/runs", { headers: { "x-long": long } }),
    async () => get(`/${long}`),
    async () => get(`/v1/runs?filter=${long}`),
  ];
  for (const each of asked) {
    const answer = await each();
    assert.equal(answer.status, 431);
    assert.equal(problemIn(answer).code, "API_REQUEST");
  }
  for (const query of [
    "filter=" + "y".repeat(201),
    "limit=0",
    "limit=1001",
    "limit=x",
    "cursor=" + "c".repeat(200),
    "sort=nope",
    "limt=1",
    "__proto__=1",
    "filter[]=1",
  ]) {
    const answer = await get(`/v1/runs?${query}`);
    assert.equal(answer.status, 400, query);
    assert.equal(problemIn(answer).code, "API_REQUEST");
  }
  assert.equal((await ask(server.url, "/v1/runs")).status, 200);
});

const garbage = [
  "GET / HTTP/1.1\r\n\r\n",
  "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
  "GET\r\n\r\n",
  "\0\0\0\0\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
  "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
  "GET / HTTP/1.1\nHost: localhost\n bad: fold\n\n",
  "CONNECT evil.example:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "GET http://evil.example/v1/runs HTTP/1.1\r\nHost: evil.example\r\n\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
];

test("S8: what is no request is answered with 4xx or a closed connection, never a crash", async (t) => {
  const { server } = await oneRun(t);
  for (const text of garbage) {
    const found = await sentRaw(server.url, text);
    assert(
      found === "" || /^HTTP\/1\.1 4\d\d /.test(found),
      JSON.stringify([text, found.slice(0, 200)]),
    );
  }
  assert.equal((await ask(server.url, "/v1/runs")).status, 200);
});

test("S8: a client that sends its head drop by drop is cut off", async (t) => {
  const { server } = await oneRun(t);
  const socket = await connected(server.url);
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n");
  const drops = setInterval(() => socket.write("x-a: b\r\n"), 500);
  t.after(() => clearInterval(drops));
  const text = await endOf(socket);
  assert(text === "" || text.startsWith("HTTP/1.1 408"), text);
});

async function connected(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(Number(port), hostname, () => resolve(socket));
  socket.on("error", reject);
  return promise;
}

/** What the server sends until it closes the connection. */
async function endOf(socket: Socket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk) => (text += String(chunk)));
  socket.on("error", () => undefined);
  socket.on("close", () => resolve(text));
  return promise;
}

async function sentRaw(url: string, text: string): Promise<string> {
  const socket = await connected(url);
  const end = endOf(socket);
  socket.write(text);
  // A server that waits for more of it is told that there is none.
  socket.end();
  return end;
}
