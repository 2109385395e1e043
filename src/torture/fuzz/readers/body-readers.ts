import { readBody, type Body } from "../../../format/body.ts";
import { utf8 } from "../../../format/bytes.ts";
import { applyChanges, ChangeFinder } from "../../../format/changes.ts";
import { DifferenceReader, MissingDifferences } from "../../../format/difference-reader.ts";
import { FrameFlag, frameHeaderSize, FrameKind, readFrameHeader } from "../../../format/frame.ts";
import { isStep } from "../../../format/frame-table.ts";
import { Image } from "../../../format/image.ts";
import type { LastDifferences } from "../../../format/last-differences.ts";
import { layoutOf, type Layout } from "../../../format/layout.ts";
import type { Chance } from "../../../testing/index.ts";
import type { Codecs, RunCard, WorldSchema } from "../../../types.ts";
import { Violation } from "../../oracle.ts";
import { otherBody } from "../body-tree.ts";
import { segmentsOf } from "../forged-run.ts";
import { fileOf, type Input, type Reader } from "../reader.ts";
import type { Files, Recording } from "../recordings.ts";
import { parseSegment } from "../segment-tree.ts";

/** Bodies of the ticks before, from the first on, and the world that they are of. */
interface Chain {
  readonly world: Uint8Array;
  readonly bodies: readonly Uint8Array[];
}

const chains = new WeakMap<Recording, Chain>();

/** The first tick and deltas behind it, of one frame each, as far as they go in the first segment. */
function chainOf(recording: Recording): Chain {
  const known = chains.get(recording);
  if (known !== undefined) return known;
  const { files } = recording;
  const card = JSON.parse(utf8.decoder.decode(files.get("run.json"))) as RunCard;
  const bodies: Uint8Array[] = [];
  for (const frame of framesOf(files)) {
    const header = readFrameHeader(frame);
    if (header === undefined || (header.flags & FrameFlag.continued) !== 0) break;
    const isKeyframe = header.kind === FrameKind.keyframe;
    if (isStep(header)) bodies.push(frame.subarray(frameHeaderSize));
    else if (isKeyframe) break;
  }
  const chain = { world: utf8.encoder.encode(JSON.stringify(card.world)), bodies };
  chains.set(recording, chain);
  return chain;
}

function framesOf(files: Files): readonly Uint8Array[] {
  const names = segmentsOf(files);
  return names.flatMap((name) => parseSegment(files.get(name) as Uint8Array)?.frames ?? []);
}

/** A body that stands alone: what it lists is what is applied. */
export const bodyReader: Reader = {
  name: "body",
  async make(seed, chance, { recordings, codecs }) {
    const recording = await recordings.of(seed, chance);
    const all = framesOf(recording.files)
      .filter((frame) => frame[8] === FrameKind.keyframe || frame[8] === FrameKind.delta)
      .map((frame) => frame.subarray(frameHeaderSize));
    const body = otherBody(chance.pick(all), chance, codecs, chance.pick(all));
    return {
      files: new Map([
        ["world", chainOf(recording).world],
        ["bytes", body],
      ]),
    };
  },
  read(input, { codecs }) {
    const layout = layoutOfInput(input);
    const { parts } = readBody(fileOf(input), layout, codecs);
    const image = new Image(layout);
    for (const part of parts) applyChanges(image, part, "forward");
  },
};

/** A delta of differences: forwards from the state before, and back from the state that this gives. */
export const deltaReader: Reader = {
  name: "delta",
  async make(seed, chance, { recordings, codecs }) {
    let chain = chainOf(await recordings.of(seed, chance));
    // A first tick of several frames makes no chain.
    while (chain.bodies.length < 2) chain = chainOf(await recordings.of(seed, chance));
    return deltaInput(chain, chance, codecs);
  },
  read(input, { codecs }) {
    const { layout, image, known } = stateBefore(input, codecs);
    const body = fileOf(input);
    const forwards = new DifferenceReader(image, "before", known);
    const there = readBody(body, layout, codecs, { differences: forwards });
    const after = new Image(layout);
    after.copyFrom(image);
    apply(after, there, "forward");
    const backwards = new DifferenceReader(after, "after", forwards.found);
    const back = readBody(body, layout, codecs, { differences: backwards });
    apply(after, back, "back");
    checkSame(image, after, codecs);
  },
};

function deltaInput({ world, bodies }: Chain, chance: Chance, codecs: Codecs): Input {
  const place = Math.min(bodies.length - 1, 1 + chance.below(Math.max(1, bodies.length - 1)));
  const donor = chance.pick(bodies);
  const body = otherBody(bodies[place] as Uint8Array, chance, codecs, donor);
  const before = bodies.slice(0, place).map((each, i) => [String(i), each] as const);
  return { files: new Map<string, Uint8Array>([["world", world], ...before, ["bytes", body]]) };
}

interface StateBefore {
  readonly layout: Layout;
  readonly image: Image;
  readonly known: LastDifferences | undefined;
}

/** States that chains lead to, by the world whose bytes an input shares and by how many ticks. */
const states = new WeakMap<Uint8Array, Map<number, StateBefore>>();

function stateBefore(input: Input, codecs: Codecs): StateBefore {
  const count = input.files.size - 2;
  const byCount = states.get(fileOf(input, "world")) ?? new Map<number, StateBefore>();
  states.set(fileOf(input, "world"), byCount);
  const made = byCount.get(count) ?? stateAfter(input, count, codecs);
  byCount.set(count, made);
  return made;
}

function stateAfter(input: Input, count: number, codecs: Codecs): StateBefore {
  const layout = layoutOfInput(input);
  const image = new Image(layout);
  let known: LastDifferences | undefined;
  for (let place = 0; place < count; place++) {
    const differences = new DifferenceReader(image, "before", known);
    const options = place === 0 ? {} : { differences };
    apply(image, readBody(fileOf(input, String(place)), layout, codecs, options), "forward");
    known = place === 0 ? undefined : differences.found;
  }
  return { layout, image, known };
}

function layoutOfInput(input: Input): Layout {
  return layoutOf(JSON.parse(utf8.decoder.decode(fileOf(input, "world"))) as WorldSchema);
}

function apply(image: Image, { parts }: Body, direction: "forward" | "back"): void {
  for (const part of parts) applyChanges(image, part, direction);
}

/** Old values of variable lengths are checked against a state, so only numbers are compared here. */
function checkSame(image: Image, other: Image, codecs: Codecs): void {
  const finder = new ChangeFinder(codecs);
  for (const store of image.layout.stores) {
    const { columns } = finder.between(
      store,
      image.stores[store.number],
      other.stores[store.number] ?? [],
    );
    const wrong = columns.find(({ column }) => store.columns[column]?.width !== 0);
    if (wrong === undefined) continue;
    throw new Violation(`store ${store.name}, column ${wrong.column}: not the state before`);
  }
}

/** Differences that are not known are looked for further back: no error. */
export function withMissing(reader: Reader): Reader {
  return {
    ...reader,
    async read(input, bench) {
      try {
        await reader.read(input, bench);
      } catch (error) {
        if (!(error instanceof MissingDifferences)) throw error;
      }
    },
  };
}
