/** Files in memory whose folders can be renamed and removed, as those of a machine can. */
import { MemoryVfs } from "everytick/testing";

export class MovableVfs extends MemoryVfs {
  /** Folders that were moved or removed; the memory below has no way to forget one. */
  readonly #gone = new Set<string>();
  /** Called before each rename. */
  onRename: ((from: string, to: string) => void) | undefined;

  override makeDirectory(path: string): void {
    super.makeDirectory(path);
    for (const gone of this.#gone) if (`${path}/`.startsWith(`${gone}/`)) this.#gone.delete(gone);
  }

  override list(path: string): string[] | undefined {
    if (this.#isGone(path)) return undefined;
    return super.list(path)?.filter((name) => !this.#isGone(`${path}/${name}`));
  }

  override stat(path: string): { size: number; directory: boolean } | undefined {
    return this.#isGone(path) ? undefined : super.stat(path);
  }

  override rename(from: string, to: string): void {
    this.onRename?.(from, to);
    if (super.stat(from)?.directory !== true) return super.rename(from, to);
    this.makeDirectory(to);
    for (const name of this.list(from) ?? []) this.rename(`${from}/${name}`, `${to}/${name}`);
    this.#gone.add(from);
  }

  removeDirectory(path: string): void {
    if ((this.list(path) ?? []).length > 0) throw new Error(`ENOTEMPTY: ${path}`);
    this.#gone.add(path);
  }

  #isGone(path: string): boolean {
    return [...this.#gone].some((gone) => path === gone || path.startsWith(`${gone}/`));
  }
}
