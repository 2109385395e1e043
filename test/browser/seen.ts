/** What a page shows, read from its pixels and its words. */
import type { Page } from "playwright-core";

/** Waits until a tick is asked for and shown. */
export async function shows(page: Page, tick: number): Promise<void> {
  await page.locator(`#stage[data-tick="${tick}"][data-asked="${tick}"]`).waitFor();
  // The canvas follows in the next frame.
  await page.evaluate(
    "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
  );
}

/**
 * The cells of a map that are not background, from the middle pixel of each; `#` and `.`, row by row.
 * @param size columns and rows of the grid, whose cells are at least 5 pixels wide
 */
export async function cellsOf(
  page: Page,
  [columns, rows]: readonly [number, number],
): Promise<string> {
  const script = `(() => {
    const canvas = document.querySelector("#map");
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const cell = Math.floor(Math.min((width - 24) / ${columns}, (height - 24) / ${rows}));
    const left = Math.round((width - cell * ${columns}) / 2), top = Math.round((height - cell * ${rows}) / 2);
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let cells = "";
    for (let y = 0; y < ${rows}; y++) for (let x = 0; x < ${columns}; x++) {
      const px = Math.floor((left + (x + 0.5) * cell) * devicePixelRatio);
      const py = Math.floor((top + (y + 0.5) * cell) * devicePixelRatio);
      const at = 4 * (py * canvas.width + px);
      cells += data[at] === 61 && data[at + 1] === 155 && data[at + 2] === 224 ? "#" : ".";
    }
    return cells;
  })()`;
  return page.evaluate<string>(script);
}

/** Where something is that can be pressed. */
export async function boxOf(
  page: Page,
  selector: string,
): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await page.locator(selector).boundingBox();
  if (box === null) throw new Error(`${selector} is not shown`);
  return box;
}
