/** The titles of all tests in the tree, and what they say they show. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "../..");

export interface Title {
  /** As it stands in the source: what a template fills in is left as `${…}`. */
  readonly text: string;
  readonly file: string;
  /** Rules (`J2`) and requirements (`TAK-33`) that it begins with: `J2, TAK-33: …`. */
  readonly ids: readonly string[];
}

const call = /\b(?:test|it|describe|suite)\(\s*(?:"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g;
const id = /^(?:[A-Z]\d+|(?:TAK|CON|BAB|TAD|TIC)-\d+)$/;

export function idsOf(title: string): string[] {
  const [head = "", rest] = title.split(":", 2);
  const ids = head.split(/[,/]\s*/);
  return rest !== undefined && ids.every((word) => id.test(word)) ? ids : [];
}

export function titlesIn(source: string, file: string): Title[] {
  return [...source.matchAll(call)].map((match) => {
    const text = (match[1] ?? match[2] ?? "").replaceAll(/\\(.)/g, "$1");
    return { text, file, ids: idsOf(text) };
  });
}

export function allTitles(): Title[] {
  return globSync("test/**/*.test.ts", { cwd: root })
    .map((path) => path.replaceAll("\\", "/"))
    .sort()
    .flatMap((path) => titlesIn(readFileSync(join(root, path), "utf8"), path));
}

/** Whether an id names a requirement and no rule. */
export function isRequirement(word: string): boolean {
  return word.includes("-");
}
