import { layoutOf } from "../../../format/layout.ts";
import { readCard } from "../../../runs/card.ts";
import { runFolder } from "../../workload.ts";
import { forgedCard } from "../forged-run.ts";
import { noisy } from "../noise.ts";
import type { Reader } from "../reader.ts";
import { diskOf } from "../recordings.ts";

/** The card of a run, and the layout that its world stands for. */
export const cardReader: Reader = {
  name: "card",
  async make(seed, chance, { recordings }) {
    const { files } = await recordings.of(seed, chance);
    const card = chance.chance(0.8)
      ? forgedCard(files, chance)
      : noisy(files.get("run.json") as Uint8Array, chance);
    return { files: new Map([["run.json", card]]) };
  },
  read({ files }) {
    const card = readCard(diskOf(files), runFolder);
    if (card !== undefined) layoutOf(card.world);
  },
};
