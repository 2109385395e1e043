import { EverytickError } from "everytick";

interface ParamFault {
  readonly where: string;
  readonly expected: string;
  readonly found: string;
  readonly next?: string;
}

const foundLengthMax = 80;

/** Everything that this world refuses comes in by a parameter, also a whole pattern file: what was found is cut short. */
export function paramError({ found, ...fault }: ParamFault): EverytickError {
  const shortened = found.length > foundLengthMax ? `${found.slice(0, foundLengthMax)}…` : found;
  return new EverytickError("WORLD_PARAM", { ...fault, found: shortened });
}
