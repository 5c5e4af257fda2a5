import type { Runtime } from './runtime.ts';
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

/** What they were made for: another one compiles, and so weighs, differently. */
const NODE_MAJOR = '24';

/** Prints them. @returns whether all are kept, or nothing is said about it, since they were not made for this Node.js. */
export function judge(say: Say, bounds: readonly Bound[], { nodeVersion, nodeMajor }: Runtime): boolean {
  const rows = bounds.map(({ figure, bound, measured, met }) => [figure, bound, measured, met ? 'yes' : 'NO']);
  printTable(say, 'Bounds', [['figure', 'bound', 'measured', 'met'], ...rows]);
  if (nodeMajor !== NODE_MAJOR) {
    say(
      `\nNot judged: the bounds were made for Node.js ${NODE_MAJOR}, and this is ${nodeVersion} (--node <path> takes another).`,
    );
    return true;
  }
  const missed = bounds.filter(({ met }) => !met).length;
  say(missed === 0 ? '\nAll bounds are kept.' : `\n${missed} of ${bounds.length} bounds are missed.`);
  return missed === 0;
}
