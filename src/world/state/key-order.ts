/** Orders keys: numbers by size, texts by their code units, lists part by part. All keys of a table are of one form. */
export function compareKeys(a: unknown, b: unknown): number {
  if (!Array.isArray(a) || !Array.isArray(b)) return compareParts(a as string, b as string);
  for (let i = 0; i < a.length; i++) {
    const order = compareParts(a[i] as string, b[i] as string);
    if (order !== 0) return order;
  }
  return 0;
}

function compareParts<T extends number | bigint | string>(a: T, b: T): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}
