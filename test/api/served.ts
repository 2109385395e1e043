/** A server over runs, and requests to it as they are: paths are not tidied up and headers not forbidden, as in a browser. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { errorCodes, type ErrorCode, type Runs } from "everytick";
import { openServer, type Server, type ServerOptions } from "everytick/api";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}
export interface Asked {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}
export interface Served {
  readonly server: Server;
  readonly get: (path: string, asked?: Asked) => Promise<Answer>;
  /** The JSON of an answer that must be 200. */
  readonly json: <T>(path: string, asked?: Asked) => Promise<T>;
}

/** @param options a failure that is no error of ours fails the test, unless they take it. */
export async function served(
  t: TestContext,
  runs: Runs,
  options: ServerOptions = {},
): Promise<Served> {
  const failures: unknown[] = [];
  const onFailure = (error: unknown): unknown => failures.push(error);
  const server = await openServer(runs, { onFailure, ...options });
  t.after(async () => {
    await server.close();
    assert.deepEqual(failures, []);
  });
  const get = async (path: string, asked: Asked = {}): Promise<Answer> =>
    ask(server.url, path, asked);
  const json = async <T>(path: string, asked: Asked = {}): Promise<T> => {
    const { status, body } = await get(path, asked);
    assert.equal(status, 200, `${path}: ${body.toString()}`);
    return JSON.parse(body.toString()) as T;
  };
  return { server, get, json };
}

export async function ask(
  url: string,
  path: string,
  { method = "GET", headers = {}, body }: Asked = {},
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", reject);
    response.on("end", () => {
      const { statusCode: status = 0, headers: found } = response;
      resolve({ status, headers: found, body: Buffer.concat(chunks) });
    });
  });
  sent.on("error", reject);
  sent.end(body);
  return promise;
}

export interface ProblemJson {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly [name: string]: unknown;
}

/** The problem that an answer is: whole, and of one of our codes. */
export function problemIn({ status, headers, body }: Answer, what = ""): ProblemJson {
  const text = body.toString();
  assert.equal(
    headers["content-type"],
    "application/problem+json; charset=utf-8",
    `${what} ${text}`,
  );
  const problem = JSON.parse(text) as ProblemJson;
  assert.equal(problem.status, status);
  assert.equal(problem.title, errorCodes[problem.code]);
  assert.equal(problem.type, `urn:everytick:error:${problem.code}`);
  assert(problem.detail.length > 0);
  assert.doesNotMatch(text, /\[object |undefined/);
  return problem;
}

export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "everytick-api-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens a stream of live ticks. */
export async function openStream(
  url: string,
  path: string,
  headers: OutgoingHttpHeaders = {},
): Promise<{
  readonly events: AsyncGenerator<LiveEvent, void, undefined>;
  readonly close: () => void;
}> {
  const { hostname, port } = new URL(url);
  const sent = request({ hostname, port, path, headers, agent: false });
  sent.on("error", () => undefined);
  sent.end();
  const [response] = (await once(sent, "response")) as [
    AsyncIterable<Buffer> & { statusCode: number },
  ];
  assert.equal(response.statusCode, 200);
  return { events: eventsIn(response), close: () => sent.destroy() };
}

export interface LiveEvent {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: { readonly [name: string]: unknown };
}

async function* eventsIn(
  response: AsyncIterable<Buffer>,
): AsyncGenerator<LiveEvent, void, undefined> {
  let text = "";
  for await (const chunk of response) {
    text += chunk.toString();
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const field = (name: string): string | undefined =>
        new RegExp(`^${name}: (.*)$`, "m").exec(text.slice(0, end))?.[1];
      const data = JSON.parse(field("data") ?? "null") as LiveEvent["data"];
      yield { id: field("id"), event: field("event"), data };
      text = text.slice(end + 2);
    }
  }
}
