import { NotRun } from "./peer.ts";

/**
 * A package of the bench, which is not there when only the project's own are installed. The caller says what it uses of
 * it, since its declarations may be absent too.
 */
export async function optionalPackage<T>(name: string): Promise<T> {
  try {
    return (await import(name)) as T;
  } catch (cause) {
    const isMissing = (cause as { code?: string }).code === "ERR_MODULE_NOT_FOUND";
    if (!isMissing) throw cause;
    throw new NotRun(`${name} is not installed: npm --prefix bench/peers ci`, { cause });
  }
}
