/** The page on real recorded runs: what it shows, and the ways through time. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { countGliders } from "everytick/worlds/automaton";
import { automaton } from "../../worlds/automaton/index.ts";
import { wolfSheep } from "../../worlds/wolf-sheep/index.ts";
import { startBrowser, withoutBrowser, type Browser } from "./chromium.ts";
import { boxOf, cellsOf, shows } from "./seen.ts";
import { openSite, type Site } from "./site.ts";

/** Where the pictures of `docs/inspector.md` go: `SHOTS=docs/inspector`; nowhere, unless it is said. */
const shots = process.env["SHOTS"];

async function shoot(page: Page, name: string): Promise<void> {
  if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}.png`) });
}

const os = { durability: "os", window: 64 } as const;

describe("the page", { skip: withoutBrowser }, () => {
  let site: Site;
  let browser: Browser;

  before(async () => {
    site = await openSite(async (runs) => {
      const glider = { pattern: "glider" };
      await using life = await runs.record("glider", { world: automaton, params: glider, ...os });
      await life.step(400);
      const cube = { rule: "B6/S6-10", size: "24x24x24" };
      await using voxels = await runs.record("voxels", {
        world: automaton,
        params: cube,
        seed: 7,
        ...os,
      });
      await voxels.step(60);
      const small = { size: "32x32", sheep: 60, wolves: 20 };
      await using meadow = await runs.record("meadow", {
        world: wolfSheep,
        params: small,
        seed: 3,
        ...os,
      });
      await meadow.step(120);
    });
    browser = await startBrowser();
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });

  const cellsAt = async (tick: number): Promise<string> => {
    await using run = await site.runs.open("glider");
    const { cells } = (await run.at(tick)).state as { cells: Uint8Array };
    return Array.from(cells, (cell) => (cell === 0 ? "." : "#")).join("");
  };

  test("CON-40: a glider is where it must be at tick 400, and back at tick 0", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/glider#v=1&t=400`);
    await shows(page, 400);
    const last = await cellsOf(page, [64, 64]);
    assert.equal(last, await cellsAt(400));
    assert.equal(
      countGliders(
        Uint8Array.from(last, (cell) => (cell === "#" ? 1 : 0)),
        64,
        64,
      ),
      1,
    );
    await shoot(page, "glider");
    await page.keyboard.press("Home");
    await shows(page, 0);
    assert.equal(await cellsOf(page, [64, 64]), await cellsAt(0));
    await page.close();
  });

  test("TAK-65: a step on and a step back show the tick after and the tick before", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/glider#v=1&t=100`);
    await shows(page, 100);
    for (const [key, tick] of [
      ["ArrowRight", 101],
      ["ArrowLeft", 100],
      ["Shift+ArrowLeft", 90],
      ["Alt+ArrowRight", 190],
      [".", 191],
      [",", 190],
      ["End", 400],
      ["ArrowRight", 400],
      ["Home", 0],
      ["ArrowLeft", 0],
    ] as const) {
      await page.keyboard.press(key);
      await shows(page, tick);
      assert.equal(await cellsOf(page, [64, 64]), await cellsAt(tick), `${key}: tick ${tick}`);
    }
    await page.close();
  });

  test("the scrubber goes to any tick, and the lane below it focuses a range that play keeps to", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/glider#v=1&t=0`);
    await shows(page, 0);
    const box = await boxOf(page, "#scrubber");
    const at = (tick: number): number => box.x + ((tick + 0.5) / 401) * box.width;
    await page.mouse.move(at(50), box.y + 20);
    await page.mouse.down();
    await page.mouse.move(at(200), box.y + 20, { steps: 8 });
    await page.mouse.move(at(123), box.y + 20, { steps: 8 });
    await page.mouse.up();
    await shows(page, 123);
    assert.equal(await cellsOf(page, [64, 64]), await cellsAt(123));
    await page.mouse.move(at(100), box.y + 66);
    await page.mouse.down();
    await page.mouse.move(at(140), box.y + 66, { steps: 4 });
    await page.mouse.up();
    await page.getByRole("button", { name: /focus 100 – 140/ }).waitFor();
    await page.keyboard.press("Space");
    await shows(page, 140);
    await page.getByRole("button", { name: "Play", exact: true }).waitFor();
    await page.keyboard.press("j");
    await shows(page, 100);
    await page.close();
  });

  test("a view survives a reload: tick, selection, focus, speed and markers stand in the address", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/glider#v=1&t=33&sel=cells:130&focus=10:200&speed=4`);
    await shows(page, 33);
    await page.keyboard.press("m");
    await page.keyboard.press("ArrowRight");
    await shows(page, 34);
    await page.waitForURL(/t=34.*mark=33/);
    const address = page.url();
    await page.reload();
    await shows(page, 34);
    assert.equal(page.url(), address);
    await page.getByText("cells (2, 2)").first().waitFor();
    await page.getByRole("button", { name: /focus 10 – 200/ }).waitFor();
    await page.close();
  });

  test("a click on a cell shows its value, its whole history and the way to the change before and after", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/glider#v=1&t=60&sel=cells:130`);
    await shows(page, 60);
    await using run = await site.runs.open("glider");
    const changes: number[] = [];
    let last: number | undefined;
    for await (const { tick, state } of run.play()) {
      const value = (state as { cells: Uint8Array }).cells[130]!;
      if (last !== undefined && value !== last) changes.push(tick);
      last = value;
    }
    await page.getByText(`${changes.length} changes in ticks 0 to 400`).waitFor();
    await page.getByRole("button", { name: "Next change", exact: true }).click();
    await shows(page, changes.find((tick) => tick > 60) ?? 60);
    await page.close();
  });

  test("a probe gives the number of the user's own expression at every tick, and says what is wrong with one", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/glider#v=1&t=60`);
    await shows(page, 60);
    const field = page.getByLabel("Probe: a JavaScript expression over state, tick and params");
    await field.fill("count(state.cells) * 1000 + tick");
    await field.press("Enter");
    await page.getByText("5,060").waitFor();
    await field.fill("state.nothing.length");
    await field.press("Enter");
    await page.getByText(/Tick 0: .*undefined/).waitFor();
    await field.fill("fetch('/v1/runs').then(1)");
    await field.press("Enter");
    await page.getByText(/it gives a object, not a number/).waitFor();
    await page.close();
    browser.errors.splice(
      0,
      browser.errors.length,
      ...browser.errors.filter((text) => !/Content Security Policy|Failed to fetch/.test(text)),
    );
  });

  test("CON-40: voxels are drawn, turn, and are found under the pointer", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/voxels#v=1&t=40`);
    await shows(page, 40);
    await page.getByText(/^[\d,]+ voxels$/).waitFor();
    await using run = await site.runs.open("voxels");
    const { cells } = (await run.at(40)).state as { cells: Uint8Array };
    const count = cells.reduce((sum, cell) => sum + cell, 0);
    await page.getByText(`${count.toLocaleString("en")} voxels`).waitFor();
    await shoot(page, "voxels");
    const box = await boxOf(page, "#voxels");
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await page.waitForURL(/sel=cells/);
    const [, row] = /sel=cells%3A(\d+)/.exec(page.url()) ?? [];
    assert.equal(cells[Number(row)], 1, "what was clicked is a voxel");
    await page.mouse.move(box.x + 300, box.y + 200);
    await page.mouse.down();
    await page.mouse.move(box.x + 420, box.y + 240, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/cam=/);
    await page.close();
  });

  test("agents lie on their grid, are counted, listed as rows and followed by their key", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/meadow#v=1&t=50`);
    await shows(page, 50);
    await using run = await site.runs.open("meadow");
    const { sheep } = (await run.at(50)).state as { sheep: { size: number } };
    await page.getByText(`sheep ${sheep.size}`, { exact: true }).waitFor();
    await shoot(page, "meadow");
    await page.keyboard.press("2");
    await page.getByText(`${sheep.size} rows`).waitFor();
    await page.locator(".table-grid tbody tr[tabindex]").first().click();
    await page.getByText(/changes in ticks 0 to 120/).waitFor();
    await page.getByRole("tab", { name: "Events" }).click();
    await page
      .getByText(/births: animal|deaths: animal/)
      .first()
      .waitFor();
    await page.close();
  });

  test("everything can be done from the palette by keyboard alone", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/glider#v=1&t=0`);
    await shows(page, 0);
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("250");
    await page.keyboard.press("Enter");
    await shows(page, 250);
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("run mea");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/r\/meadow/);
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Help and keys" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.close();
  });

  test("a picture, a clip of a known size and rows are exported with run, tick and seed in their names", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/glider#v=1&t=400&focus=0:8`);
    await shows(page, 400);
    await page.keyboard.press("p");
    const [png] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "PNG", exact: true }).click(),
    ]);
    assert.equal(png.suggestedFilename(), "glider-tick-400.png");
    const [csv] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: /cells · 4,096 rows/ }).click(),
    ]);
    assert.equal(csv.suggestedFilename(), "glider-tick-400-cells.csv");
    await page.getByRole("button", { name: "How large will it be?" }).click();
    const make = page.getByRole("button", { name: /Make the GIF, about/ });
    const [gif] = await Promise.all([page.waitForEvent("download"), make.click()]);
    assert.equal(gif.suggestedFilename(), "glider-tick-0-8.gif");
    await page.close();
  });

  test("it fits a phone, and stands alone in a frame", async () => {
    const phone = await browser.newPage({ width: 390, height: 844 });
    await phone.goto(`${site.url}/r/meadow#v=1&t=50`);
    await shows(phone, 50);
    const overflow = await phone.evaluate("document.documentElement.scrollWidth - innerWidth");
    assert.equal(overflow, 0, "nothing reaches beyond the side");
    await shoot(phone, "phone");
    await phone.goto(`${site.url}/r/meadow?embed=1#v=1&t=50`);
    await shows(phone, 50);
    assert.equal(await phone.locator(".head").isVisible(), false);
    await phone.close();
  });

  test("no page threw or complained", () => {
    assert.deepEqual(browser.errors, []);
  });
});
