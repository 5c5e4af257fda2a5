import { printTable, type Say } from './table.ts';

/** A figure that has to keep within a bound. */
export interface Bound {
  figure: string;
  bound: string;
  measured: string;
  met: boolean;
}

export const atMost = (figure: string, bound: number, measured: number, unit: string): Bound => ({
  figure,
  bound: `at most ${bound} ${unit}`,
  measured: `${Number(measured.toFixed(3))} ${unit}`,
  met: measured <= bound,
});

export const lessThan = (figure: string, bound: number, measured: number, unit: string): Bound => ({
  ...atMost(figure, bound, measured, unit),
  bound: `less than ${bound} ${unit}`,
  met: measured < bound,
});

export function printBounds(say: Say, bounds: readonly Bound[]): void {
  const rows = bounds.map(({ figure, bound, measured, met }) => [figure, bound, measured, met ? 'yes' : 'NO']);
  printTable(say, 'Bounds', [['figure', 'bound', 'measured', 'met'], ...rows]);
}
