import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

/** A file of the browser page, in memory. */
export interface PageFile {
  readonly bytes: Uint8Array;
  readonly type: string;
}
/** The files of the page by their path below it. What a request names is looked up here and nowhere else. */
export type Page = ReadonlyMap<string, PageFile>;

const types: { readonly [extension: string]: string } = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

/** Reads a built page whole: a few hundred kilobytes. `undefined` if there is none. */
export function readPage(folder: string): Page | undefined {
  const page = new Map<string, PageFile>();
  for (const entry of listed(folder)) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1).replaceAll("\\", "/");
    page.set(name, { bytes: new Uint8Array(readFileSync(path)), type });
  }
  return page.has("index.html") ? page : undefined;
}

function listed(folder: string): ReturnType<typeof entriesOf> {
  try {
    return entriesOf(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function entriesOf(folder: string) {
  return readdirSync(folder, { recursive: true, withFileTypes: true });
}
