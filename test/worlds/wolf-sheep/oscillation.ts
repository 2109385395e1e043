const reach = 40;

/** Where a series is higher than anywhere within reach, and above its mean; of equal heights the first. */
export function peaksOf(series: readonly number[]): number[] {
  const mean = meanOf(series);
  return series.flatMap((height, at) => {
    const before = series.slice(Math.max(0, at - reach), at);
    const behind = series.slice(at + 1, at + 1 + reach);
    const isPeak =
      before.every((other) => other < height) && behind.every((other) => other <= height);
    const isWhole = before.length === reach && behind.length === reach;
    return isPeak && isWhole && height > mean ? [at] : [];
  });
}

/** Pearson's coefficient of two series of one length. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  const product = sumOf(a.map((value, i) => (value - meanA) * ((b[i] as number) - meanB)));
  const square = (series: readonly number[], mean: number): number =>
    sumOf(series.map((value) => (value - mean) ** 2));
  return product / Math.sqrt(square(a, meanA) * square(b, meanB));
}

function meanOf(series: readonly number[]): number {
  return sumOf(series) / series.length;
}

function sumOf(series: readonly number[]): number {
  return series.reduce((sum, value) => sum + value, 0);
}
