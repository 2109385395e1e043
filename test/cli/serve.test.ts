import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { browserCommand } from "../../src/cli/browser.ts";
import type { ServeJson } from "../../src/cli/commands/serve.ts";
import { ask } from "../api/served.ts";
import {
  counterWorld,
  everytick,
  finished,
  start,
  temporaryFolder,
  writeWorld,
} from "./everytick-process.ts";

async function recorded(t: TestContext): Promise<string> {
  const cwd = await temporaryFolder(t);
  await writeWorld(cwd, "counter.ts", counterWorld);
  const args = ["run", "counter.ts", "--ticks", "5", "--id", "one"];
  assert.equal((await everytick(args, { cwd })).code, 0);
  return cwd;
}

/** The text that a process prints until it matches. */
async function printed(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  assert(child.stdout !== null);
  let text = "";
  const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
  child.stdout.on("data", (chunk) => {
    text += String(chunk);
    const match = pattern.exec(text);
    if (match !== null) resolve(match);
  });
  child.on("close", () => reject(new Error(`it ended after: ${text}`)));
  return promise;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`S9, L3: serve prints its address, serves, and ends in good order with ${signal}`, async (t) => {
    const cwd = await recorded(t);
    const child = start(["serve", "--port", "0"], { cwd });
    const end = finished(child);
    const [, url = ""] = await printed(child, /serving +(http:\/\/127\.0\.0\.1:\d+)\n/);
    assert.equal((await ask(url, "/v1/runs/one")).status, 200);
    assert.equal((await ask(url, "/v1/runs/one", { headers: { host: "evil" } })).status, 403);
    child.kill(signal);
    const { code, stderr } = await end;
    assert.equal(code, 0, stderr);
  });
}

test("L2: serve --json prints one document once it listens", async (t) => {
  const cwd = await recorded(t);
  const child = start(["serve", "--json", "--port", "0", "--allow-host", "sim.example"], { cwd });
  const end = finished(child);
  await printed(child, /\n\}\n/);
  child.kill("SIGINT");
  const { stdout } = await end;
  const { url, folder, hasPage } = JSON.parse(stdout) as ServeJson;
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(folder, "./runs");
  assert.equal(typeof hasPage, "boolean");
});

test("inspect opens the page of the run in the browser of the environment", async (t) => {
  const cwd = await recorded(t);
  const browser = join(cwd, "browser.sh");
  await writeFile(browser, '#!/bin/sh\nprintf %s "$1" > opened\n');
  await chmod(browser, 0o755);
  for (const args of [["--no-open"], []]) {
    const child = start(["inspect", "one", ...args, "--port", "0"], {
      cwd,
      env: { BROWSER: browser },
    });
    const end = finished(child);
    const [, url = "", opened] = await printed(
      child,
      /inspect +(\S+\/r\/one)( \(opened\))?\n[^]*Ctrl-C/,
    );
    const [status] = [(await ask(url, "/v1/runs/one")).status];
    assert.equal(status, 200);
    child.kill("SIGINT");
    assert.equal((await end).code, 0);
    if (args.length > 0) assert.equal(opened, undefined);
    if (opened !== undefined) assert.equal(await readFile(join(cwd, "opened"), "utf8"), url);
  }
});

test("L1: what cannot be served or inspected is an error before anything is opened", async (t) => {
  const cwd = await recorded(t);
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [["inspect", "nobody"], 1, /^RUNS_MISSING/],
    [["inspect", "../one"], 2, /^RUNS_ID/],
    [["serve", "--port", "65536"], 2, /^CLI_USAGE/],
    [["serve", "--host", "256.0.0.1", "--port", "0"], 1, /^API_ADDRESS/],
  ];
  for (const [args, code, pattern] of cases) {
    const result = await everytick(args, { cwd });
    assert.equal(result.code, code, args.join(" "));
    assert.match(result.stderr, pattern);
  }
});

test("a browser is asked for as each system does it, and not where there is none", () => {
  assert.deepEqual(browserCommand("darwin", {}), ["open"]);
  assert.deepEqual(browserCommand("win32", {}), ["cmd", "/c", "start", ""]);
  assert.deepEqual(browserCommand("linux", { DISPLAY: ":0" }), ["xdg-open"]);
  assert.deepEqual(browserCommand("linux", { WAYLAND_DISPLAY: "wayland-0" }), ["xdg-open"]);
  assert.equal(browserCommand("linux", {}), undefined);
  assert.equal(browserCommand("darwin", { BROWSER: "none" }), undefined);
  assert.deepEqual(browserCommand("linux", { BROWSER: "firefox" }), ["firefox"]);
});
