/**
 * The content of a simulated file: what the system's cache shows, what the disk holds, and the pieces in between. A piece
 * reaches the disk alone or not at all, in any order, unless it is synced.
 */

/** Bytes within one block. */
interface DataPiece {
  readonly kind: "data";
  readonly offset: number;
  readonly bytes: Uint8Array;
}
/** The file became longer; where its data is lost, it reads as zeros. */
interface GrowPiece {
  readonly kind: "grow";
  readonly size: number;
}
/** The file was cut. */
interface CutPiece {
  readonly kind: "cut";
  readonly size: number;
}
export type ContentPiece = DataPiece | GrowPiece | CutPiece;

/** What becomes of a piece when power is lost; of a torn one only a half is there. Only data can be torn. */
export type Fate = "kept" | "lost" | "first half" | "second half";

/** Bytes with room to grow. Data may lie behind the end: its piece came before that of the length. */
class Content {
  #bytes = new Uint8Array(256);
  size = 0;

  static copyOf(other: Content): Content {
    const copy = new Content();
    copy.#bytes = other.#bytes.slice();
    copy.size = other.size;
    return copy;
  }

  apply(piece: ContentPiece): void {
    if (piece.kind === "data") {
      const end = piece.offset + piece.bytes.length;
      if (end > this.#bytes.length) {
        const larger = new Uint8Array(2 * end);
        larger.set(this.#bytes);
        this.#bytes = larger;
      }
      this.#bytes.set(piece.bytes, piece.offset);
    } else if (piece.kind === "grow") {
      this.size = Math.max(this.size, piece.size);
    } else {
      this.#bytes.fill(0, piece.size);
      this.size = Math.min(this.size, piece.size);
    }
  }

  /** Bytes [from, to), fewer at the end. */
  slice(from: number, to: number): Uint8Array {
    const end = Math.min(to, this.size);
    const found = new Uint8Array(Math.max(0, end - from));
    found.set(this.#bytes.subarray(from, Math.max(from, end)));
    return found;
  }
}

export class SimInode {
  readonly #blockBytes: number;
  #durable: Content;
  readonly #cached: Content;
  #pieces: ContentPiece[] = [];
  /** The size that the disk has with all pieces; less than the cached one after a failed sync. */
  #coming: number;

  constructor(blockBytes: number, durable: Content = new Content()) {
    this.#blockBytes = blockBytes;
    this.#durable = durable;
    this.#cached = Content.copyOf(durable);
    this.#coming = durable.size;
  }

  get size(): number {
    return this.#cached.size;
  }

  /** What is not known to be on the disk, in the order in which it was done. */
  get pieces(): readonly ContentPiece[] {
    return this.#pieces;
  }

  read(from = 0, to = this.size): Uint8Array {
    return this.#cached.slice(from, to);
  }

  write(bytes: Uint8Array, offset: number): void {
    if (bytes.length === 0) return;
    const end = offset + bytes.length;
    if (end > this.#coming) this.#do({ kind: "grow", size: end });
    for (let from = offset; from < end;) {
      const to = Math.min(end, from - (from % this.#blockBytes) + this.#blockBytes);
      this.#do({ kind: "data", offset: from, bytes: bytes.slice(from - offset, to - offset) });
      from = to;
    }
  }

  truncate(size: number): void {
    if (size !== this.size) this.#do({ kind: size < this.size ? "cut" : "grow", size });
  }

  sync(): void {
    for (const piece of this.#pieces) this.#durable.apply(piece);
    this.#pieces = [];
  }

  /** What Linux does after a failed sync: the pages count as clean, and no later sync writes them. */
  dropUnsynced(): void {
    this.#pieces = [];
    this.#coming = this.#durable.size;
  }

  #do(piece: ContentPiece): void {
    this.#pieces.push(piece);
    if (piece.kind === "grow") this.#coming = Math.max(this.#coming, piece.size);
    if (piece.kind === "cut") this.#coming = Math.min(this.#coming, piece.size);
    this.#cached.apply(piece);
  }

  /** The file as power loss leaves it, with one fate for each piece. */
  afterPowerLoss(fates: readonly Fate[]): SimInode {
    const left = Content.copyOf(this.#durable);
    this.#pieces.forEach((piece, i) => {
      const fate = fates[i] ?? "lost";
      if (fate === "kept") left.apply(piece);
      else if (fate !== "lost" && piece.kind === "data") left.apply(half(piece, fate));
    });
    return new SimInode(this.#blockBytes, left);
  }
}

function half({ kind, offset, bytes }: DataPiece, fate: Fate): DataPiece {
  const middle = bytes.length >> 1;
  if (fate === "first half") return { kind, offset, bytes: bytes.subarray(0, middle) };
  return { kind, offset: offset + middle, bytes: bytes.subarray(middle) };
}
