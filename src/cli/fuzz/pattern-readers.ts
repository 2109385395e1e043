import {
  type Chance,
  expect,
  fileOf,
  noisy,
  oneFile,
  otherText,
  type Reader,
} from "../../torture/index.ts";
import { loadWorld } from "../world-module.ts";

interface Pattern {
  readonly width: number;
  readonly height: number;
  readonly cells: Uint8Array;
}
/** What the automaton's module gives to others. */
interface Automaton {
  readonly readPattern: (text: string) => Pattern;
  readonly readRle: (text: string) => Pattern;
  readonly writeRle: (cells: Uint8Array, size: { x: number; y: number }) => string;
  readonly parseRule: (text: string, space: object) => object;
  readonly canonicalRule: (rule: object) => string;
}

const patterns = [
  "#N Glider\n#C a comment\n#P -1 2\nx = 3, y = 3, rule = B3/S23:T64,64\nbob$2bo$3o!\n",
  "x = 12, y = 4, rule = 345/2/4\n3.A2.pAyO$4$.B!\n",
  "x=30,y=30\n5b3o$10$12bo2$30o!",
];
const plain = ["!Name: Glider\n!\n.O\n..O\nOOO\n", "OO*\n...\n\n.O", "!\n"];
const rules = [
  "B3/S23",
  "23/3",
  "B2/S/3",
  "4-7/6-8/10",
  "B5/S4,5",
  "B2/S013V",
  "4/4/5/M",
  "B36S23",
];
const letters = "0123456789-,/ \t\n\r!$#xy=boABXpqyO.*BSCGMVNVNé\u{1F411}";

function forgedText(chance: Chance, texts: readonly string[]): Uint8Array {
  let text = chance.pick(texts);
  for (let left = 1 + chance.below(4); left > 0; left--) text = otherText(text, chance, letters);
  if (chance.chance(0.1)) text += text.repeat(chance.below(9));
  if (chance.chance(0.05)) text = text.replace(/\d+/, (digits) => digits.repeat(chance.below(4)));
  const bytes = new TextEncoder().encode(text);
  return chance.chance(0.1) ? noisy(bytes, chance) : bytes;
}

function textReader(name: string, texts: readonly string[], read: (text: string) => void): Reader {
  return {
    name,
    make: async (_seed, chance) => Promise.resolve(oneFile(forgedText(chance, texts))),
    read: (input) => read(new TextDecoder().decode(fileOf(input))),
  };
}

/** Readers of patterns and rules of the automaton that comes with the package. */
export async function patternReaders(): Promise<readonly Reader[]> {
  const { exports } = await loadWorld("automaton");
  const automaton = exports as unknown as Automaton;
  return [
    textReader("rle", patterns, (text) => {
      const { cells, width: x, height: y } = automaton.readRle(text);
      if (cells.length > 4096) return;
      const again = automaton.readRle(automaton.writeRle(cells, { x, y }));
      const isSame = cells.every((state, at) => again.cells[at] === state);
      expect(isSame && again.width === x, "a pattern is written as another one");
    }),
    textReader("plaintext", [...plain, ...patterns], (text) => {
      const { cells, width, height } = automaton.readPattern(text);
      expect(cells.length === width * height, "cells of another size");
    }),
    textReader("rule", rules, (text) => {
      for (const dimensions of [2, 3]) {
        const space = { dimensions, neighbourhood: "moore" };
        const written = automaton.canonicalRule(automaton.parseRule(text, space));
        const again = automaton.canonicalRule(automaton.parseRule(written, space));
        expect(written === again, `${written} is read as ${again}`);
      }
    }),
  ];
}
