import { closeSync, fdatasyncSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { BlobStore } from "./blob-peer.ts";
import { optionalPackage } from "./optional-package.ts";
import type { Bytes } from "./peer.ts";
import { unzstd, zstd } from "./zstd.ts";

/** What is used of @mcap/core. */
interface Message {
  readonly channelId: number;
  readonly sequence: number;
  readonly logTime: bigint;
  readonly publishTime: bigint;
  readonly data: Uint8Array;
}
interface Writer {
  start(): Promise<void>;
  registerChannel(channel: {
    readonly topic: string;
    readonly messageEncoding: string;
    readonly schemaId: number;
    readonly metadata: ReadonlyMap<string, string>;
  }): Promise<number>;
  addMessage(message: Message): Promise<void>;
  end(): Promise<void>;
}
interface Reader {
  readMessages(range: {
    readonly startTime: bigint;
    readonly endTime: bigint;
  }): AsyncIterable<Message>;
}
interface Mcap {
  readonly McapWriter: new (options: {
    readonly writable: { write(bytes: Uint8Array): Promise<void>; position(): bigint };
    readonly chunkSize: number;
    readonly compressChunk: (bytes: Uint8Array) => {
      readonly compression: string;
      readonly compressedData: Uint8Array;
    };
  }) => Writer;
  readonly McapIndexedReader: {
    Initialize(options: {
      readonly readable: {
        size(): Promise<bigint>;
        read(offset: bigint, length: bigint): Promise<Uint8Array>;
      };
      readonly decompressHandlers: { readonly zstd: (bytes: Uint8Array) => Uint8Array };
    }): Promise<Reader>;
  };
}

/**
 * MCAP with one message for each tick in chunks packed with zstd. Strict: a chunk for each tick, synced. Grouped: chunks
 * of 1 MiB, as the library makes them, and a sync for each group; the ticks in the open chunk are not durable then.
 */
export class McapStore implements BlobStore {
  readonly #chunkSize: number;
  #file = 0;
  #end = 0;
  #channel = 0;
  #mcap!: Mcap;
  #writer!: Writer;
  #reader!: Reader;

  constructor(chunkSize: number) {
    this.#chunkSize = chunkSize;
  }

  async open(folder: string): Promise<void> {
    this.#mcap = await optionalPackage<Mcap>("@mcap/core");
    this.#file = openSync(join(folder, "ticks.mcap"), "w+");
    this.#writer = new this.#mcap.McapWriter({
      writable: {
        write: async (bytes) => {
          this.#end += writeSync(this.#file, bytes, 0, bytes.length, this.#end);
          await Promise.resolve();
        },
        position: () => BigInt(this.#end),
      },
      chunkSize: this.#chunkSize,
      compressChunk: (bytes) => ({ compression: "zstd", compressedData: zstd(bytes) }),
    });
    await this.#writer.start();
    const metadata = new Map<string, string>();
    const channel = { topic: "ticks", messageEncoding: "packed", schemaId: 0, metadata };
    this.#channel = await this.#writer.registerChannel(channel);
  }

  async put(tick: number, data: Uint8Array): Promise<void> {
    const time = BigInt(tick);
    const [channelId, sequence] = [this.#channel, tick];
    await this.#writer.addMessage({ channelId, sequence, logTime: time, publishTime: time, data });
  }

  commit(): void {
    fdatasyncSync(this.#file);
  }

  async finish(): Promise<void> {
    await this.#writer.end();
    this.commit();
    this.#reader = await this.#mcap.McapIndexedReader.Initialize({
      readable: {
        size: async () => Promise.resolve(BigInt(this.#end)),
        read: async (offset, length) => {
          const bytes = Buffer.allocUnsafeSlow(Number(length));
          readSync(this.#file, bytes, 0, bytes.length, Number(offset));
          return Promise.resolve(bytes);
        },
      },
      decompressHandlers: { zstd: unzstd },
    });
  }

  async get(from: number, to: number): Promise<Uint8Array[]> {
    const blobs: Uint8Array[] = [];
    const range = { startTime: BigInt(from), endTime: BigInt(to) };
    for await (const { data } of this.#reader.readMessages(range)) blobs.push(data);
    return blobs;
  }

  close(): void {
    closeSync(this.#file);
  }

  bytes(): Omit<Bytes, "deltas"> {
    return { all: fstatSync(this.#file).size, beside: 0 };
  }
}
