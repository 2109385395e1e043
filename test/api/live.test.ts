import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { grid, limits, openRuns, type LiveRun, type Runs } from "everytick";
import { LiveWatches } from "../../src/api/live-watch.ts";
import { nodeClock } from "../../src/journal/clock-node.ts";
import { finished, slowWorld, start, writeWorld } from "../cli/everytick-process.ts";
import { memoryRuns } from "../runs/memory-runs.ts";
import {
  openStream,
  problemIn,
  served,
  temporaryFolder,
  type LiveEvent,
  type Served,
} from "./served.ts";

const path = "/v1/runs/life/live";

async function recording(
  t: TestContext,
): Promise<Served & { readonly runs: Runs; readonly run: LiveRun; readonly folder: string }> {
  const folder = await temporaryFolder(t);
  const runs = await openRuns(folder);
  t.after(() => runs.close());
  const state = { cells: grid("u8", [64]) };
  const run = (await runs.record("life", { state, durability: "os" })) as unknown as LiveRun;
  for (let tick = 0; tick < 5; tick++) await run.commit();
  return { ...(await served(t, runs)), runs, run, folder };
}

async function nextOf(events: AsyncGenerator<LiveEvent, void, undefined>): Promise<LiveEvent> {
  const { value, done } = await events.next();
  assert(done !== true, "the stream ended");
  return value;
}

/** Reads on until a tick is told. */
async function until(
  events: AsyncGenerator<LiveEvent, void, undefined>,
  tick: number,
): Promise<LiveEvent> {
  for (;;) {
    const event = await nextOf(events);
    if (event.data["tick"] === tick) return event;
  }
}

test("S7, TAK-62: ticks are told as they are recorded, each behind the one before", async (t) => {
  const { server, run } = await recording(t);
  const { events, close } = await openStream(server.url, path);
  const first = await nextOf(events);
  assert.deepEqual(first, {
    id: String(run.tick),
    event: undefined,
    data: { after: null, firstTick: 0, tick: run.tick, isRecording: true },
  });
  let told: number = run.tick;
  for (let round = 0; round < 5; round++) {
    for (let tick = 0; tick < 20; tick++) await run.commit();
    // Some of them may be told together; none is told twice, and each event says which it stands for.
    while (told < run.tick) {
      const { id, data } = await nextOf(events);
      assert.equal(data["after"], told);
      told = Number(data["tick"]);
      assert.equal(id, String(told));
      assert(told <= run.tick);
    }
  }
  await run.close();
  assert.equal((await nextOf(events)).data["isRecording"], false);
  close();
});

test("S7: who comes back is told everything behind the last tick that it knew", async (t) => {
  const { server, run } = await recording(t);
  const before = await openStream(server.url, path);
  const known = run.tick;
  assert.equal((await nextOf(before.events)).id, String(known));
  before.close();
  for (let tick = 0; tick < 50; tick++) await run.commit();
  const again = await openStream(server.url, path, { "last-event-id": String(known) });
  assert.deepEqual((await nextOf(again.events)).data, {
    after: known,
    firstTick: 0,
    tick: known + 50,
    isRecording: true,
  });
  again.close();
  for (const id of ["x", "-1", "1e3", "9".repeat(30), ""]) {
    const strange = await openStream(server.url, path, { "last-event-id": id });
    assert.equal((await nextOf(strange.events)).data["after"], null, id);
    strange.close();
  }
});

test("S7: a run that another process records is followed to its end", async (t) => {
  const folder = await temporaryFolder(t);
  await writeWorld(folder, "slow.ts", slowWorld(2));
  const args = ["run", "slow.ts", "--ticks", "150", "--id", "life", "--acks"];
  const child = start(args, { cwd: folder });
  const end = finished(child);
  await using runs = await openRuns(join(folder, "runs"));
  const { server, get, json } = await served(t, runs);
  while ((await get("/v1/runs/life")).status !== 200);
  const { events, close } = await openStream(server.url, path);
  let told: unknown = null;
  for (;;) {
    const { data } = await nextOf(events);
    assert.equal(data["after"], told);
    told = data["tick"];
    // What is told can be read.
    const state = await json<{ tick: number }>(`/v1/runs/life/state/cells?tick=${String(told)}`);
    assert.equal(state.tick, told);
    if (told === 150) break;
  }
  close();
  assert.equal((await end).code, 0);
  assert.equal((await json<{ state: string }>("/v1/runs/life")).state, "closed");
});

test("S7, S8: a client that does not read costs a few events, and gets the latest when it does", async (t) => {
  const { server, run } = await recording(t);
  const { hostname, port } = new URL(server.url);
  const stalled = Array.from({ length: 50 }, () => {
    const socket = connect(Number(port), hostname).pause();
    socket.on("error", () => undefined);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    return socket;
  });
  t.after(() => stalled.forEach((socket) => socket.destroy()));
  const { events, close } = await openStream(server.url, path);
  for (let tick = 0; tick < 2000; tick++) await run.commit();
  await until(events, run.tick);
  close();
  const [socket] = stalled;
  assert(socket !== undefined);
  let text = "";
  socket.setEncoding("utf8");
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.includes(`\nid: ${run.tick}\n`)) break;
  }
  // Events are told apart by the time between two looks, not by ticks.
  assert(text.split("\nid: ").length < 1000, `${text.split("\nid: ").length} events`);
});

test("S7, S8: of ten thousand that went away nothing is left", async () => {
  const { runs } = await memoryRuns();
  const run = await runs.record("life", { state: { cells: grid("u8", [4]) } });
  await run.commit();
  const watches = new LiveWatches(runs, nodeClock);
  for (let round = 0; round < 10_000 / 100; round++) {
    const gone = new AbortController();
    const followers = Array.from({ length: 100 }, () => watches.follow("life", gone.signal));
    const firsts = await Promise.all(followers.map(async (each) => each.next()));
    assert(firsts.every(({ value }) => value?.tick === run.tick));
    // Some are in the middle of waiting, some are not.
    const waiting = followers.slice(0, 50).map(async (each) => each.next());
    gone.abort();
    for (const each of await Promise.all(waiting)) assert.equal(each.done, true);
    await Promise.all(followers.map(async (each) => each.return()));
  }
  // All places are free again.
  const all = Array.from({ length: limits.serverLiveStreams }, () =>
    watches.follow("life", new AbortController().signal),
  );
  await Promise.all(all.map(async (each) => each.next()));
  await assert.rejects(watches.follow("life", new AbortController().signal).next(), {
    code: "API_BUSY",
  });
  await Promise.all(all.map(async (each) => each.return()));
  await run.close();
});

test("S7: a run that is removed or replaced ends the stream with a problem", async (t) => {
  const { server, run, runs, folder } = await recording(t);
  await run.close();
  const { events } = await openStream(server.url, path);
  await nextOf(events);
  await rm(join(folder, "life"), { recursive: true });
  const event = await nextOf(events);
  assert.equal(event.event, "problem");
  assert.equal(event.data["code"], "RUNS_MISSING");
  assert.equal((await events.next()).done, true);

  const next = await runs.record("life", { state: { cells: grid("u8", [64]) } });
  await next.commit();
  await next.close();
  const second = await openStream(server.url, path);
  await nextOf(second.events);
  await rm(join(folder, "life"), { recursive: true });
  const other = await runs.record("life", { state: { cells: grid("u8", [64]) } });
  await other.commit();
  for (;;) {
    const { event: kind, data } = await nextOf(second.events);
    if (kind !== "problem") continue;
    assert.equal(data["code"], "RUNS_MISSING");
    break;
  }
});

test("S6: a stream of what is not there is refused before it begins", async (t) => {
  const { get } = await recording(t);
  const answer = await get("/v1/runs/nobody/live");
  assert.equal(answer.status, 404);
  assert.equal(problemIn(answer).code, "RUNS_MISSING");
});

test("S9: closing ends the streams and lets answers finish", async (t) => {
  await using runs = await openRuns(await temporaryFolder(t));
  const run = await runs.record("life", { state: { cells: grid("u8", [4000, 4000]) } });
  run.state.cells.fill(7);
  await run.commit();
  await run.close();
  const { server, get } = await served(t, runs);
  const { events } = await openStream(server.url, path);
  await nextOf(events);
  const { hostname, port } = new URL(server.url);
  const headers = { accept: "application/octet-stream", connection: "keep-alive" };
  const sent = request({ hostname, port, path: "/v1/runs/life/state/cells", headers }).end();
  const [answer] = (await once(sent, "response")) as [AsyncIterable<Buffer>];
  // Under way, and more than fits between the two: it ends only if it is read.
  const closing = server.close();
  assert.equal((await events.next()).done, true);
  let length = 0;
  for await (const chunk of answer) length += chunk.length;
  assert.equal(length, 16_000_000);
  await closing;
  await assert.rejects(get("/v1/runs"), { code: "ECONNREFUSED" });
});
