/** Random worlds that drift: every way to a tick must arrive at the copy that was made there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NumberEncoding } from "../../src/format/number-blocks.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { grid, openRuns, type Run, type Tick } from "everytick";
import { memoryPorts } from "everytick/testing";
import { encodingsIn } from "../format/block-heads.ts";
import { Choices } from "../model/choices.ts";
import { folder } from "../runs/memory-runs.ts";
import { driftingRun, framesIn, journal, textOf, type Definition } from "./drifting-run.ts";

const ticks = 70;
const second: number = NumberEncoding.secondDifferences;

/** One of the things that one does with a run, at a place of chance. */
async function useOnce(
  run: Run<Definition>,
  fresh: Run<Definition>,
  texts: readonly string[],
  choices: Choices,
): Promise<string> {
  const last = texts.length - 1;
  const verify = choices.chance(0.3);
  const [tick, other] = [choices.below(last + 1), choices.below(last + 1)];
  const use = choices.below(10);
  if (use < 5) {
    const past = await run.at(tick, { verify });
    assert.equal(textOf(past.state), texts[tick], `tick ${tick}`);
    return "at";
  }
  if (use < 7) {
    const seen: number[] = [];
    for await (const past of run.play({ from: tick, to: other, verify, reuse: true })) {
      assert.equal(textOf(past.state), texts[past.tick], `tick ${past.tick} from ${tick}`);
      seen.push(past.tick);
      if (choices.chance(0.03)) break;
    }
    seen.forEach((each, i) => assert.equal(each, tick < other ? tick + i : tick - i));
    return "play";
  }
  if (use < 9) {
    const changes = await run.changesAt(tick, { verify });
    assert.deepEqual(changes, await fresh.changesAt(tick), `changes of tick ${tick}`);
    return "changes";
  }
  const report = await run.verify();
  assert.deepEqual([report.damage, report.ticks], [[], texts.length]);
  return "verify";
}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`T1, T2, T5, T6: a random world that drifts, used in any order, seed ${seed}`, async () => {
    const { vfs, texts, reader } = await driftingRun(seed, ticks, seed % 3 === 0 ? 22_000 : 10_000);
    const files = vfs.list(journal) ?? [];
    const found = ["first", "second", "seen", "vectors", "rows"].flatMap((store) =>
      files.flatMap((file) => encodingsIn(vfs.read(`${journal}/${file}`), store)),
    );
    assert(found.flat().includes(second), "second differences stand in it");
    const frames = files.map((file) => framesIn(vfs.read(`${journal}/${file}`)));
    assert(frames.length > 1 && frames.flat().length > ticks);
    const choices = new Choices(seed);
    const [run, fresh] = [await reader(), await reader()];
    const uses = new Set<string>();
    for (let round = 0; round < 30; round++) uses.add(await useOnce(run, fresh, texts, choices));
    assert.equal(uses.size, 4, "everything was done");
  });
}

test("R2: a run that was left and resumed stands alone where it goes on, seed 7", async () => {
  const { vfs, texts, reader, resume } = await driftingRun(7, 25);
  await resume(20);
  await resume(1);
  await resume(15);
  const run = await reader();
  assert.equal(texts.length, 62);
  for (const [from, to] of [
    [0, 61],
    [61, 0],
  ] as const) {
    for await (const past of run.play({ from, to, verify: true, reuse: true })) {
      assert.equal(textOf(past.state), texts[past.tick], `tick ${past.tick}, from ${from}`);
    }
  }
  assert.deepEqual((await run.verify()).damage, []);
  const files = vfs.list(journal) ?? [];
  const deltas = files.flatMap((file) => {
    const segment = vfs.read(`${journal}/${file}`);
    const encodings = encodingsIn(segment, "second");
    const named = framesIn(segment).filter(({ kind }) => kind === 3);
    return named.map(({ tick }, i) => ({ tick, encodings: encodings[i] as number[] }));
  });
  for (const first of [1, 26, 46, 47]) {
    const found = deltas.filter(({ tick }) => tick === first);
    assert(found.length > 0);
    for (const { encodings } of found) assert(!encodings.includes(second), `tick ${first}`);
  }
  assert(deltas.some(({ tick, encodings }) => tick > 47 && encodings.includes(second)));
});

test("T6: playing backwards unpacks each tick at most about twice, at any length, seed 8", async () => {
  const codecs = await nodeCodecs();
  let unpacked = 0;
  const counting = {
    ...codecs,
    zstdDecompress: (bytes: Uint8Array, rawLength: number): Uint8Array => {
      unpacked += 1;
      return codecs.zstdDecompress(bytes, rawLength);
    },
  };
  const { codecs: _, ...ports } = await memoryPorts();
  const open = async (chosen = codecs) =>
    openRuns(folder, { ...ports, codecs: chosen, segmentBytesMin: 400_000 });
  const last = 400;
  await using runs = await open();
  const live = await runs.record("run", { state: { drift: grid("f64", [600]) }, window: 64 });
  const choices = new Choices(8);
  for (let tick = 1; tick <= last; tick++) {
    const { drift } = live.state;
    for (let i = 0; i < drift.length; i++) drift[i]! += 1000 + i * 3 + choices.below(1000) / 1e4;
    await live.commit();
  }
  await live.close();
  const countFor = async (from: number, to: number): Promise<number> => {
    await using others = await open(counting);
    await using run = await others.open("run");
    unpacked = 0;
    const passed = new Set<Tick>();
    for await (const past of run.play({ from, to, reuse: true })) passed.add(past.tick);
    assert.equal(passed.size, Math.abs(to - from) + 1);
    return unpacked;
  };
  const [forwards, backwards] = [await countFor(0, last), await countFor(last, 0)];
  const files = ports.vfs.list(journal) ?? [];
  const frames = files.flatMap((file) => framesIn(ports.vfs.read(`${journal}/${file}`)));
  const keyframes = frames.filter(({ kind }) => kind !== 3).length;
  assert(files.length > 1 && keyframes > 4, `${keyframes} keyframes in ${files.length} segments`);
  assert(forwards >= last, `${forwards} blocks were unpacked on the way forwards`);
  assert(backwards <= 2.3 * forwards, `${backwards} backwards, ${forwards} forwards`);
  const steps = [await countFor(last, last - 150), await countFor(last - 150, last)] as const;
  assert(steps[0] <= 3 * steps[1], `${steps.join(" and ")} for a part`);
});
