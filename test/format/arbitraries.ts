/** Worlds, states and changes for property tests, and the plainest way to say what changed. */
import fc from "fast-check";
import type { StoreChanges } from "../../src/format/changes.ts";
import { widths } from "../../src/format/column-types.ts";
import { Image } from "../../src/format/image.ts";
import { isGrowing, layoutOf, type Layout, type StoreLayout } from "../../src/format/layout.ts";
import { seededRandom } from "../../src/testing/index.ts";
import type {
  ColumnType,
  NumericType,
  Role,
  StoreSchema,
  VariableType,
  WorldSchema,
} from "../../src/types.ts";

export const numericTypes = Object.keys(widths) as NumericType[];
export const variableTypes: readonly VariableType[] = ["utf8", "json", "bytes"];

const roles = fc.constantFrom<Role>("causal", "causal", "observed", "static", "derived");
const logRoles = fc.constantFrom<Role>("causal", "causal", "observed");
const axes = fc.array(fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 4 })), {
  minLength: 1,
  maxLength: 4,
});
const vectorTypes = fc
  .tuple(fc.constantFrom(...numericTypes), fc.integer({ min: 1, max: 5 }))
  .map(([base, length]): ColumnType => `${base}[${length}]`);
const columnTypes = fc.oneof(
  fc.constantFrom<ColumnType>(...numericTypes, ...variableTypes, "uuid", "h3"),
  vectorTypes,
);
const columnLists = fc.array(columnTypes, { minLength: 1, maxLength: 5 });
const keyTypes = fc.constantFrom<ColumnType>("u8", "u32", "i64", "uuid", "h3", "utf8");

const grids = fc
  .tuple(fc.constantFrom(...numericTypes), axes, roles)
  .map(([type, lengths, role]) => gridSchema(type, lengths, role));
const records = fc.tuple(columnLists, roles).map(([types, role]) => valueSchema(types, role));
const tables = fc
  .tuple(keyTypes, columnLists, roles)
  .map(([key, types, role]) => tableSchema([key, ...types], role));
const links = fc
  .tuple(keyTypes, keyTypes, columnLists, roles)
  .map(([from, to, types, role]) => edgesSchema(from, to, types, role));
const logs = fc.tuple(columnLists, logRoles).map(([types, role]) => logSchema(types, role));

/** Any small world. */
export const worlds: fc.Arbitrary<WorldSchema> = fc
  .array(fc.oneof(grids, records, tables, links, logs), { minLength: 1, maxLength: 4 })
  .map((stores) => worldOf(stores));

/** @param lengths of the shape and of the chunk, for each axis. */
export function gridSchema(
  type: NumericType,
  lengths: readonly (readonly [number, number])[],
  role: Role = "causal",
): StoreSchema {
  const shape = lengths.map(([length]) => length);
  const chunk = lengths.map(([length, edge]) => Math.min(length, edge));
  return { kind: "grid", name: "", role, type, shape, chunk };
}

export function valueSchema(types: readonly ColumnType[], role: Role = "causal"): StoreSchema {
  return { kind: "value", name: "", role, columns: columnsOf(types) };
}

/** The first column is the key. */
export function tableSchema(types: readonly ColumnType[], role: Role = "causal"): StoreSchema {
  return { kind: "table", name: "", role, key: ["c0"], columns: columnsOf(types) };
}

export function edgesSchema(
  from: ColumnType,
  to: ColumnType,
  types: readonly ColumnType[],
  role: Role = "causal",
): StoreSchema {
  const ends = [
    { name: "from", type: from },
    { name: "to", type: to },
  ];
  return { kind: "edges", name: "", role, from, to, columns: [...ends, ...columnsOf(types)] };
}

export function logSchema(types: readonly ColumnType[], role: Role = "causal"): StoreSchema {
  return { kind: "log", name: "", role, columns: columnsOf(types) };
}

function columnsOf(types: readonly ColumnType[]): { name: string; type: ColumnType }[] {
  return types.map((type, i) => ({ name: `c${i}`, type }));
}

/** A world of these stores, which are named by their position, and of `$random`. */
export function worldOf(stores: readonly StoreSchema[]): WorldSchema {
  const columns = ["a", "b", "c", "counter"].map((word) => {
    return { name: `main.${word}`, type: "u32" as const };
  });
  const random = { kind: "value", name: "$random", role: "causal", columns } as const;
  const named = stores.map((store, i) => ({ ...store, name: `s${i}` }));
  return { name: "any", version: 1, params: {}, stores: [...named, random], eras: [], strata: [] };
}

/** What is decided by chance. */
interface Chance {
  /** Whether a row, or an element, is another one. */
  readonly differs: () => boolean;
  /** A number in [0, 1). */
  readonly draw: () => number;
  readonly bytes: (length: number) => Uint8Array;
}

/** A state whose elements are drawn from `seed`; `share` of them differ from `base`. */
export function stateNear(base: Image, seed: number, share: number): Image {
  const random = seededRandom(seed);
  const bytes = (length: number): Uint8Array => random.bytes(length);
  const draw = (): number => (bytes(1)[0] as number) / 256;
  const chance: Chance = { differs: () => draw() < share, draw, bytes };
  const image = new Image(base.layout);
  image.copyFrom(base);
  for (const store of base.layout.stores) {
    if (!isGrowing(store)) {
      changeRows(image, store, store.rows, chance);
      continue;
    }
    if (store.columns.length === 0) continue;
    const more = draw() < 0.3 ? Math.floor(draw() * 200) : 0;
    const rows = Math.max(image.capacity(store.number), Math.floor(draw() * 5) + more);
    image.reserve(store, rows);
    changeLives(image, store, rows, chance);
  }
  return image;
}

function changeRows(image: Image, store: StoreLayout, rows: number, chance: Chance): void {
  store.columns.forEach((_, column) => {
    for (let row = 0; row < rows; row++) {
      if (chance.differs()) changeElement(image, store, column, row, chance);
    }
  });
}

function changeElement(
  image: Image,
  store: StoreLayout,
  column: number,
  row: number,
  { draw, bytes }: Chance,
): void {
  const kind = draw();
  const own = image.column(store.number, column);
  const width = store.columns[column]?.width as number;
  if (width === 0) own.values[row] = bytes(Math.floor(kind * 70));
  else own.bytes.set(element(kind, width, bytes(width)), row * width);
}

/** Rows are born, die with all that they hold, or change in some columns. */
function changeLives(image: Image, store: StoreLayout, rows: number, chance: Chance): void {
  const { bytes: live } = image.column(store.number, 0);
  for (let row = 0; row < rows; row++) {
    if (!chance.differs()) continue;
    const wasLive = live[row] === 1;
    const isWhole = chance.draw() < 0.5;
    if (isWhole) live[row] = wasLive ? 0 : 1;
    for (let column = 1; column < store.columns.length; column++) {
      const isChosen = isWhole || (wasLive && chance.draw() < 0.5);
      if (!isChosen) continue;
      if (live[row] === 1) changeElement(image, store, column, row, chance);
      else clearElement(image, store, column, row);
    }
  }
}

function clearElement(image: Image, store: StoreLayout, column: number, row: number): void {
  const { bytes, values } = image.column(store.number, column);
  const width = store.columns[column]?.width as number;
  if (width === 0) values[row] = new Uint8Array(0);
  else bytes.fill(0, row * width, (row + 1) * width);
}

/** Bits of one number: any, or some that values could not tell apart: −0 and NaNs with payloads. */
function element(kind: number, width: number, any: Uint8Array): Uint8Array {
  if (kind < 0.1) return new Uint8Array(width);
  if (kind < 0.2) return Uint8Array.from(any, (_, i) => (i === width - 1 ? 0x80 : 0));
  if (kind < 0.3) return Uint8Array.from(any, (byte, i) => (i >= width - 2 ? 0xff : byte));
  if (kind < 0.5) return Uint8Array.from(any, (byte, i) => (i === 0 ? byte : 0));
  return any;
}

/** What one element was and is. */
export interface Difference {
  readonly store: number;
  readonly column: number;
  readonly row: number;
  readonly old: string;
  readonly new: string;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** The bits of one element, as hex; behind the end of an image lies nothing. */
export function bitsOf(image: Image, store: number, column: number, row: number): string {
  const { bytes, values } = image.column(store, column);
  const width = image.layout.stores[store]?.columns[column]?.width as number;
  if (width === 0) return hex(values[row] ?? new Uint8Array(0));
  return hex(bytes.subarray(row * width, (row + 1) * width)).padEnd(2 * width, "0");
}

/** All differences, found by looking at every element. */
export function differences(from: Image, to: Image): Difference[] {
  return from.layout.stores.flatMap(({ number, columns }) =>
    columns.flatMap((_, column) => {
      const found: Difference[] = [];
      const rows = Math.max(from.capacity(number), to.capacity(number));
      for (let row = 0; row < rows; row++) {
        const [old, now] = [bitsOf(from, number, column, row), bitsOf(to, number, column, row)];
        if (old !== now) found.push({ store: number, column, row, old, new: now });
      }
      return found;
    }),
  );
}

/** What changes say, in the same form; `from` is the state before. */
export function differencesIn(changes: readonly StoreChanges[], from: Image): Difference[] {
  return changes.flatMap(({ store, columns }) =>
    columns.flatMap(({ column, index, xor, oldValues, newValues }) => {
      const width = store.columns[column]?.width as number;
      return Array.from(index, (row, i) => {
        const place = { store: store.number, column, row };
        if (width === 0) {
          return {
            ...place,
            old: hex(oldValues[i] as Uint8Array),
            new: hex(newValues[i] as Uint8Array),
          };
        }
        const old = bitsOf(from, store.number, column, row);
        const before = Buffer.from(old, "hex");
        const flips = xor.subarray(i * width, (i + 1) * width);
        return { ...place, old, new: hex(flips.map((flip, byte) => flip ^ before[byte]!)) };
      });
    }),
  );
}

/** A layout and two of its states. */
export function statesOf(
  world: WorldSchema,
  seed: number,
  share = 0.5,
): { layout: Layout; from: Image; to: Image } {
  const layout = layoutOf(world);
  const from = stateNear(new Image(layout), seed, 0.7);
  return { layout, from, to: stateNear(from, seed + 1, share) };
}
