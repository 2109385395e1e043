/** What the page takes, in Debian's Chromium without a window or a graphics card: `npm run bench:page`. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRuns, type Runs } from "everytick";
import { chromium, type Browser } from "playwright-core";
import { openServer } from "../src/api/index.ts";
import { buildPage } from "../test/browser/site.ts";
import { automaton } from "../worlds/automaton/index.ts";

const ticks = Number(process.argv[2] ?? 2000);
const scrubs = Number(process.argv[3] ?? 120);
const playSeconds = 8;

/** Runs in the page: notes when ticks are asked for and when the frame that shows them is drawn. */
const watch = `
  window.__scrubs = [];
  const shown = [];
  let asked, usable;
  addEventListener("pointerdown", () => (asked = performance.now()), true);
  const drawn = () => {
    const stage = document.querySelector("#stage");
    if (stage?.dataset.tick === undefined) return;
    usable ??= performance.now();
    shown.push(performance.now());
    if (asked === undefined || stage.dataset.tick !== stage.dataset.asked) return;
    __scrubs.push(performance.now() - asked);
    asked = undefined;
  };
  const changes = new MutationObserver(() => requestAnimationFrame(drawn));
  changes.observe(document, { subtree: true, childList: true, attributeFilter: ["data-tick", "data-asked"] });
  window.__isDrawn = () => asked === undefined;
  window.__figures = () => ({ paint: performance.getEntriesByName("first-contentful-paint")[0].startTime, usable });
  window.__shownSince = (milliseconds) => {
    const from = performance.now() - milliseconds;
    return new Set(shown.filter((at) => at > from).map((at) => Math.round(at))).size;
  };
`;

const folder = mkdtempSync(join(tmpdir(), "everytick-bench-page-"));
try {
  const page = join(folder, "page");
  mkdirSync(page);
  buildPage(page);
  await using runs = await openRuns(join(folder, "runs"));
  await record(runs, "life", { size: "256x256" }, ticks);
  await record(runs, "cube", { size: "64x64x64", rule: "B6/S6-10" }, ticks);
  await record(runs, "long", { size: "16x16" }, 50 * ticks);
  await using server = await openServer(runs, { page });
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    headless: true,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  for (const id of ["long", "cube", "life"]) await measure(browser, server.url, id);
  await browser.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function record(runs: Runs, id: string, params: object, steps: number): Promise<void> {
  const options = { world: automaton, params, seed: 1, durability: "os", window: 256 } as const;
  await using run = await runs.record(id, options);
  await run.step(steps);
}

async function measure(browser: Browser, url: string, id: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  await page.addInitScript(watch);
  await page.goto(`${url}/r/${id}`);
  await page.locator("#stage[data-tick]").waitFor();
  const { paint, usable } = await page.evaluate<{ paint: number; usable: number }>("__figures()");
  say(id, "first paint, usable", `${paint.toFixed(0)} ms, ${usable.toFixed(0)} ms`);
  await page.waitForTimeout(1500);
  const box = (await page.locator("#scrubber").boundingBox())!;
  for (let i = 0; i < scrubs; i++) {
    // Far apart, so that no tick is near the one before.
    const share = (i * 0.6180339887) % 1;
    await page.mouse.click(box.x + share * (box.width - 1), box.y + 20);
    // A click on the tick that is shown draws nothing.
    for (let wait = 0; wait < 200; wait++) {
      if (await page.evaluate<boolean>("__isDrawn()")) break;
      await page.waitForTimeout(20);
    }
  }
  const times = (await page.evaluate<number[]>("__scrubs")).toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(0);
  say(id, "scrub to the drawn frame", `median ${at(0.5)} ms, p99 ${at(0.99)} ms (${times.length})`);
  await page.keyboard.press("Home");
  await page.waitForTimeout(500);
  await page.keyboard.press("l");
  await page.waitForTimeout(1000 * playSeconds);
  const shown = await page.evaluate<number>("__shownSince(" + 1000 * playSeconds + ")");
  say(id, "play at 1×, ticks shown", `${(shown / playSeconds).toFixed(1)} a second`);
  say(id, "memory of the page's process", `${(await memory(browser)).toFixed(0)} MB`);
  await page.close();
}

/** Resident memory of the renderer that holds most. */
async function memory(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const sizes = processInfo
    .filter(({ type }) => type === "renderer")
    .map(({ id }) =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1]),
    );
  return Math.max(...sizes) / 1000;
}

function say(id: string, what: string, figure: string): void {
  console.log(`${id.padEnd(6)} ${what.padEnd(30)} ${figure}`);
}
