/** Asserts a belief about our own code. The world's faults throw an `EverytickError` instead. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed: ${message}. This is a bug in everytick.`);
}
