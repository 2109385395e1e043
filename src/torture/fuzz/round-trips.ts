import { BodyWriter, readBody } from "../../format/body.ts";
import { applyChanges, ChangeFinder } from "../../format/changes.ts";
import { numbersOf } from "../../format/column-types.ts";
import { DifferenceReader } from "../../format/difference-reader.ts";
import { Image } from "../../format/image.ts";
import { canonicalJson, parseJson } from "../../format/json.ts";
import type { LastDifferences } from "../../format/last-differences.ts";
import {
  type ColumnLayout,
  isGrowing,
  type Layout,
  layoutOf,
  type StoreLayout,
} from "../../format/layout.ts";
import { readSegmentHeader, writeSegmentHeader } from "../../format/segment.ts";
import type { Chance } from "../../testing/index.ts";
import type { Codecs, Json, WorldSchema } from "../../types.ts";
import { schemaOf } from "../../world/index.ts";
import { expect } from "../oracle.ts";
import { otherJson } from "./json-noise.ts";
import { randomDefinition } from "./random-state.ts";

const ticks = 6;

/** A random world through all that writes and reads. @returns how many values were compared. @throws Violation */
export function roundTrip(chance: Chance, codecs: Codecs): number {
  const world = schemaOf({
    name: "fuzz",
    version: 0,
    params: {},
    streams: ["main"],
    state: randomDefinition(chance),
  });
  jsonTrip(world, chance);
  headerTrip(world, codecs);
  return statesTrip(layoutOf(world), chance, codecs);
}

function jsonTrip(world: WorldSchema, chance: Chance): void {
  const value = otherJson(world as unknown as Json, chance);
  let text: string;
  try {
    text = canonicalJson(value, "a value");
  } catch {
    return;
  }
  expect(canonicalJson(parseJson(text), "a value") === text, `JSON is not canonical: ${text}`);
}

function headerTrip(world: WorldSchema, codecs: Codecs): void {
  const place = { uuid: new Uint8Array(16).fill(7), number: 3, generation: 0 };
  const digests = { historyDigest: new Uint8Array(16), worldHash: new Uint8Array(32) };
  const times = { firstTick: 2 ** 40 + 1, plannedSize: 0, epoch: 9 };
  const bytes = writeSegmentHeader({ ...place, ...digests, ...times, world }, codecs);
  const read = readSegmentHeader(bytes, "a.seg", codecs);
  expect(read.firstTick === times.firstTick && read.epoch === 9, "a header of other fields");
  expect(same(writeSegmentHeader(read, codecs), bytes), "a header is written differently again");
}

/** Writes states one behind the other twice; the bytes are the same, and lead there and back. */
function statesTrip(layout: Layout, chance: Chance, codecs: Codecs): number {
  const states = [new Image(layout)];
  for (let tick = 0; tick < ticks; tick++) states.push(changed(states.at(-1) as Image, chance));
  const bodies = written(states, codecs);
  const again = written(states, codecs);
  expect(
    bodies.every((body, i) => same(body, again[i] as Uint8Array)),
    "bodies are written differently again",
  );
  let known: LastDifferences | undefined;
  let values = 0;
  bodies.forEach((body, i) => {
    const [before, after] = [states[i], states[i + 1]] as [Image, Image];
    const forwards = new DifferenceReader(before, "before", known);
    const options = i === 0 ? {} : { differences: forwards };
    const read = readBody(body, layout, codecs, options);
    const image = new Image(layout);
    image.copyFrom(before);
    image.clear(isLog);
    for (const part of read.parts) applyChanges(image, part, "forward");
    values += compare(image, after, codecs, `tick ${i}`);
    known = i === 0 ? undefined : forwards.found;
    if (i === 0) return;
    const backwards = new DifferenceReader(image, "after", known);
    const back = readBody(body, layout, codecs, { differences: backwards });
    for (const part of back.parts) applyChanges(image, part, "back");
    image.clear(isLog);
    const withoutLogs = new Image(layout);
    withoutLogs.copyFrom(before);
    withoutLogs.clear(isLog);
    values += compare(image, withoutLogs, codecs, `tick ${i} backwards`);
  });
  return values;
}

function isLog({ lifetime }: StoreLayout): boolean {
  return lifetime.rows === "tick";
}

function written(states: readonly Image[], codecs: Codecs): Uint8Array[] {
  const writer = new BodyWriter(codecs, () => expect(false, "a small body is full"));
  const finder = new ChangeFinder(codecs);
  return states.slice(1).map((state, i) => {
    const isFirst = i === 0;
    for (const store of state.layout.stores) {
      // Rows of a log are changes from nothing.
      const isWhole = isFirst || isLog(store);
      const from = isWhole ? undefined : states[i]?.stores[store.number];
      const changes = finder.between(store, from, state.stores[store.number] ?? []);
      if (changes.columns.length > 0) writer.add(changes, isWhole);
    }
    return (isFirst ? writer.finishKeyframe() : writer.finishDelta()).slice();
  });
}

function compare(image: Image, expected: Image, codecs: Codecs, what: string): number {
  const finder = new ChangeFinder(codecs);
  let values = 0;
  for (const store of image.layout.stores) {
    const [one, other] = [image, expected].map((each) => each.stores[store.number] ?? []);
    const { columns } = finder.between(store, one, other ?? []);
    expect(columns.length === 0, `${what}: store ${store.name} is not what was written`);
    for (const { bytes, values: texts } of one ?? []) values += bytes.length + texts.length;
  }
  return values;
}

/** Another state: few changes, many, or an even drift, with extreme bits among them. */
function changed(from: Image, chance: Chance): Image {
  const image = new Image(from.layout);
  image.copyFrom(from);
  const share = chance.pick([0, 0.02, 0.3, 1]);
  for (const store of image.layout.stores) {
    if (isGrowing(store)) image.reserve(store, 1 + chance.below(90));
    store.columns.forEach((column, number) => {
      changeColumn(image, store, column, number, share, chance);
    });
  }
  return image;
}

function changeColumn(
  image: Image,
  store: StoreLayout,
  { base, width }: ColumnLayout,
  number: number,
  share: number,
  chance: Chance,
): void {
  const { bytes, values } = image.column(store.number, number);
  values.forEach((_, row) => {
    if (!chance.chance(share)) return;
    const length = chance.pick([0, 1, 5, 80]);
    values[row] = Uint8Array.from({ length }, () => chance.pick([0, 65, chance.below(256)]));
  });
  if (width === 0) return;
  const numbers = numbersOf(base, bytes);
  const isDrift = chance.chance(0.4) && typeof numbers[0] === "number";
  if (isDrift) {
    for (let i = 0; i < numbers.length; i++) numbers[i] = (Number(numbers[i]) + 3 * i + 1) as never;
    return;
  }
  for (let at = 0; at < bytes.length; at++) {
    if (chance.chance(share / width)) bytes[at] = chance.pick([0, 1, 0x7f, 0x80, 0xff]);
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
