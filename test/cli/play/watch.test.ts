import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { grid, openRuns, table } from "../../../src/index.ts";
import { temporaryFolder } from "../everytick-process.ts";
import { hasPython, Terminal } from "./pseudo-terminal.ts";

const keys = { right: "\u001B[C", left: "\u001B[D", down: "\u001B[B", escape: "\u001B" };
const shift = { right: "\u001B[1;2C", left: "\u001B[1;2D" };
const enter = "\u001B[?1049h\u001B[?25l\u001B[?7l";
const leave = "\u001B[0m\u001B[?7h\u001B[?25h\u001B[?1049l";
const size = { rows: 14, columns: 70 };
/** Where there is no Python there is no terminal to look at. */
const onTerminal = { skip: !hasPython, timeout: 60_000 };

/** A run `walk` in which a lone cell goes over a grid, and sheep come in; of these ticks only some are recorded. */
async function recorded(t: TestContext, ticks: readonly number[]): Promise<string> {
  const cwd = await temporaryFolder(t);
  await using runs = await openRuns(join(cwd, "runs"));
  const state = {
    cells: grid("u8", [4, 30]),
    sheep: table({ id: "u32", name: "utf8" }, { key: "id" }),
  };
  const run = await runs.record("walk", { state, sparse: true, window: 1000 });
  for (const tick of ticks) {
    run.state.cells.fill(0);
    run.state.cells[tick % 30] = 1;
    run.state.sheep.insert({ id: tick, name: `羊 ${tick}` });
    await run.commit({ tick });
  }
  await run.close();
  return cwd;
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

/** What stands where a line of the picture begins. */
function lineOf(terminal: Terminal, number: number): string {
  return (terminal.display.lines[number] ?? "").trimEnd();
}

test(
  "a person plays, steps, goes to a tick, looks at another store, and leaves",
  onTerminal,
  async (t) => {
    const cwd = await recorded(t, upTo(40));
    const terminal = new Terminal(t, cwd, ["play", "walk"], size);
    await terminal.sees(
      /■ tick 0 of 40 · 16 ticks\/s · walk · cells 4×30 · all 0\nq quit · space play/,
    );
    assert.equal(terminal.display.lines.length, size.rows);
    assert.equal(terminal.display.isCursorShown, false);

    terminal.press(keys.right);
    await terminal.sees(/tick 1 of 40/);
    assert.equal(lineOf(terminal, 0), " ▀");
    terminal.press(shift.right);
    await terminal.sees(/tick 11 of 40/);
    assert.equal(lineOf(terminal, 0), `${" ".repeat(11)}▀`);
    terminal.press(shift.left + keys.left);
    await terminal.sees(/tick 0 of 40/);
    terminal.press(keys.left);

    terminal.press("g");
    await terminal.sees(/^go to tick _ · 0 to 40/m);
    terminal.press("59\u007F");
    await terminal.sees(/^go to tick 5_/m);
    terminal.press("\r");
    await terminal.sees(/■ tick 5 of 40/);
    assert.equal(lineOf(terminal, 0), `${" ".repeat(5)}▀`);
    terminal.press("g7");
    await terminal.sees(/^go to tick 7_/m);
    terminal.press(keys.escape);
    await terminal.sees(/■ tick 5 of 40/);

    terminal.press("++++ ");
    await terminal.sees(/▶ tick \d+ of 40 · 256 ticks\/s/);
    await terminal.sees(/■ tick 40 of 40/);
    terminal.press("r ");
    await terminal.sees(/■◀ tick 0 of 40/);

    terminal.press(`r${shift.right}\t`);
    await terminal.sees(/■ tick 10 of 40 · 256 ticks\/s · walk · sheep 10 rows\n/);
    assert.match(terminal.text, /^id {3}name\n 1 {3}羊 1\n 2 {3}羊 2\n/);
    terminal.press("g40\r");
    await terminal.sees(/sheep 40 rows, 1 to 10\n/);
    terminal.press(keys.down);
    await terminal.sees(/sheep 40 rows, 2 to 11\n/);
    terminal.press("\u001B[6~\u001B[6~\u001B[6~\u001B[6~\u001B[A");
    await terminal.sees(/sheep 40 rows, 30 to 39\n/);
    terminal.press("\u001B[Z");
    await terminal.sees(/cells 4×30/);

    terminal.press("q");
    assert.deepEqual(await terminal.ended, { code: 0, isCooked: true });
    assert(terminal.written.startsWith(enter));
    assert(terminal.written.endsWith(leave), "nothing follows what brings the screen back");
  },
);

test("arrows go over ticks that are not recorded, in both directions", onTerminal, async (t) => {
  const cwd = await recorded(t, [4, 5, 20, 21, 60]);
  const terminal = new Terminal(t, cwd, ["play", "walk"], size);
  await terminal.sees(/tick 0 of 60/);
  const steps: readonly (readonly [string, number])[] = [
    ["g5\r", 5],
    [keys.right, 20],
    [keys.left, 5],
    ["g19\r", 5],
    ["g22\r", 21],
    [shift.right, 60],
    [shift.left, 21],
    [keys.left + keys.left, 5],
    ["\u001B[F", 60],
    [keys.left, 21],
    ["\u001B[H", 0],
    [keys.right, 4],
  ];
  for (const [pressed, tick] of steps) {
    terminal.press(pressed);
    await terminal.sees(new RegExp(`■ tick ${tick} of 60`));
  }
  terminal.press("++++ ");
  await terminal.sees(/■ tick 60 of 60/);
  terminal.press("r ");
  await terminal.sees(/■◀ tick 0 of 60/);
  terminal.press("q");
  assert.deepEqual(await terminal.ended, { code: 0, isCooked: true });
});

for (const [title, end, code] of [
  ["Ctrl-C", (terminal: Terminal) => terminal.press("\u0003"), 0],
  ["SIGTERM", (terminal: Terminal) => terminal.signal(15), 130],
] as const) {
  test(`${title} brings the screen back while it plays`, onTerminal, async (t) => {
    const cwd = await recorded(t, upTo(300));
    const terminal = new Terminal(t, cwd, ["play", "walk"], size);
    await terminal.sees(/tick 0 of 300/);
    terminal.press(" ");
    await terminal.sees(/▶ tick 2\d* of 300/);
    end(terminal);
    assert.deepEqual(await terminal.ended, { code, isCooked: true });
    assert(terminal.written.endsWith(leave));
  });
}

test("an error ends it with the screen brought back, and is read on it", onTerminal, async (t) => {
  const cwd = await recorded(t, upTo(3));
  const terminal = new Terminal(t, cwd, ["play", "walk", "--store", "shep"], size);
  assert.deepEqual(await terminal.ended, { code: 1, isCooked: true });
  assert.match(terminal.text, /RUNS_STORE[^]*one of cells, sheep[^]*did you mean --store sheep\?/);
  assert(!terminal.written.includes(enter));
});

for (const [title, code] of [
  ["an error that nobody catches", 1],
  ["a second signal", 130],
] as const) {
  test(`${title} brings the screen back too`, onTerminal, async (t) => {
    const program = join(import.meta.dirname, "screen-program.ts");
    const terminal = new Terminal(t, ".", [String(code)], size, program);
    await terminal.sees(/on the screen/);
    terminal.press("q");
    assert.deepEqual(await terminal.ended, { code, isCooked: true });
    assert(terminal.written.includes(leave));
    assert.equal(terminal.display.isAlternate, false);
    assert.equal(terminal.display.isCursorShown, true);
    if (code === 1) assert.match(terminal.text, /Error: at a key/);
  });
}

test(
  "a damaged tick is told on the screen, and what lies before it is still seen",
  onTerminal,
  async (t) => {
    const cwd = await recorded(t, upTo(200));
    const journal = join(cwd, "runs/walk/journal");
    const [segment] = (await readdir(journal)).sort();
    const path = join(journal, segment as string);
    const bytes = await readFile(path);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] as number) ^ 0xff;
    await writeFile(path, bytes);
    await using runs = await openRuns(join(cwd, "runs"));
    await using run = await runs.open("walk");
    let damaged = 0;
    while (
      await run.at(damaged).then(
        () => true,
        () => false,
      )
    )
      damaged += 1;
    assert(damaged > 4 && damaged < run.tick);

    const terminal = new Terminal(t, cwd, ["play", "walk"], size);
    await terminal.sees(/tick 0 of/);
    terminal.press(`g${damaged - 2}\r `);
    await terminal.sees(new RegExp(`^JOURNAL_DAMAGED[^]*■ tick ${damaged} of [^]*cannot be shown`));
    terminal.press(keys.left);
    await terminal.sees(new RegExp(`■ tick ${damaged - 1} of .*4×30`));
    assert.equal(lineOf(terminal, 0), `${" ".repeat((damaged - 1) % 30)}▀`);
    terminal.press("\u001B[F");
    await terminal.sees(new RegExp(`■ tick ${run.tick} of`));
    terminal.press("q");
    assert.deepEqual(await terminal.ended, { code: 0, isCooked: true });
  },
);

test("a run that grows is followed, and its end is waited at", onTerminal, async (t) => {
  const cwd = await temporaryFolder(t);
  await using runs = await openRuns(join(cwd, "runs"));
  const run = await runs.record("live", { state: { cells: grid("u8", [2, 200]) } });
  for (let tick = 1; tick <= 3; tick++) await run.commit();
  const terminal = new Terminal(t, cwd, ["play", "live"], size);
  await terminal.sees(/■ tick 0 of 3, growing/);
  terminal.press("+++ ");
  await terminal.sees(/▶ tick 3 of 3, growing/);
  for (let tick = 4; tick <= 9; tick++) {
    run.state.cells[tick] = 1;
    await run.commit();
  }
  await terminal.sees(/▶ tick 9 of 9, growing/);
  assert.match(lineOf(terminal, 0), /▀/);
  await run.close();
  await terminal.sees(/■ tick 9 of 9 ·/);
  terminal.press("q");
  assert.deepEqual(await terminal.ended, { code: 0, isCooked: true });
});

test(
  "another size of the terminal is another picture; the smallest is no error",
  onTerminal,
  async (t) => {
    const cwd = await recorded(t, upTo(5));
    const terminal = new Terminal(t, cwd, ["play", "walk"], size);
    await terminal.sees(/cells 4×30 · all 0/);
    terminal.resize({ rows: 8, columns: 100 });
    await terminal.sees(/^q quit .*speed$/m);
    assert.equal(terminal.display.lines.length, 8);
    terminal.resize({ rows: 1, columns: 3 });
    terminal.press(keys.right);
    await terminal.sees(/^.{0,3}$/);
    terminal.resize(size);
    await terminal.sees(/tick 1 of 5/);
    terminal.press("\u001A");
    terminal.press(keys.right);
    await terminal.sees(/tick 2 of 5/);
    terminal.press("q");
    assert.deepEqual(await terminal.ended, { code: 0, isCooked: true });
  },
);
