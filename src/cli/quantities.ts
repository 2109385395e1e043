/** How numbers look to people. Machines get plain numbers, with --json. */

const wholeNumbers = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const byteUnits = ["kB", "MB", "GB", "TB", "PB"] as const;

/** `12,345`. */
export function count(value: number): string {
  return wholeNumbers.format(value);
}

/** `1 tick`, `2 ticks`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

/** `999 B`, `1.23 MB`: three digits, powers of ten. */
export function bytes(value: number): string {
  if (value < 999.5) return `${count(value)} B`;
  let scaled = value;
  let unit = -1;
  while (scaled >= 999.5 && unit < byteUnits.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${threeDigits(scaled)} ${byteUnits[unit]}`;
}

/** `0.42 ms`, `12.3 s`, `2 min 5 s`, `3 h 20 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 999.5) return `${threeDigits(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) {
    return Number.isInteger(seconds) ? `${seconds} s` : `${threeDigits(seconds)} s`;
  }
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds) % 60} s`;
  return `${count(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** `812`, `3.14`: as many digits as a rate deserves. */
export function threeDigits(value: number): string {
  if (value >= 99.95) return count(value);
  return value.toFixed(value >= 9.995 ? 1 : 2);
}

/** How many times smaller, or larger, what was written is than the states themselves. */
export function comparedToRaw(written: number, raw: number): string {
  if (written <= 0 || raw <= 0) return "nothing to compare with";
  const ratio = raw / written;
  if (ratio >= 1) return `${threeDigits(ratio)}× smaller than raw`;
  return `${threeDigits(1 / ratio)}× larger than raw`;
}

/** Local time, `2026-07-01 12:03`. */
export function moment(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The value below which `share` of the values lie; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
