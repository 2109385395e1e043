import { createXXHash128 } from "hash-wasm";
import type { Clock, Codecs, Ports, Random } from "../types.ts";
import { MemoryVfs } from "./memory-vfs.ts";

/** A clock that stands still until it is moved; sleeping moves it. */
export class ManualClock implements Clock {
  #now: number;

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  wallTime(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  async yield(): Promise<void> {
    await Promise.resolve();
  }

  async sleep(milliseconds: number): Promise<void> {
    this.advance(milliseconds);
    await Promise.resolve();
  }
}

/** Entropy that is the same each time: a linear congruential generator. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    bytes: (length) => {
      return Uint8Array.from({ length }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state >>> 24;
      });
    },
  };
}

/**
 * Codecs without any platform's help, beside hash-wasm. The zstd frames are valid but hold what they are given as it is,
 * and only such frames are read.
 */
export async function plainCodecs(): Promise<Codecs> {
  const hasher = await createXXHash128();
  return {
    zstdCompress: storedZstdFrame,
    zstdDecompress: readStoredZstdFrame,
    crc32: plainCrc32,
    xxh3: () => ({
      reset: () => void hasher.init(),
      update: (bytes) => void hasher.update(bytes),
      digest: () => hasher.digest("binary"),
    }),
    equal: (a, b) => a.every((byte, i) => byte === b[i]),
  };
}

/** Every port in memory. Two sets of the same seed give the same bytes. */
export async function memoryPorts(
  seed = 1,
): Promise<Ports & { vfs: MemoryVfs; clock: ManualClock }> {
  return {
    vfs: new MemoryVfs(),
    codecs: await plainCodecs(),
    clock: new ManualClock(),
    random: seededRandom(seed),
  };
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  return value;
});

function plainCrc32(bytes: Uint8Array, start = 0): number {
  let crc = ~start;
  for (const byte of bytes) crc = (crc >>> 8) ^ (crcTable[(crc ^ byte) & 0xff] as number);
  return ~crc >>> 0;
}

const zstdMagic = 0xfd2fb528;
const rawBlockBytes = 128 * 1024;

/** RFC 8878: a single-segment frame of raw blocks, with a content size of four bytes. */
function storedZstdFrame(bytes: Uint8Array): Uint8Array {
  const blocks = Math.max(1, Math.ceil(bytes.length / rawBlockBytes));
  const frame = new Uint8Array(9 + 3 * blocks + bytes.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, zstdMagic, true);
  frame[4] = 0xa0;
  view.setUint32(5, bytes.length, true);
  for (let block = 0, at = 9; block < blocks; block++) {
    const content = bytes.subarray(block * rawBlockBytes, (block + 1) * rawBlockBytes);
    const head = (block === blocks - 1 ? 1 : 0) | (content.length << 3);
    frame.set([head & 0xff, (head >>> 8) & 0xff, head >>> 16], at);
    frame.set(content, at + 3);
    at += 3 + content.length;
  }
  return frame;
}

function readStoredZstdFrame(frame: Uint8Array, rawLength: number): Uint8Array {
  const raw = new Uint8Array(rawLength);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const isStored = frame.length >= 9 && view.getUint32(0, true) === zstdMagic && frame[4] === 0xa0;
  if (!isStored || view.getUint32(5, true) !== rawLength)
    throw new RangeError("no stored zstd frame");
  let [at, done, last] = [9, 0, false];
  while (!last) {
    const head = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    const size = head >>> 3;
    if ((head & 6) !== 0) throw new RangeError("a compressed zstd block");
    raw.set(frame.subarray(at + 3, at + 3 + size), done);
    last = (head & 1) === 1;
    [at, done] = [at + 3 + size, done + size];
  }
  if (done !== rawLength || at !== frame.length) throw new RangeError("another length");
  return raw;
}
