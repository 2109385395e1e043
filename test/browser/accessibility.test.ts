/** The page for those who do not see it, use no mouse, or want stillness. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { automaton } from "../../worlds/automaton/index.ts";
import { wolfSheep } from "../../worlds/wolf-sheep/index.ts";
import { startBrowser, withoutBrowser, type Browser } from "./chromium.ts";
import { shows } from "./seen.ts";
import { openSite, type Site } from "./site.ts";

const os = { durability: "os", window: 64 } as const;

/** What axe-core finds, as lines. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate<
    string[]
  >(`axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => id + " " + target.join(" ") + ": " + failureSummary)))`);
}

describe("the page for everyone", { skip: withoutBrowser }, () => {
  let site: Site;
  let browser: Browser;

  before(async () => {
    site = await openSite(async (runs) => {
      const small = { size: "16x16", sheep: 20, wolves: 5 };
      await using meadow = await runs.record("meadow", { world: wolfSheep, params: small, ...os });
      await meadow.step(40);
      const cube = { size: "12x12x12", rule: "B6/S6-10" };
      await using voxels = await runs.record("voxels", { world: automaton, params: cube, ...os });
      await voxels.step(5);
    });
    browser = await startBrowser();
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });

  for (const scheme of ["dark", "light"] as const) {
    test(`axe-core finds nothing, ${scheme}: maps, rows, voxels, dialogs`, async () => {
      const page = await browser.newPage();
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      for (const [path, tick] of [
        ["meadow#v=1&t=20&sel=grass:5&focus=3:30&mark=7:seven", 20],
        ["meadow#v=1&t=20&view=table&sel=sheep:2", 20],
        ["voxels#v=1&t=3", 3],
      ] as const) {
        await page.goto("about:blank");
        await page.goto(`${site.url}/r/${path}`);
        await shows(page, tick);
        await page.waitForTimeout(600);
        assert.deepEqual(await violations(page), [], path);
      }
      for (const key of ["?", "Control+k", "p"]) {
        await page.keyboard.press(key);
        await page.getByRole("dialog").waitFor();
        assert.deepEqual(await violations(page), [], `dialog of ${key}`);
        await page.keyboard.press("Escape");
        await page.getByRole("dialog").waitFor({ state: "detached" });
      }
      await page.close();
    });
  }

  test("the tick is said to a screen reader, at most once a second", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/meadow#v=1&t=20`);
    await shows(page, 20);
    await page.locator("[aria-live]", { hasText: "tick 20" }).waitFor({ state: "attached" });
    await page.evaluate(`window.said = 0; new MutationObserver(() => window.said++).observe(
      document.querySelector("[aria-live]"), { subtree: true, childList: true, characterData: true })`);
    await page.keyboard.press("Home");
    for (let i = 0; i < 30; i++) await page.keyboard.press("ArrowRight");
    await shows(page, 30);
    await page.locator("[aria-live]", { hasText: "tick 30" }).waitFor({ state: "attached" });
    assert((await page.evaluate<number>("said")) <= 4, "not each of thirty ticks");
    await page.close();
  });

  test("the keyboard alone reaches the runs, the views, the scrubber and what lies behind them", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/meadow#v=1&t=20`);
    await shows(page, 20);
    const reached = new Set<string>();
    for (let i = 0; i < 500 && ![...reached].some((each) => each.startsWith("Scrubber")); i++) {
      await page.keyboard.press("Tab");
      const name = `(document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent ?? "").slice(0, 24)`;
      reached.add(await page.evaluate<string>(name));
    }
    for (const name of ["Filter the runs", "Play", "Scrubber. Arrow keys step", "rows", "Events"]) {
      assert(
        [...reached].some((each) => each.startsWith(name.slice(0, 24))),
        `${name} of ${[...reached].join(" | ")}`,
      );
    }
    await page.close();
  });
});
