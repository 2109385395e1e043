import { goldenDigests } from "../golden-digests.ts";
import { goldenRuns } from "../golden.ts";
import { expect } from "../oracle.ts";
import { none, type Row, type RowContext, type RowResult, Tally } from "../row.ts";

/** Where the golden digests were reached, as `test/torture/golden.test.ts` shows. */
const platforms = "linux x64 and linux arm64";

/** Every golden run, recorded here: its history must be the one that other machines reached. */
async function histories({ codecs, seed }: RowContext): Promise<RowResult> {
  const tally = new Tally("recording");
  for (const { name, record } of goldenRuns) {
    await tally.try(seed, name, async () => {
      const [digest, golden] = [await record(codecs), goldenDigests[name]];
      expect(digest === golden, `its history is ${digest} here, and ${golden} elsewhere`);
    });
  }
  return tally.result(`the digests of ${platforms}`);
}

export const determinismRows: readonly Row[] = [
  {
    id: "E6",
    title: "recordings here have the digests of those on other machines",
    cases: none,
    run: histories,
  },
];
