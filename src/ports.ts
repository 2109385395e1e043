/**
 * The ports: everything outside the process. Each has a twin in memory in `src/testing`, so that production code and tests
 * run the same code over different ports.
 */

/** Files, synchronously, for writing. Paths use `/`. Errors are the system's own, with `code` such as `ENOSPC`. */
export interface Vfs {
  /** Makes the folder and those above it; their names are durable. */
  makeDirectory(path: string): void;
  /** Names in a folder, sorted; `undefined` if there is no such folder. */
  list(path: string): string[] | undefined;
  /** `undefined` if there is nothing. */
  stat(path: string): FileStat | undefined;
  /** The whole file. */
  read(path: string): Uint8Array;
  /** `create` fails if the file exists; `update` fails if it does not. */
  open(path: string, mode: "create" | "update"): VfsFile;
  /** Of a file, or of a folder with all that is in it. */
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Removes a folder that is empty. Where this is not there, such folders stay. */
  removeDirectory?(path: string): void;
  /** Makes created, renamed and removed names durable. */
  syncDirectory(path: string): void;
  source(path: string): ByteSource;
  /** An exclusive lock that a stopped process keeps and a dead one loses. @throws JOURNAL_LOCKED */
  lock(directory: string): Lock;
  /** Who holds the lock of the folder; `undefined` if nobody does. */
  lockHolder(directory: string): string | undefined;
}
export interface FileStat {
  readonly size: number;
  readonly directory: boolean;
  /** Another text whenever another file is there, or the file was changed. Absent where the system does not tell. */
  readonly version?: string;
  /** Whether the name is a link to what is described; absent: it is none. */
  readonly isLink?: boolean;
}
export interface VfsFile {
  /** Writes all bytes, or throws. */
  write(bytes: Uint8Array, offset: number): void;
  truncate(size: number): void;
  sync(): void;
  close(): void;
}
export interface Lock {
  release(): void;
}

/** Ranges of a file or object, asynchronously. A browser can provide it. */
export interface ByteSource {
  size(): Promise<number>;
  /** Bytes [offset, offset + length), fewer only at the end. The result is the caller's own. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Compression, checksums and digests, injected because Node and browsers have different ones. */
export interface Codecs {
  zstdCompress(bytes: Uint8Array): Uint8Array;
  /** @throws if the result is not exactly `rawLength` bytes long. */
  zstdDecompress(bytes: Uint8Array, rawLength: number): Uint8Array;
  /** CRC-32 (IEEE) of `bytes`, continuing from `start`. */
  crc32(bytes: Uint8Array, start?: number): number;
  /** A reusable XXH3-128 with seed 0. */
  xxh3(): StreamingDigest;
  /** Whether two arrays of the same length hold the same bytes. */
  equal(a: Uint8Array, b: Uint8Array): boolean;
}
export interface StreamingDigest {
  reset(): void;
  update(bytes: Uint8Array): void;
  /** 16 bytes, canonical (big-endian). */
  digest(): Uint8Array;
}

/** Time. It never decides what is recorded, only when to yield and which wall time stands in a frame. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  wallTime(): number;
  /** Milliseconds since any fixed moment, never backwards. */
  monotonic(): number;
  /** Lets timers, signals and sockets have their turn. */
  yield(): Promise<void>;
  /** Resolves after the time, or at once when `signal` aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** Entropy, for uuids. The random streams of a run never come from here. */
export interface Random {
  bytes(length: number): Uint8Array;
}

export interface Ports {
  readonly vfs: Vfs;
  readonly codecs: Codecs;
  readonly clock: Clock;
  readonly random: Random;
}
