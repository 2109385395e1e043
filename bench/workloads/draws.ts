/** Numbers in [0, 1) from a seed: xorshift32 (13, 17, 5). */
export function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}
