import { Type, type Static, type TSchema } from "typebox";
import { limits } from "../limits.ts";

/** What goes in and out, said once: requests are checked by it, answers written by it, and the OpenAPI document made of it. */

const tickRange = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;
const tick = Type.Integer(tickRange);

export const problemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: "A code of docs/errors.md." }),
    detail: Type.String(),
    where: Type.Optional(Type.String()),
    expected: Type.Optional(Type.String()),
    found: Type.Optional(Type.String()),
    next: Type.Optional(Type.String({ description: "What to do." })),
  },
  { description: "What went wrong (RFC 9457)." },
);

export type Problem = Static<typeof problemSchema>;

/** What is no JSON goes out as it is. */
export const bytesSchema = Type.Unsafe<unknown>({ type: "string", format: "binary" });

export const runParams = Type.Object({
  run: Type.String({ description: "The id of a run.", pattern: "^[a-z0-9][a-z0-9_-]{0,63}$" }),
});

const state = Type.Enum(["recording", "closed", "interrupted", "damaged", "unreadable"], {
  description: "As `everytick ls` says it.",
});
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const params = Type.Record(
  Type.String(),
  Type.Union([Type.String(), Type.Number(), Type.Boolean()]),
);

/** `null`: unknown, since it cannot be read. */
const listedRunSchema = Type.Object({
  id: Type.String(),
  uuid: orNull(Type.String()),
  world: orNull(Type.Object({ name: Type.String(), version: Type.Integer() })),
  seed: orNull(Type.Integer()),
  params,
  labels: Type.Record(Type.String(), Type.String()),
  createdAt: orNull(Type.String()),
  state,
  error: orNull(Type.String({ description: "The code of what is damaged or unreadable." })),
  firstTick: orNull(tick),
  tick: orNull(tick),
  bytes: orNull(Type.Integer()),
});
export type ListedRun = Static<typeof listedRunSchema>;

export const listSchema = Type.Object({
  runs: Type.Array(listedRunSchema),
  next: Type.Optional(Type.String({ description: "The cursor of the next page." })),
});

export const listQuery = Type.Object(
  {
    filter: Type.Optional(
      Type.String({
        description: "Words that must stand in the id, the world's name, a parameter or a label.",
        maxLength: 200,
      }),
    ),
    sort: Type.Optional(Type.Enum(["id", "-id", "createdAt", "-createdAt"])),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.listedRuns })),
    cursor: Type.Optional(
      Type.String({ description: "`next` of the page before.", maxLength: 64 }),
    ),
  },
  { additionalProperties: false },
);
export type ListQuery = Static<typeof listQuery>;

/** The whole card goes out as it is, with the schema of whatever the world declares. */
export const cardSchema = Type.Object(
  {
    state,
    error: orNull(problemSchema),
    isRecording: Type.Boolean(),
    firstTick: orNull(tick),
    tick: orNull(tick),
    bytes: Type.Integer({ description: "Of history: card and segments." }),
  },
  { additionalProperties: true },
);

export const versionQuery = Type.Object(
  {
    v: Type.Optional(
      Type.String({ description: "The uuid of the run: an id may be used again.", maxLength: 64 }),
    ),
  },
  { additionalProperties: false },
);

export const segmentsSchema = Type.Object({
  uuid: Type.String({ description: "Of the run: `v` of the address of a file that may be kept." }),
  segments: Type.Array(
    Type.Object({
      name: Type.String(),
      firstTick: tick,
      bytes: Type.Integer(),
      isSealed: Type.Boolean({ description: "Whether it is as it will ever be." }),
    }),
  ),
});

export const segmentParams = Type.Object({
  ...runParams.properties,
  name: Type.String({ description: "The name of a segment, from the list." }),
});

export const fileHeaders = Type.Object({
  range: Type.Optional(Type.String({ description: "One range of bytes; several give the whole." })),
});

export const stateParams = Type.Object({
  ...runParams.properties,
  store: Type.String({ description: "The name of a store of the run's world." }),
});

export const stateQuery = Type.Object(
  {
    tick: Type.Optional(Type.Integer({ ...tickRange, description: "Default: the last one." })),
    region: Type.Optional(
      Type.String({
        description: "Of a grid, half-open ranges, the slowest axis first: `0:64,10:20`.",
        maxLength: 200,
      }),
    ),
    after: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: limits.tableRows,
        description: "`next` of the rows before.",
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.servedRows })),
  },
  { additionalProperties: false },
);
export type StateQuery = Static<typeof stateQuery>;

const seriesName = Type.Enum(["changes", "bytes"], {
  description: "Elements that a tick changed, or bytes of its frames.",
});

export const seriesQuery = Type.Object(
  {
    name: seriesName,
    from: Type.Optional(Type.Integer({ ...tickRange, description: "Default: the first one." })),
    to: Type.Optional(Type.Integer({ ...tickRange, description: "Included. Default: the last." })),
    points: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.seriesPoints })),
  },
  { additionalProperties: false },
);

const values = Type.Array(orNull(Type.Number()));
export const seriesSchema = Type.Object({
  name: seriesName,
  from: tick,
  to: tick,
  width: Type.Integer({ description: "Ticks of a bucket." }),
  count: Type.Array(Type.Integer(), { description: "Recorded ticks in each bucket." }),
  min: values,
  max: values,
  sum: values,
  damage: Type.Array(problemSchema, {
    description: "Why ticks of the range could not be counted.",
  }),
});
export type Series = Static<typeof seriesSchema>;

export const liveHeaders = Type.Object({
  "last-event-id": Type.Optional(Type.String({ description: "The last tick that was told." })),
});
