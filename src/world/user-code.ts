import { EverytickError, isEverytickError, kindOf } from "../errors.ts";

/**
 * Calls code that is not ours, synchronously.
 * @param where names it, for the error message.
 * @throws WORLD_THREW for whatever it throws, and when it returns a promise; coded errors as they are.
 */
export function callUserCode<T>(where: string, next: string, code: () => T): T {
  try {
    const result = code();
    if (!(result instanceof Promise)) return result;
    // Its own failure, if any, says less than this one.
    result.catch(() => undefined);
    throw new TypeError("it returned a promise, but must be synchronous");
  } catch (cause) {
    if (isEverytickError(cause)) throw cause;
    const found = cause instanceof Error ? `${cause.name}: ${cause.message}` : kindOf(cause);
    throw new EverytickError("WORLD_THREW", { where, found, next }, { cause });
  }
}
