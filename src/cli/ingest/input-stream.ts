import type { Readable } from "node:stream";

/** So long after the signal the rest of a tick that is on its way may still come. */
const graceMilliseconds = 1000;

/** What a stream brings, until it ends or the signal has been given. */
export async function* chunksOf(
  stream: Readable,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const leave = (): void => void setTimeout(() => stream.destroy(), graceMilliseconds).unref();
  if (signal.aborted) leave();
  signal.addEventListener("abort", leave);
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    // A stream that is destroyed while one waits for it fails.
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
