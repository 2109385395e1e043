import { Chance, MemoryVfs, seededRandom, SimFs } from "../../testing/index.ts";
import type { Codecs } from "../../types.ts";
import { coded, copyInto, examine, makeSpecimen, putFile, type Specimen } from "../examine.ts";
import { herdWorkload } from "../herd.ts";
import { expect, fingerprint } from "../oracle.ts";
import { isDone, none, type Row, type RowContext, type RowResult, Tally } from "../row.ts";
import { openWorkload, portsOn, runFolder, Session } from "../workload.ts";

export type Change = (specimen: Specimen) => void;

/** A segment of another run of the same world, with the same name. */
export async function foreignSegment(codecs: Codecs): Promise<Uint8Array> {
  const session = new Session(new SimFs(), herdWorkload, codecs, { random: seededRandom(99) });
  await session.open();
  await session.commit();
  const [name] = session.disk.list(`${runFolder}/journal`) as [string];
  return session.disk.read(`${runFolder}/journal/${name}`);
}

/** What goes wrong with whole files. The last segment is no case: without it, a run is a shorter one. */
export function changes(specimen: Specimen, foreign: Uint8Array): Record<string, Change> {
  const { segments } = specimen;
  const all: Record<string, Change> = {};
  const named = (tick: number): string =>
    `${runFolder}/journal/${String(tick).padStart(16, "0")}.seg`;
  segments.forEach((path, number) => {
    const next = segments[(number + 1) % segments.length] as string;
    const isLast = number === segments.length - 1;
    if (!isLast) all[`segment ${number} is missing`] = ({ vfs }) => vfs.remove(path);
    if (!isLast)
      all[`segment ${number} is empty`] = ({ vfs }) => putFile(vfs, path, new Uint8Array(0));
    all[`segment ${number} is another run's`] = ({ vfs }) => putFile(vfs, path, foreign);
    if (path === next) return;
    all[`segment ${number} has the name of the next`] = ({ vfs }) =>
      putFile(vfs, next, vfs.read(path));
    all[`segment ${number} stands twice`] = ({ vfs }) => putFile(vfs, named(9000), vfs.read(path));
    all[`segments ${number} and the next are swapped`] = ({ vfs }) => {
      const [one, other] = [vfs.read(path), vfs.read(next)];
      putFile(vfs, path, other);
      putFile(vfs, next, one);
    };
  });
  all["a segment of another run is added"] = ({ vfs }) => putFile(vfs, named(9000), foreign);
  return all;
}

/** Of one segment as well: nothing around it says whose it is. */
async function wholeSpecimens(codecs: Codecs): Promise<readonly (readonly [string, Specimen])[]> {
  return [
    ["closed", await makeSpecimen(codecs, "closed")],
    ["killed", await makeSpecimen(codecs, "killed")],
    ["one segment", await makeSpecimen(codecs, "killed", ["commit"])],
  ];
}

async function wholeFiles({ codecs, seed }: RowContext): Promise<RowResult> {
  const tally = new Tally("case");
  const foreign = await foreignSegment(codecs);
  for (const [ending, specimen] of await wholeSpecimens(codecs)) {
    for (const [name, change] of Object.entries(changes(specimen, foreign))) {
      await tally.try(seed, `${ending}; ${name}`, async () => {
        const damaged = { ...specimen, vfs: copyInto(specimen.vfs, new MemoryVfs()) };
        change(damaged);
        const { isReported } = await examine(damaged);
        expect(isReported, "nothing reports it");
        const before = fingerprint(damaged.vfs, codecs);
        const run = await coded(async () =>
          openWorkload(herdWorkload, portsOn(damaged.vfs, codecs), "only"),
        );
        await run?.close();
        expect(run === undefined, "a writer goes on with it");
        expect(fingerprint(damaged.vfs, codecs) === before, "a refused writer changes files");
      });
    }
  }
  return tally.result();
}

/** Bits that the shortest tier flips; the others flip all. */
const sampledBits = 150;

/** No damage of the card lets a writer touch the journal. */
async function cards(context: RowContext): Promise<RowResult> {
  const { codecs, seed } = context;
  const tally = new Tally("damaged card");
  const { vfs } = await makeSpecimen(codecs, "killed");
  const path = `${runFolder}/run.json`;
  const whole = vfs.read(path);
  const chance = new Chance(seed);
  const stride = context.tier === "pr" ? Math.ceil((8 * whole.length) / sampledBits) : 1;
  for (let bit = chance.below(stride); bit < 8 * whole.length; bit += stride) {
    if (isDone(context, tally)) break;
    const bytes = whole.slice();
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    putFile(vfs, path, bytes);
    const before = fingerprint(vfs, codecs);
    await tally.try(seed, `bit ${bit} of the card`, async () => {
      for (const resume of ["auto", "only", "never"] as const) {
        const run = await coded(async () =>
          openWorkload(herdWorkload, portsOn(vfs, codecs), resume),
        );
        expect(run === undefined, `resume: ${resume} records with a damaged card`);
        expect(fingerprint(vfs, codecs) === before, `resume: ${resume} changes files`);
      }
    });
  }
  return tally.result();
}

export const fileRows: readonly Row[] = [
  {
    id: "B5",
    title: "segments that are missing, foreign, misnamed or there twice",
    cases: none,
    run: wholeFiles,
  },
  {
    id: "B6",
    title: "a damaged card: refused, and nothing is deleted",
    cases: none,
    run: cards,
  },
];
