import { hexOf } from "../format/bytes.ts";
import type { FrameHeader } from "../format/frame.ts";
import { Image } from "../format/image.ts";
import type { Past, PastStateOf, StateDefinition, Tick, WorldSchema } from "../types.ts";
import { pastState } from "../world/state/past-state.ts";
import type { StateDigests } from "./state-digests.ts";
import type { Timeline } from "./timeline.ts";

/** A state of the past, with the facts of its frame. */
export class PastTick<D extends StateDefinition> implements Past<D> {
  readonly tick: Tick;
  readonly simTime: number;
  readonly wallTime: number;
  readonly era: string | undefined;
  readonly historyDigest: string;
  readonly state: PastStateOf<D>;
  readonly #image: Image;
  readonly #digests: StateDigests;

  constructor(image: Image, header: FrameHeader, { schema, definition, digests }: PastOf) {
    this.tick = header.tick;
    this.simTime = header.simTime;
    this.wallTime = header.wallTime;
    this.era = schema.eras[header.era];
    this.historyDigest = hexOf(header.historyDigest);
    this.state = pastState(image, schema, definition) as PastStateOf<D>;
    this.#image = image;
    this.#digests = digests;
  }

  stateDigest(): string {
    return hexOf(this.#digests.ofState(this.#image));
  }
}

/** What is needed to show a state of a run. */
export interface PastOf {
  readonly schema: WorldSchema;
  /** Computes derived stores; without it they cannot be read. */
  readonly definition: StateDefinition | undefined;
  readonly digests: StateDigests;
}

/**
 * The state where a timeline stands.
 * @param reuse `false` copies it; `true` gives views that change with the timeline's next move.
 */
export function pastAt<D extends StateDefinition>(
  timeline: Timeline,
  of: PastOf,
  reuse: boolean,
): PastTick<D> {
  if (reuse) return new PastTick(timeline.image, timeline.header, of);
  const copy = new Image(timeline.image.layout);
  copy.copyFrom(timeline.image);
  return new PastTick(copy, timeline.header, of);
}
