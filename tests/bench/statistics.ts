/** The value that a share `q` of the others lie below; between its two neighbours if none is exactly there. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (below === undefined || above === undefined) throw new Error('There are no values.');
  return below + (above - below) * (place % 1);
}

export const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0);

export const median = (values: readonly number[]) => quantile(values, 0.5);

/** The median, and between which values the middle half lies. */
export function spread(values: readonly number[]): string {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => quantile(values, q).toFixed(1));
  return `${middle} (${low} to ${high})`;
}
