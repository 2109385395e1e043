/** Whether every object has something by the name of a column, such as `constructor`, also where no value is given. */
export function hasInheritedName({ name }: { readonly name: string }): boolean {
  return name in Object.prototype;
}

/** The values that a row gives: what it can list, and nothing that objects have anyway. */
export function ownValues(row: object): { readonly [column: string]: unknown } {
  const values = Object.create(null) as { [column: string]: unknown };
  for (const name in row) values[name] = (row as typeof values)[name];
  return values;
}
