/**
 * Writes the golden digests anew, over those that are there. Run it only when histories change on purpose:
 * `node --conditions=source test/torture/write-golden.ts`
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { goldenRuns } from "../../src/torture/golden.ts";

const codecs = await nodeCodecs();
const digests: string[] = [];
for (const { name, record } of goldenRuns) {
  const key = /^\w+$/.test(name) ? name : JSON.stringify(name);
  digests.push(`  ${key}: ${JSON.stringify(await record(codecs))},\n`);
}
const text = `/** Written by \`test/torture/write-golden.ts\`, and never by a run of the row that compares them. */

/** The history digest of each golden run at its last tick. */
export const goldenDigests: Readonly<Record<string, string>> = {
${digests.join("")}};
`;
writeFileSync(join(import.meta.dirname, "../../src/torture/golden-digests.ts"), text);
