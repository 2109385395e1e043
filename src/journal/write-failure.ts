import { EverytickError, isEverytickError } from "../errors.ts";

/** What the world did to a write. */
export function writeFailed(directory: string, cause: unknown): EverytickError {
  const found = cause instanceof Error ? cause.message : String(cause);
  const next = "Free space or repair the disk, then open the run again with resume.";
  return new EverytickError("JOURNAL_WRITE", { where: directory, found, next }, { cause });
}

/** Why a writer that failed once does nothing more. */
export function poisoned(cause: unknown): EverytickError {
  const found = cause instanceof Error ? (cause.message.split("\n")[0] as string) : String(cause);
  const next = "Close the run and open it again with resume.";
  return new EverytickError("JOURNAL_POISONED", { found, next }, { cause });
}

/** Does what touches files. @throws JOURNAL_WRITE for whatever the file system says. */
export function guardWrites(directory: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    if (isEverytickError(cause)) throw cause;
    throw writeFailed(directory, cause);
  }
}
