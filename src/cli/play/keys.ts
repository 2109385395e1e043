/** What a person wants, whatever keys say it. */
export type Key =
  | Wish
  | { readonly name: "goto" | "accept" | "erase" | "cancel" | "suspend" | "quit" }
  | { readonly name: "digit"; readonly digit: string };
/** What changes what is seen, or how it is played. */
export type Wish =
  | { readonly name: "toggle" | "reverse" | "faster" | "slower" | "first" | "last" }
  | { readonly name: "step" | "store" | "slice" | "scroll"; readonly by: number };

/** Steps that shift makes longer, and pages. */
const longStep = 10;

const keys: { readonly [sequence: string]: Key } = {
  " ": { name: "toggle" },
  "\u001B[C": { name: "step", by: 1 },
  "\u001B[D": { name: "step", by: -1 },
  "\u001B[1;2C": { name: "step", by: longStep },
  "\u001B[1;2D": { name: "step", by: -longStep },
  "\u001B[A": { name: "scroll", by: -1 },
  "\u001B[B": { name: "scroll", by: 1 },
  "\u001B[5~": { name: "scroll", by: -longStep },
  "\u001B[6~": { name: "scroll", by: longStep },
  "\u001B[H": { name: "first" },
  "\u001B[F": { name: "last" },
  "\u001B[1~": { name: "first" },
  "\u001B[4~": { name: "last" },
  // Where the terminal is in the mode of applications.
  "\u001BOC": { name: "step", by: 1 },
  "\u001BOD": { name: "step", by: -1 },
  "\u001BOA": { name: "scroll", by: -1 },
  "\u001BOB": { name: "scroll", by: 1 },
  "\u001BOH": { name: "first" },
  "\u001BOF": { name: "last" },
  "\t": { name: "store", by: 1 },
  "\u001B[Z": { name: "store", by: -1 },
  "[": { name: "slice", by: -1 },
  "]": { name: "slice", by: 1 },
  r: { name: "reverse" },
  "+": { name: "faster" },
  "=": { name: "faster" },
  "-": { name: "slower" },
  g: { name: "goto" },
  "\r": { name: "accept" },
  "\n": { name: "accept" },
  "\u007F": { name: "erase" },
  "\b": { name: "erase" },
  "\u001B": { name: "cancel" },
  q: { name: "quit" },
  "\u0003": { name: "quit" },
  "\u001A": { name: "suspend" },
};
const escape = "\u001B";
/** What follows the escape of a key that has a sequence of its own. */
const wholeSequence = /^(?:\[[0-?]*[ -/]*[@-~]|O[ -~])/;

/** The keys in what a terminal sent; unknown ones are passed over. */
export function keysIn(text: string): Key[] {
  const found: Key[] = [];
  let rest = text;
  while (rest !== "") {
    const key = firstOf(rest);
    if (Object.hasOwn(keys, key)) found.push(keys[key] as Key);
    else if (/^\d$/.test(key)) found.push({ name: "digit", digit: key });
    rest = rest.slice(key.length);
  }
  return found;
}

function firstOf(text: string): string {
  if (!text.startsWith(escape)) return text.charAt(0);
  const sequence = wholeSequence.exec(text.slice(1))?.[0];
  if (sequence !== undefined) return escape + sequence;
  // A sequence that is cut off is none, and its parts are no keys of their own; an escape alone is one.
  return /^[[O]/.test(text.slice(1)) ? text : escape;
}
