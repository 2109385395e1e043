import { exitCodes } from "./exit.ts";
import type { Output } from "./output.ts";

/** Ctrl-C, `kill`, or a reader of stdout that went away. */
export interface Interrupt extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * The first signal asks the command to finish its batch, flush and close; the second quits at once. What was
 * acknowledged is safe either way.
 */
export function watchInterrupts(output: Output): Interrupt {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted);
    stop.abort();
    // The line may follow a progress line or the terminal's own "^C".
    process.stderr.write(
      `${process.stderr.isTTY ? "\r\x1b[K" : ""}stopping; again to quit at once\n`,
    );
  };
  const onUnread = () => stop.abort();
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  output.unread.addEventListener("abort", onUnread);
  return {
    signal: stop.signal,
    [Symbol.dispose]() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
      output.unread.removeEventListener("abort", onUnread);
    },
  };
}
