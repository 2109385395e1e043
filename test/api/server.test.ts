import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { grid } from "everytick";
import { openServer } from "everytick/api";
import { ManualClock } from "everytick/testing";
import { Gate } from "../../src/api/gate.ts";
import { problemOf } from "../../src/api/problem.ts";
import { Rate } from "../../src/api/rate.ts";
import { limits } from "../../src/limits.ts";
import { memoryRuns, refusal } from "../runs/memory-runs.ts";
import { served, temporaryFolder } from "./served.ts";

async function oneRun() {
  const { runs } = await memoryRuns();
  await using run = await runs.record("life", { state: { cells: grid("u8", [4]) } });
  await run.commit();
  return runs;
}

test("S14: the OpenAPI document describes every route, what it takes and what it gives", async (t) => {
  const { json } = await served(t, await oneRun());
  interface Operation {
    readonly summary?: string;
    readonly responses: object;
  }
  interface Document {
    readonly openapi: string;
    readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
  }
  const { openapi, paths } = await json<Document>("/v1/openapi.json");
  assert.equal(openapi, "3.1.0");
  assert.deepEqual(Object.keys(paths), [
    "/v1/runs",
    "/v1/runs/{run}",
    "/v1/runs/{run}/segments",
    "/v1/runs/{run}/segments/{name}",
    "/v1/runs/{run}/segments/{name}/index",
    "/v1/runs/{run}/state/{store}",
    "/v1/runs/{run}/series",
    "/v1/runs/{run}/live",
  ]);
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { summary = "", responses }] of Object.entries(operations)) {
      assert(["get", "head"].includes(method), `${method} ${path}`);
      assert(summary.length > 10, path);
      assert("default" in responses, path);
    }
  }
});

test("S14: a page is served with a policy that no markup gets around, its files for ever", async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, "assets"));
  await writeFile(join(folder, "index.html"), "<!doctype html><title>everytick</title>");
  await writeFile(join(folder, "assets/index-abc.js"), "export {};");
  await writeFile(join(folder, "assets/probe-abc.js"), "export {};");
  await writeFile(join(folder, "assets/secret.txt"), "not of a page");
  const { get } = await served(t, await oneRun(), { page: folder });
  for (const path of ["/", "/r/life", "/r/nobody", "/r/%3Cscript%3E"]) {
    const { status, headers, body } = await get(path);
    assert.equal(status, 200, path);
    assert.equal(headers["content-type"], "text/html; charset=utf-8");
    assert.equal(headers["cache-control"], "no-cache");
    assert.match(body.toString(), /everytick/);
    const policy = String(headers["content-security-policy"]);
    assert.match(policy, /^default-src 'self'; script-src 'self' 'wasm-unsafe-eval';/);
    assert.doesNotMatch(policy, /unsafe-inline| 'unsafe-eval'/);
  }
  const script = await get("/assets/index-abc.js");
  assert.equal(script.headers["cache-control"], "public, max-age=31536000, immutable");
  assert.equal(script.headers["content-type"], "text/javascript; charset=utf-8");
  assert.doesNotMatch(String(script.headers["content-security-policy"]), / 'unsafe-eval'/);
  // A worker that evaluates what a person types can reach nothing.
  const probe = await get("/assets/probe-abc.js");
  const policy = String(probe.headers["content-security-policy"]);
  assert.equal(policy, "default-src 'none'; script-src 'self' 'unsafe-eval'");
  assert.equal((await get("/assets/secret.txt")).status, 404);
});

test("S14: without a built page the server says how to build it", async (t) => {
  const { get, server } = await served(t, await oneRun(), { page: "/nowhere" });
  assert.equal(server.hasPage, false);
  const { status, body } = await get("/");
  assert.equal(status, 503);
  assert.match(body.toString(), /npm run build/);
});

test("S8: more requests than a client may make are refused until time has passed", async () => {
  const clock = new ManualClock();
  const rate = new Rate(clock);
  for (let request = 0; request < limits.requestsAtOnce; request++) rate.take("::1");
  assert.throws(() => rate.take("::1"), { code: "API_BUSY" });
  rate.take("127.0.0.1");
  await clock.sleep(1000);
  for (let request = 0; request < limits.requestsPerSecond; request++) rate.take("::1");
  assert.throws(() => rate.take("::1"), { code: "API_BUSY" });
});

test("S8: work beyond what is done at once waits, beyond that it is refused, and late work is given up", async () => {
  const clock = { sleep: async () => new Promise<void>(() => {}) };
  const gate = new Gate({ width: 2, waiting: 1, milliseconds: 5 }, clock as never);
  const work = Array.from({ length: 3 }, () => Promise.withResolvers<number>());
  let begun = 0;
  const answers = work.map(async ({ promise }) =>
    gate.run(async () => {
      begun += 1;
      return promise;
    }),
  );
  assert.equal(begun, 2);
  await refusal(async () => gate.run(async () => Promise.resolve()), "API_BUSY");
  work[0]?.resolve(0);
  assert.equal(await answers[0], 0);
  assert.equal(begun, 3);
  work[1]?.reject(new Error("of the work"));
  work[2]?.resolve(2);
  await assert.rejects(async () => answers[1], /of the work/);
  assert.equal(await answers[2], 2);
  const late = { sleep: async () => Promise.resolve() };
  const hasty = new Gate({ width: 1, waiting: 1, milliseconds: 5 }, late as never);
  const first = Promise.withResolvers<void>();
  await refusal(async () => hasty.run(async () => first.promise), "API_DEADLINE");
  // What was given up in the line is not begun when its turn comes.
  let isBegun = false;
  const second = hasty.run(async () => Promise.resolve((isBegun = true)));
  await refusal(async () => second, "API_DEADLINE");
  first.resolve();
  await first.promise;
  assert.equal(isBegun, false);
});

test("S6: what went wrong inside is told to the server's own terminal and to nobody else", async (t) => {
  const runs = await oneRun();
  const failures: unknown[] = [];
  const { get } = await served(t, runs, { onFailure: (error) => failures.push(error) });
  runs.ids = () => {
    throw new TypeError("a secret of the server");
  };
  const { status, body } = await get("/v1/runs");
  assert.equal(status, 500);
  assert.match(body.toString(), /API_FAILED/);
  assert.doesNotMatch(body.toString(), /secret/);
  assert.equal(failures.length, 1);
  assert.equal(problemOf(failures[0]).code, "API_FAILED");
});

test("S8: an address that cannot be listened at is refused", async () => {
  const runs = await oneRun();
  await using first = await openServer(runs);
  const port = Number(new URL(first.url).port);
  await refusal(async () => openServer(runs, { port }), "API_ADDRESS", { found: /EADDRINUSE/ });
  for (const wrong of [-1, 65_536, 1.5, Number.NaN]) {
    await refusal(async () => openServer(runs, { port: wrong }), "API_OPTION");
  }
});

test("S8: without the optional packages only the server is missing, and the error names them", async (t) => {
  const folder = await temporaryFolder(t);
  const hooks = `import { registerHooks } from "node:module";
    registerHooks({ resolve(specifier, context, next) {
      if (!/^(fastify|typebox|@fastify\\/)/.test(specifier)) return next(specifier, context);
      const error = new Error("Cannot find package '" + specifier + "' imported from here");
      throw Object.assign(error, { code: "ERR_MODULE_NOT_FOUND" });
    } });`;
  await writeFile(join(folder, "hooks.mjs"), hooks);
  const source = (path: string): string =>
    JSON.stringify(join(import.meta.dirname, "../../src", path));
  const program = `
    const { openRuns } = await import(${source("index.ts")});
    const { openServer } = await import(${source("api/index.ts")});
    const runs = await openRuns("./runs");
    try { await openServer(runs); } catch (error) { console.log(error.message); }`;
  const args = [
    "--conditions=source",
    "--import",
    "./hooks.mjs",
    "--input-type=module",
    "--eval",
    program,
  ];
  const text = execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  assert.match(text, /^API_PACKAGES/);
  assert.match(text, /next +npm install fastify @fastify\/swagger typebox/);
});
