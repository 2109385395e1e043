import {
  errorCodes,
  EverytickError,
  type ErrorCode,
  type ErrorDetails,
} from "../../../src/errors.ts";
import type { SegmentSource } from "../../../src/journal/journal-reader.ts";
import type { ByteSource } from "../../../src/types.ts";
import { Recent } from "./recent.ts";

/** Ranges are fetched in blocks of this size, so that scrubbing to and fro finds them here. */
const blockBytes = 256 * 1024;
const cacheBytes = 32 * 1024 * 1024;

/** `fetch`, as a port: a test gives another one. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

type Blocks = Recent<string, Uint8Array>;
/** Whether what the browser kept of a file is still believed. */
interface Trust {
  isGone: boolean;
}

/** The segments of a run on a server, read by byte range. One bounded cache serves all of them. */
export class HttpSegments implements SegmentSource {
  readonly #base: string;
  readonly #version: string;
  readonly #fetch: Fetch;
  readonly #blocks: Blocks = new Recent(cacheBytes, ({ length }) => length);
  readonly #trust: Trust = { isGone: false };

  /** @param base `/v1/runs/{run}`; @param uuid of the run, so that a cached byte is never another run's. */
  constructor(base: string, uuid: string, fetchPort: Fetch) {
    this.#base = base;
    this.#version = uuid;
    this.#fetch = fetchPort;
  }

  /**
   * Forgets what was read, here and in the browser's cache: damage may be in a copy alone.
   * @returns whether that was not done before
   */
  distrust(): boolean {
    const isNew = !this.#trust.isGone;
    this.#trust.isGone = true;
    this.#blocks.clear();
    return isNew;
  }

  async list(): Promise<readonly string[]> {
    const response = await answered(this.#fetch, `${this.#base}/segments`);
    const { segments } = (await response.json()) as { segments: { name: string }[] };
    return segments.map(({ name }) => name);
  }

  async open(name: string): Promise<ByteSource> {
    const url = `${this.#base}/segments/${encodeURIComponent(name)}?v=${this.#version}`;
    return Promise.resolve(new HttpFile(url, name, this.#fetch, this.#blocks, this.#trust));
  }

  async cache(name: string): Promise<Uint8Array | undefined> {
    const url = `${this.#base}/segments/${encodeURIComponent(name)}/index?v=${this.#version}`;
    const response = await answered(this.#fetch, url, {}, [404]);
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
  }
}

class HttpFile implements ByteSource {
  readonly #url: string;
  readonly #name: string;
  readonly #fetch: Fetch;
  readonly #blocks: Blocks;
  readonly #trust: Trust;

  constructor(url: string, name: string, fetchPort: Fetch, blocks: Blocks, trust: Trust) {
    this.#trust = trust;
    this.#url = url;
    this.#name = name;
    this.#fetch = fetchPort;
    this.#blocks = blocks;
  }

  /** Asked of the server each time: a segment that is written grows. */
  async size(): Promise<number> {
    const response = await this.#range(0, 1);
    const [, size] = /\/(\d+)$/.exec(response.headers.get("content-range") ?? "") ?? [];
    if (size !== undefined) return Number(size);
    if (response.status === 416) return 0;
    throw new EverytickError("JOURNAL_READ", {
      where: this.#name,
      expected: "a Content-Range",
      found: `status ${response.status}`,
    });
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    if (length <= 0) return new Uint8Array(0);
    const first = Math.floor(offset / blockBytes);
    const last = Math.floor((offset + length - 1) / blockBytes);
    const blocks = await Promise.all(
      Array.from({ length: last - first + 1 }, async (_, i) => this.#block(first + i)),
    );
    const bytes = new Uint8Array(length);
    let end = 0;
    for (const [i, block] of blocks.entries()) {
      const start = (first + i) * blockBytes;
      const part = block.subarray(Math.max(0, offset - start), offset + length - start);
      bytes.set(part, end);
      end += part.length;
    }
    return end === length ? bytes : bytes.subarray(0, end);
  }

  /** A block that the end of the file cuts is not kept: the file may grow. */
  async #block(number: number): Promise<Uint8Array> {
    const key = `${number} ${this.#url}`;
    const known = this.#blocks.get(key);
    if (known !== undefined) return known;
    const response = await this.#range(number * blockBytes, blockBytes);
    if (response.status === 416) return new Uint8Array(0);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.length === blockBytes) this.#blocks.keep(key, bytes);
    return bytes;
  }

  async #range(offset: number, length: number): Promise<Response> {
    const headers = { range: `bytes=${offset}-${offset + length - 1}` };
    const init: RequestInit = this.#trust.isGone ? { headers, cache: "reload" } : { headers };
    return answered(this.#fetch, this.#url, init, [416]);
  }

  async close(): Promise<void> {
    return Promise.resolve();
  }
}

/**
 * @param expected statuses beside 2xx that are an answer.
 * @throws JOURNAL_READ when nobody answers; what the server says is wrong, under its own code
 */
export async function answered(
  fetchPort: Fetch,
  url: string,
  init: RequestInit = {},
  expected: readonly number[] = [],
): Promise<Response> {
  let response: Response;
  try {
    response = await fetchPort(url, init);
  } catch (cause) {
    const next = "Is the server still running? The page tries again by itself.";
    throw new EverytickError("JOURNAL_READ", { where: url, found: "no answer", next }, { cause });
  }
  if (response.ok || expected.includes(response.status)) return response;
  throw await refusalOf(response, url);
}

async function refusalOf(response: Response, url: string): Promise<EverytickError> {
  const found = `status ${response.status}`;
  const unknown = new EverytickError("JOURNAL_READ", { where: url, expected: "an answer", found });
  if (!response.headers.get("content-type")?.startsWith("application/problem+json")) return unknown;
  const problem = (await response.json()) as ErrorDetails & { readonly code?: string };
  const { code, where, next } = problem;
  if (code === undefined || !(code in errorCodes)) return unknown;
  const details = { where, expected: problem.expected, found: problem.found, next };
  return new EverytickError(code as ErrorCode, details);
}
