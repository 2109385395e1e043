import { Recording } from "../everytick/recording.ts";
import type { WorkloadName } from "../workloads/workloads.ts";
import { BlobPeer } from "./blob-peer.ts";
import { DuckdbPeer } from "./duckdb.ts";
import { FileStore } from "./file.ts";
import { JsonbPeer } from "./jsonb-peer.ts";
import { LmdbStore } from "./lmdb.ts";
import { McapStore } from "./mcap.ts";
import type { Mode, Peer } from "./peer.ts";
import { SqliteStore } from "./sqlite.ts";

export interface PeerKind {
  readonly make: (mode: Mode) => Peer;
  readonly about: string;
  /** Whether it packs what it writes. */
  readonly isCompressed: boolean;
  /** The part of the ticks that it gets: the slow ones get fewer. Default: all. */
  readonly share?: number;
  /** Where it takes part. Default: everywhere. */
  readonly only?: readonly WorkloadName[];
}

const deltas = { of: "changes", packing: "none" } as const;
const deltasZstd = { of: "changes", packing: "zstd" } as const;
const packedByStore = { of: "changes", packing: "store" } as const;
const states = { of: "states", packing: "none" } as const;

/** In the order of the tables. */
export const peers = {
  everytick: {
    make: () => new Recording("state"),
    about: "the live state is committed, and what changed is found",
    isCompressed: true,
  },
  "everytick changes": {
    make: () => new Recording("changes"),
    about: "the changes are committed",
    isCompressed: true,
    only: ["voxels", "fronts", "meadow"],
  },
  "file deltas": {
    make: () => new BlobPeer(new FileStore(), deltas),
    about: "an appended file of packed changes: row numbers (u32) and new values",
    isCompressed: false,
  },
  "file deltas zstd": {
    make: () => new BlobPeer(new FileStore(), deltasZstd),
    about: "the same, each tick packed with zstd",
    isCompressed: true,
  },
  "file states": {
    make: () => new BlobPeer(new FileStore(), states),
    about: "an appended file of whole states",
    isCompressed: false,
  },
  "sqlite states": {
    make: () => new BlobPeer(new SqliteStore(), states),
    about: "better-sqlite3, a row for each tick, the whole state as a blob",
    isCompressed: false,
  },
  "sqlite deltas": {
    make: () => new BlobPeer(new SqliteStore(), deltas),
    about: "the same with packed changes",
    isCompressed: false,
  },
  "sqlite deltas zstd": {
    make: () => new BlobPeer(new SqliteStore(), deltasZstd),
    about: "the same with packed changes through zstd",
    isCompressed: true,
  },
  "lmdb deltas zstd": {
    make: () => new BlobPeer(new LmdbStore(), deltasZstd),
    about: "lmdb, a key for each tick, packed changes through zstd",
    isCompressed: true,
  },
  "mcap deltas": {
    make: (mode) => new BlobPeer(new McapStore(mode === "strict" ? 0 : 1024 ** 2), packedByStore),
    about: "@mcap/core, a message for each tick, packed changes in chunks through zstd",
    isCompressed: true,
  },
  "duckdb rows": {
    make: () => new DuckdbPeer(),
    about: "@duckdb/node-api, a table for each column, a row for each changed value",
    isCompressed: true,
    share: 0.2,
  },
  "postgres jsonb": {
    make: () => new JsonbPeer(),
    about: "the TAK document's design: a row for each chunk and tick, [{voxel_id, old, new}]",
    isCompressed: false,
    share: 0.05,
  },
} as const satisfies Record<string, PeerKind>;

export type PeerName = keyof typeof peers;
export const peerNames = Object.keys(peers) as PeerName[];
