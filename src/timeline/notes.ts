import { EverytickError } from "../errors.ts";
import { utf8 } from "../format/bytes.ts";
import { parseJson } from "../format/json.ts";

/** What a gap or a mark says, in JSON. @throws JOURNAL_DAMAGED for a body that is no object */
export function noteOf(body: Uint8Array, where: string): { readonly [name: string]: unknown } {
  try {
    const note: unknown = parseJson(utf8.decoder.decode(body));
    if (typeof note === "object" && note !== null && !Array.isArray(note)) return { ...note };
  } catch {
    // Said below.
  }
  const details = { where, expected: "one JSON object", found: "other bytes" };
  throw new EverytickError("JOURNAL_DAMAGED", details);
}
