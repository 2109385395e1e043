/** What the page does with what nobody wishes for: it says what happened, and stays usable. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { grid, log, table, type Runs } from "everytick";
import { automaton } from "../../worlds/automaton/index.ts";
import { startBrowser, withoutBrowser, type Browser } from "./chromium.ts";
import { shows } from "./seen.ts";
import { openSite, type Site } from "./site.ts";

const os = { durability: "os", window: 64 } as const;
const markup = '<img src=x onerror="document.title=1"><b>bold</b>';

async function recordAll(runs: Runs): Promise<void> {
  const cells = () => ({ cells: grid("u8", [8, 8]) });
  await using one = await runs.record("one", { state: cells(), ...os });
  await one.close();
  await using gaps = await runs.record("gaps", { state: cells(), ...os });
  for (let tick = 1; tick <= 20; tick++) {
    gaps.state.cells[tick % 64] = 1;
    await gaps.commit();
  }
  await gaps.gap({ until: 60, reason: "the machine slept" });
  await gaps.commit();
  await using broken = await runs.record("broken", { world: automaton, seed: 1, ...os });
  await broken.step(300);
  await broken.close();
  const state = {
    people: table({ id: "u32", name: "utf8" }, { key: "id" }),
    said: log({ text: "utf8" }),
  };
  await using names = await runs.record("names", { state, labels: { note: markup }, ...os });
  names.state.people.insert({ id: 1, name: markup });
  names.state.said.append({ text: markup });
  await names.commit();
  const cube = { size: "12x12x12", rule: "B6/S6-10" };
  await using voxels = await runs.record("voxels", { world: automaton, params: cube, ...os });
  await voxels.step(5);
}

/** Changes bytes in the middle of a segment. */
function spoil(folder: string): void {
  const journal = join(folder, "broken/journal");
  const path = join(journal, readdirSync(journal)[0] as string);
  const bytes = readFileSync(path);
  bytes.fill(0x55, bytes.length >> 1, (bytes.length >> 1) + 40);
  writeFileSync(path, bytes);
}

describe("the page and what nobody wishes for", { skip: withoutBrowser }, () => {
  let site: Site;
  let browser: Browser;

  before(async () => {
    site = await openSite(recordAll);
    spoil(site.folder);
    browser = await startBrowser();
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });

  test("a run of one tick is shown; nothing beyond it can be reached", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/one`);
    await shows(page, 0);
    for (const key of ["ArrowRight", "End", "Space", "j", "w", "."]) await page.keyboard.press(key);
    await shows(page, 0);
    await page.close();
  });

  test("a tick in a gap says why it is none, with a way out; a focus of gaps only stays usable", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/gaps#v=1&t=30&focus=25:55`);
    await page.getByRole("heading", { name: "Tick 30 lies in a gap" }).waitFor();
    await page.getByText(/the machine slept/).waitFor();
    await page.keyboard.press("Space");
    await page.getByRole("button", { name: "Recorded tick after" }).waitFor({ state: "detached" });
    await page.goto(`${site.url}/r/gaps#v=1&t=31`);
    await page.getByRole("button", { name: "Recorded tick before" }).click();
    await shows(page, 20);
    await page.keyboard.press("ArrowRight");
    await shows(page, 61);
    await page.close();
  });

  test("damage in the middle is said at the ticks that it hides, and all others are shown", async () => {
    await using run = await site.runs.open("broken");
    const isReadable = async (tick: number): Promise<boolean> => {
      return run.at(tick).then(
        () => true,
        () => false,
      );
    };
    let hidden = 0;
    while (await isReadable(hidden)) hidden++;
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/broken#v=1&t=${hidden - 1}`);
    await shows(page, hidden - 1);
    await page.keyboard.press("ArrowRight");
    await page.getByRole("heading", { name: /cannot be read: its bytes are damaged/ }).waitFor();
    await page.getByText(/\.seg, byte \d+/).waitFor();
    await page.keyboard.press("Home");
    await shows(page, 0);
    await page.keyboard.press("End");
    await shows(page, 300);
    await page.close();
  });

  test("names full of markup are shown as they are", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/names#v=1&t=1`);
    await shows(page, 1);
    await page.getByRole("cell", { name: markup }).waitFor();
    await page.getByRole("tab", { name: "Events" }).click();
    await page.getByText(`said: text ${markup}`).waitFor();
    assert.equal(await page.locator("b", { hasText: "bold" }).count(), 0);
    assert.match(await page.title(), /^names/);
    await page.close();
  });

  test("a run that is not there, and an address without one, say so", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/nothing`);
    await page.getByRole("heading", { name: "nothing cannot be shown" }).waitFor();
    await page.getByText(/There is no run of that id/).waitFor();
    await page.goto(`${site.url}/`);
    await page.getByRole("heading", { name: "Which run?" }).waitFor();
    await page.close();
    browser.errors.length = 0;
  });

  test("a link of another version is said to be one, and followed as far as it is understood", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/broken#v=9&t=12&view=hologram&new=1`);
    await shows(page, 12);
    await page.getByText(/another version of the page \(9\)/).waitFor();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await page.close();
  });

  test("a server that goes away is said to be away, and the page goes on when it is back", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/voxels#v=1&t=0`);
    await shows(page, 0);
    await site.stop();
    await page.getByRole("link", { name: /gaps/ }).click();
    await page.getByText(/The server does not answer/).waitFor();
    await site.restart();
    await shows(page, 0);
    await page.keyboard.press("End");
    await shows(page, 61);
    await page.getByText(/The server does not answer/).waitFor({ state: "detached" });
    await page.close();
    browser.errors.length = 0;
  });

  test("ten thousand runs are listed, filtered and few of them are elements", async () => {
    const page = await browser.newPage();
    const runs = Array.from({ length: 10_000 }, (_, i) => {
      const id = `run-${String(i).padStart(5, "0")}`;
      const world = { name: "automaton", version: 1 };
      return { id, world, state: "closed", error: null, tick: i, bytes: 1000 * i, seed: i };
    });
    await page.route("**/v1/runs?*", async (route) => {
      const from = Number(new URL(route.request().url()).searchParams.get("cursor") ?? 0);
      const next = from + 1000 < runs.length ? { next: String(from + 1000) } : {};
      await route.fulfill({ json: { runs: runs.slice(from, from + 1000), ...next } });
    });
    await page.goto(`${site.url}/r/one`);
    await page.getByText("10,000", { exact: true }).waitFor();
    assert((await page.locator("a.run").count()) < 60);
    await page.keyboard.press("/");
    await page.keyboard.type("run-09123");
    await page.getByText("1 of 10,000").waitFor();
    await page.getByRole("link", { name: /run-09123/ }).waitFor();
    await page.close();
  });

  test("TAK-62: ticks of a run that is recorded arrive; who looks back stays there until End", async () => {
    await using run = await site.runs.record("growing", { world: automaton, seed: 2, ...os });
    await run.step(5);
    await run.flush();
    const page = await browser.newPage();
    await page.goto(`${site.url}/r/growing`);
    await shows(page, 5);
    await run.step(20);
    await run.flush();
    await shows(page, 25);
    await page.keyboard.press("ArrowLeft");
    await shows(page, 24);
    await run.step(311);
    await run.flush();
    await page.getByRole("button", { name: "live +312" }).waitFor();
    await shows(page, 24);
    await page.keyboard.press("End");
    await shows(page, 336);
    await run.step(1);
    await run.flush();
    await shows(page, 337);
    await page.close();
  });

  test("without WebGL2 a message says so and leads to the rows", async () => {
    await using other = await startBrowser("--disable-software-rasterizer");
    const page = await other.newPage();
    await page.goto(`${site.url}/r/voxels#v=1&t=5`);
    await page.getByRole("heading", { name: /no WebGL2/ }).waitFor();
    await page.getByRole("button", { name: "Show the rows" }).click();
    await page.getByText("1,728 rows").waitFor();
    await page.close();
  });

  test("no page threw or complained", () => {
    assert.deepEqual(browser.errors, []);
  });
});
