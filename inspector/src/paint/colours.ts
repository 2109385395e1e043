/** Colours that stay apart for every kind of eye. Packed as the bytes of an image: 0xAABBGGRR. */

export type Ramp = "viridis" | "cividis";
export const ramps: readonly Ramp[] = ["viridis", "cividis"];

/** Sixteen stops of each, of equal distance; after matplotlib's tables (CC0). */
const stops: Readonly<Record<Ramp, string>> = {
  viridis:
    "440154481a6c472f7d4144873956 8c31688e2a788e23888e1f988b22a884 35b77954c5687ad151a5db36d2e21bfde725",
  cividis:
    "00224e00296f15356f2b416f3b496e4a546e57 5d6d646770717173 7e7b778b8679 9b9277aba072bbac6aceba5edfc951fee838",
};

export type RampTable = Uint32Array;
const tables = new Map<Ramp, RampTable>();

/** 256 colours from low to high. */
export function rampTable(ramp: Ramp): RampTable {
  const known = tables.get(ramp);
  if (known !== undefined) return known;
  const hex = stops[ramp].replaceAll(" ", "");
  const parts = hex.match(/.{6}/g) ?? [];
  const table = Uint32Array.from({ length: 256 }, (_, i) => {
    const place = (i / 255) * (parts.length - 1);
    const [low, high] = [rgb(parts[Math.floor(place)]!), rgb(parts[Math.ceil(place)]!)];
    const share = place - Math.floor(place);
    return packed(low.map((channel, c) => channel + (high[c]! - channel) * share));
  });
  tables.set(ramp, table);
  return table;
}

/** Of states that are names rather than amounts: 0 is the background, then Okabe and Ito's colours. */
const categories = ["3d9be0", "e69f00", "009e73", "f0e442", "d55e00", "cc79a7", "0072b2", "b2b2b2"];

export function categoryColour(category: number): number {
  return packed(rgb(categories[(category - 1 + 8 * categories.length) % categories.length]!));
}

export function cssOf(colour: number): string {
  return `rgb(${colour & 255} ${(colour >> 8) & 255} ${(colour >> 16) & 255})`;
}

export function packed([red = 0, green = 0, blue = 0]: readonly number[]): number {
  return (0xff000000 | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;
}

function rgb(hex: string): number[] {
  return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}
