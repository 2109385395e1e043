/** The memory of WebAssembly, whose types come with a browser's library only. */
interface GrowingMemory {
  readonly buffer: ArrayBuffer;
  /** Moves the buffer: the old one is detached. */
  grow(pages: number): number;
}
interface Global {
  readonly WebAssembly: {
    readonly Memory: new (limits: { initial: number; maximum: number }) => GrowingMemory;
  };
}

export const { Memory } = (globalThis as unknown as Global).WebAssembly;
