import { EverytickError } from "../errors.ts";
import { utf8 } from "../format/bytes.ts";
import { canonicalJson } from "../format/json.ts";
import { formatVersion, newer } from "../format/segment.ts";
import { sha256Hex } from "../format/sha256.ts";
import { limits } from "../limits.ts";
import type { RunCard, Vfs } from "../types.ts";
import { cardProblem } from "./card-shape.ts";

export const cardName = "run.json";
const cardNameDuringWrite = "run.json.new";

/** Names that may stand in a run's folder before its card does. */
export const namesBeforeCard: ReadonlySet<string> = new Set([
  "lock.db",
  "lock.json",
  cardNameDuringWrite,
]);

/** Writes the card so that a crash leaves the old one, none, or the whole new one. */
export function writeCard(vfs: Vfs, directory: string, card: RunCard): void {
  const text = utf8.encoder.encode(
    canonicalJson({ ...card, checksum: checksumOf(card) }, "the card"),
  );
  if (text.length > limits.cardBytes) {
    const expected = `at most ${limits.cardBytes} bytes of names, parameters and labels`;
    const found = `${text.length} bytes`;
    throw new EverytickError("WORLD_DEFINITION", { where: "the card", expected, found });
  }
  const path = `${directory}/${cardNameDuringWrite}`;
  if (vfs.stat(path) !== undefined) vfs.remove(path);
  const file = vfs.open(path, "create");
  try {
    file.write(text, 0);
    file.sync();
  } finally {
    file.close();
  }
  vfs.rename(path, `${directory}/${cardName}`);
  vfs.syncDirectory(directory);
}

/** The card of a run; `undefined` if the folder has none. @throws RUNS_CARD, FORMAT_NEWER */
export function readCard(vfs: Vfs, directory: string): RunCard | undefined {
  const path = `${directory}/${cardName}`;
  const stat = vfs.stat(path);
  if (stat === undefined) return undefined;
  if (stat.directory) throw damaged(path, "a file", "a folder");
  if (stat.size > limits.cardBytes) {
    throw damaged(path, `at most ${limits.cardBytes} bytes`, `${stat.size} bytes`);
  }
  const value = parse(vfs.read(path), path);
  if (!Number.isSafeInteger(value["format"])) throw damaged(path, "a card", "other JSON");
  if ((value["format"] as number) > formatVersion) throw newer(path, value["format"] as number);
  const { checksum, ...rest } = value;
  const card = rest as unknown as RunCard;
  const computed = checksumIfAny(card);
  if (computed === undefined || checksum !== computed) {
    throw damaged(path, `checksum ${String(checksum)}`, computed ?? "what no card can hold");
  }
  const problem = cardProblem(card);
  if (problem !== undefined) throw damaged(path, `a valid ${problem}`, "another value");
  return card;
}

export function cardBytes(vfs: Vfs, directory: string): number {
  return vfs.stat(`${directory}/${cardName}`)?.size ?? 0;
}

/** Another text whenever the card was replaced. */
export function cardVersion(vfs: Vfs, directory: string): string | undefined {
  return vfs.stat(`${directory}/${cardName}`)?.version;
}

function checksumOf(card: RunCard): string {
  return sha256Hex(canonicalJson(card, "the card"));
}

/** `undefined` for JSON that is not even canonical. */
function checksumIfAny(card: RunCard): string | undefined {
  try {
    return checksumOf(card);
  } catch {
    return undefined;
  }
}

function parse(bytes: Uint8Array, path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(utf8.decoder.decode(bytes));
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw damaged(path, "a card", "bytes that are no JSON object");
}

function damaged(where: string, expected: string, found: string): EverytickError {
  const next =
    "The journal holds everything but seed, parameters and labels; restore the card from a copy.";
  return new EverytickError("RUNS_CARD", { where, expected, found, next });
}
