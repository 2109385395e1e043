import {
  constants,
  ZstdCompress,
  zstdCompressSync,
  ZstdDecompress,
  zstdDecompressSync,
} from "node:zlib";

/**
 * Synchronous zstd that keeps its contexts. Node's own calls make a stream object for each, which only a full collection
 * frees: 60,000 small ones leave 120 MB behind and take four times as long. The contexts are reached through the
 * streams' inner handle; where a Node has another one, the public calls serve.
 */
export interface Zstd {
  readonly compress: (bytes: Uint8Array) => Uint8Array;
  /** @throws if the bytes are not exactly one frame with `rawLength` bytes of content. */
  readonly decompress: (bytes: Uint8Array, rawLength: number) => Uint8Array;
}

const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export function nodeZstd(): Zstd {
  const compressor = new Context(() => new ZstdCompress(compression));
  const decompressor = new Context(() => new ZstdDecompress());
  if (!compressor.works || !decompressor.works) return plainZstd;
  let scratch = new Uint8Array(64 * 1024);
  return {
    compress: (bytes) => {
      const bound = bytes.length + (bytes.length >>> 7) + 1024;
      if (scratch.length < bound) scratch = new Uint8Array(bound);
      return scratch.slice(0, compressor.run(bytes, scratch));
    },
    decompress: (bytes, rawLength) => {
      // One byte more than expected tells a longer content from a complete one.
      const raw = new Uint8Array(rawLength + 1);
      expectLength(decompressor.run(bytes, raw), rawLength);
      return raw.subarray(0, rawLength);
    },
  };
}

/** The same by public calls alone. */
export const plainZstd: Zstd = {
  compress: (bytes) => new Uint8Array(zstdCompressSync(bytes, compression)),
  decompress: (bytes, rawLength) => {
    const options = { maxOutputLength: Math.max(1, rawLength), info: true };
    // With `info` the engine comes too, which knows how much it read; zstd itself ignores what follows a frame.
    const { buffer, engine } = zstdDecompressSync(bytes, options) as unknown as Inflated;
    expectLength(engine.bytesWritten, bytes.length);
    expectLength(buffer.length, rawLength);
    return new Uint8Array(buffer);
  },
};

interface Inflated {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

function expectLength(found: number, expected: number): void {
  if (found !== expected) throw new RangeError(`${found} bytes instead of ${expected}`);
}

/** The part of Node's inner compression handle that is used here. */
interface Engine {
  readonly _handle: {
    writeSync(
      flush: number,
      input: Uint8Array,
      inputOffset: number,
      inputLength: number,
      output: Uint8Array,
      outputOffset: number,
      outputLength: number,
    ): void;
  };
  /** What the last write left: room in the output, bytes of the input. */
  readonly _writeState: Uint32Array;
}

class Context {
  readonly #make: () => ZstdCompress | ZstdDecompress;
  #stream: ZstdCompress | ZstdDecompress | undefined;

  constructor(make: () => ZstdCompress | ZstdDecompress) {
    this.#make = make;
  }

  /** Whether this Node's streams have the handle that is needed. */
  get works(): boolean {
    this.#stream ??= this.#fresh();
    return isEngine(this.#stream);
  }

  /** @returns bytes of output. @throws RangeError if the input was not read exactly, or the output is full. */
  run(input: Uint8Array, output: Uint8Array): number {
    this.#stream ??= this.#fresh();
    const stream = this.#stream as unknown as Engine & ZstdCompress;
    const { _handle: handle, _writeState: state } = stream;
    handle.writeSync(constants.ZSTD_e_end, input, 0, input.length, output, 0, output.length);
    const [room = 0, rest = 0] = state;
    if (!stream.destroyed && rest === 0 && room > 0) return output.length - room;
    // The context may hold on to what it could not give.
    stream.destroy();
    this.#stream = undefined;
    throw new RangeError(`${rest} bytes not read, ${room} bytes of room left`);
  }

  #fresh(): ZstdCompress | ZstdDecompress {
    const stream = this.#make();
    // Its failure shows in what it left; the event comes too late to help.
    stream.on("error", () => undefined);
    return stream;
  }
}

function isEngine(stream: object): boolean {
  const { _handle: handle, _writeState: state } = stream as Partial<Engine>;
  return typeof handle?.writeSync === "function" && state instanceof Uint32Array;
}
