/** Debian's Chromium, driven without a window. It draws in software here, so figures are those of a slow machine. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";

const path = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Why tests in a browser cannot run here; `false` if they can. In CI they must. */
export const withoutBrowser =
  existsSync(path) || process.env["CI"] !== undefined
    ? false
    : `no Chromium at ${path}: apt-get install chromium, or name another in CHROMIUM`;

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface Browser extends AsyncDisposable {
  /** A page whose errors end up in `errors`. */
  newPage(size?: { readonly width: number; readonly height: number }): Promise<Page>;
  /** What went wrong in any page. */
  readonly errors: string[];
}

/** What drivers without a graphics card say of themselves. */
const isOfDriver = (text: string): boolean => /GL Driver Message|WebGL/.test(text);

export async function startBrowser(...more: readonly string[]): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "everytick-chromium-"));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: path,
    headless: true,
    viewport: { width: 1280, height: 720 },
    acceptDownloads: true,
    args: [...flags, ...more],
  });
  const errors: string[] = [];
  return {
    errors,
    async newPage(size) {
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      if (size !== undefined) await page.setViewportSize(size);
      page.on("pageerror", (error) => errors.push(error.stack ?? error.message));
      page.on("console", (message) => {
        const text = message.text();
        if (message.type() === "error" && !isOfDriver(text)) errors.push(text);
      });
      return page;
    },
    async [Symbol.asyncDispose]() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
