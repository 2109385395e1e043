import { lstat, rm } from "node:fs/promises";
import { join } from "node:path";
import { EverytickError, isEverytickError } from "../../errors.ts";
import type { Runs } from "../../runs/index.ts";
import { invocation } from "../shell.ts";
import { exitCodeOf, exitCodes } from "../exit.ts";

/** Only runs whose card carries this label are the demo's own to replace. */
export const demoLabel = "everytick.demo";

/** Makes way for a new demo run. @throws RUNS_EXISTS if something else has that name. */
export async function removeEarlier(runs: Runs, id: string): Promise<void> {
  const path = join(runs.folder, id);
  const entry = await lstat(path).catch(() => undefined);
  if (entry === undefined) return;
  const card = (await runs.list({ onDamage: () => undefined })).find(
    (candidate) => candidate.id === id,
  );
  if (!entry.isDirectory() || card?.labels[demoLabel] === undefined) {
    throw new EverytickError("RUNS_EXISTS", {
      where: path,
      expected: `nothing, or a run of an earlier demo (its card carries the label ${demoLabel})`,
      found: card === undefined ? "something else" : `a run of world ${card.world.name}`,
      next: `${invocation} demo --dir ./another-folder`,
    });
  }
  if (await isRecording(runs, id)) {
    throw new EverytickError("JOURNAL_LOCKED", { where: path, found: "another demo at work" });
  }
  await rm(path, { recursive: true });
}

async function isRecording(runs: Runs, id: string): Promise<boolean> {
  try {
    return (await runs.facts(id)).status === "recording";
  } catch (error) {
    if (isEverytickError(error) && exitCodeOf(error) === exitCodes.damage) return false;
    throw error;
  }
}
