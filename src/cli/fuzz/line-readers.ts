import type { Json } from "../../types.ts";
import {
  type Chance,
  emptyRuns,
  fileOf,
  noisy,
  oneFile,
  otherJson,
  otherText,
  type Reader,
} from "../../torture/index.ts";
import { readSchema } from "../ingest/declared-schema.ts";
import { parseDocument } from "../ingest/document.ts";
import { Ingestion } from "../ingest/ingestion.ts";

const schema: Json = {
  a: { kind: "table", key: "key", columns: { key: "u32", x: "f64", v: "f32[2]", b: "bytes" } },
  e: { kind: "edges", from: "a", to: "u8", columns: { w: "f16" } },
  l: { kind: "log", columns: { t: "utf8" }, role: "observed" },
  g: { kind: "grid", type: "u8", shape: [4, 3], chunk: [2, 2] },
  w: { kind: "value", columns: { rain: "f64", note: "json", id: "uuid", cell: "h3" } },
};
const cell = { coord: { x: 1, y: 2 }, old: 0, new: 1 };
/** Inputs with a schema, without one, and of cellular automata. */
const inputs: readonly (readonly Json[])[] = [
  [
    { schema, rows: "changed" },
    { tick: 0, store: "a", key: 1, x: 1.5, v: [1, 2], b: "AAE=" },
    { tick: 0, store: "e", from: 1, to: 2, w: "NaN" },
    { tick: 1, store: "l", t: "x" },
    { tick: 1, store: "g", index: [1, 2], values: [3, 4] },
    { tick: 2, store: "w", rain: 2, note: { a: [1] }, id: "00000000-0000-4000-8000-000000000001" },
    { tick: 5, store: "a", key: 1, deleted: true },
  ],
  [
    { tick: 3, store: "sheep", key: 7, x: 1.5, name: "a" },
    { tick: 3, store: "deaths", cause: "wolf" },
    { tick: 4, store: "sheep", key: 7, x: 2 },
    { tick: 4, store: "sheep", key: 7, deleted: true },
    { tick: 9 },
  ],
  [
    { run_id: "a", seq: 1, generation: 0, cells: [cell], timestamp: 1 },
    { run_id: "a", seq: 2, generation: 1, cells: [{ ...cell, old: 1, new: 0 }] },
    { run_id: "a", seq: 5, generation: 4, cells: [] },
  ],
];
const alphabet = '{}[]",:0123456789.eE+-\\nulltruefalse \n\u0000\uD800é';

function forgedLines(chance: Chance): Uint8Array {
  const documents = [...chance.pick(inputs)];
  for (let left = 1 + chance.below(2); left > 0; left--) {
    const at = chance.below(documents.length);
    const document = documents[at] as Json;
    const kind = chance.below(8);
    if (kind === 0) documents.splice(at, 1);
    else if (kind === 1) documents.splice(at, 0, chance.pick(chance.pick(inputs)));
    else documents[at] = otherJson(document, chance);
    if (documents.length === 0) break;
  }
  const lines = documents.map((document) => JSON.stringify(document));
  if (chance.chance(0.2)) {
    const at = chance.below(lines.length + 1);
    lines[at] = otherText(lines[at] ?? "", chance, alphabet);
  }
  const bytes = new TextEncoder().encode(lines.join(chance.pick(["\n", "\n", "\r\n", "\n\n"])));
  return chance.chance(0.15) ? noisy(bytes, chance) : bytes;
}

/** Lines of JSON, recorded and then read as a run. */
export const linesReader: Reader = {
  name: "lines",
  async make(_seed, chance) {
    return Promise.resolve(oneFile(forgedLines(chance)));
  },
  async read(input, { codecs }) {
    await using runs = await emptyRuns(codecs);
    await using ingestion = new Ingestion({
      folder: runs.folder,
      declared: undefined,
      recorded: undefined,
      isWhole: false,
      signal: new AbortController().signal,
      counts: { rows: 0, messages: 0, compared: 0, gaps: 0, repeated: 0, different: 0 },
      warn: () => undefined,
      open: async (world) => runs.record("a", { world, sparse: true, window: 64 }),
      onAck: () => undefined,
    });
    await ingestion.record(pieces(fileOf(input)));
    await ingestion.run?.close();
  },
};

/** In pieces that end anywhere. */
async function* pieces(bytes: Uint8Array): AsyncGenerator<Buffer, void, undefined> {
  const size = 1 + (bytes.length % 100);
  for (let at = 0; at < bytes.length; at += size) {
    yield Promise.resolve(Buffer.from(bytes.subarray(at, at + size)));
  }
}

export const schemaReader: Reader = {
  name: "schema",
  async make(_seed, chance) {
    const document = otherJson({ schema, rows: "whole" }, chance);
    const text = JSON.stringify(document);
    const other = chance.chance(0.1) ? otherText(text, chance, alphabet) : text;
    return Promise.resolve(oneFile(new TextEncoder().encode(other)));
  },
  read(input) {
    readSchema(parseDocument(new TextDecoder().decode(fileOf(input))));
  },
};
