/** What a person wants, whatever keys say it. */
export type Key =
  | { readonly name: "toggle" | "reverse" | "faster" | "slower" | "first" | "last" | "quit" }
  | { readonly name: "step" | "store" | "slice" | "scroll"; readonly by: number }
  | { readonly name: "goto" | "accept" | "erase" }
  | { readonly name: "digit"; readonly digit: string };

/** Steps that shift makes longer. */
const longStep = 10;

const keys: { readonly [sequence: string]: Key } = {
  " ": { name: "toggle" },
  "\u001B[C": { name: "step", by: 1 },
  "\u001B[D": { name: "step", by: -1 },
  "\u001B[1;2C": { name: "step", by: longStep },
  "\u001B[1;2D": { name: "step", by: -longStep },
  "\u001B[A": { name: "scroll", by: -1 },
  "\u001B[B": { name: "scroll", by: 1 },
  "\u001B[H": { name: "first" },
  "\u001B[F": { name: "last" },
  "\u001B[1~": { name: "first" },
  "\u001B[4~": { name: "last" },
  "\t": { name: "store", by: 1 },
  "\u001B[Z": { name: "store", by: -1 },
  "[": { name: "slice", by: -1 },
  "]": { name: "slice", by: 1 },
  r: { name: "reverse" },
  "+": { name: "faster" },
  "-": { name: "slower" },
  g: { name: "goto" },
  "\r": { name: "accept" },
  "\n": { name: "accept" },
  "\u007F": { name: "erase" },
  q: { name: "quit" },
  "\u0003": { name: "quit" },
};
const longestFirst = Object.keys(keys).sort((a, b) => b.length - a.length);

/** The keys in what a terminal sent; unknown ones are passed over. */
export function keysIn(text: string): Key[] {
  const found: Key[] = [];
  let rest = text;
  while (rest !== "") {
    const sequence = longestFirst.find((each) => rest.startsWith(each));
    if (sequence !== undefined) found.push(keys[sequence] as Key);
    else if (/^\d/.test(rest)) found.push({ name: "digit", digit: rest.charAt(0) });
    rest = rest.slice((sequence ?? unknownSequence(rest)).length);
  }
  return found;
}

/** An unknown sequence ends with a letter or ~; its parts are no keys of their own. */
function unknownSequence(text: string): string {
  if (!text.startsWith("\u001B[")) return text.charAt(0);
  const end = /[A-Za-z~]/.exec(text.slice(2))?.index ?? 0;
  return text.slice(0, end + 3);
}
