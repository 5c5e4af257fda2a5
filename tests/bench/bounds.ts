import type { Runtime } from './runtime.ts';
import { printTable, type Say } from './table.ts';

/** A figure that has to keep within a bound. */
export interface Bound {
  figure: string;
  bound: string;
  measured: string;
  /** Undefined: it was not measured. */
  met: boolean | undefined;
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

/** Of a figure that cannot be measured here, or was not asked for. */
export const notMeasured = (figure: string, bound: string): Bound => ({
  figure,
  bound,
  measured: 'not measured',
  met: undefined,
});

/** What they were made for: another one compiles, and so weighs, differently. */
const NODE_MAJOR = '24';

const VERDICTS: Record<string, string> = { true: 'yes', false: 'NO', undefined: '-' };

/** Prints them. @returns whether all are kept, or nothing is said about it, since they were not made for this Node.js. */
export function judge(say: Say, bounds: readonly Bound[], { nodeVersion, nodeMajor }: Runtime): boolean {
  const rows = bounds.map(({ figure, bound, measured, met }) => [figure, bound, measured, VERDICTS[String(met)] ?? '']);
  printTable(say, 'Bounds', [['figure', 'bound', 'measured', 'met'], ...rows]);
  if (nodeMajor !== NODE_MAJOR) {
    say(
      `\nNot judged: the bounds were made for Node.js ${NODE_MAJOR}, and this is ${nodeVersion} (--node <path> takes another).`,
    );
    return true;
  }
  const missed = bounds.filter(({ met }) => met === false).length;
  const unmeasured = bounds.filter(({ met }) => met === undefined).length;
  const rest = unmeasured === 0 ? '' : ` ${unmeasured} were not measured.`;
  const judged = bounds.length - unmeasured;
  say(`\n${missed === 0 ? `All ${judged} bounds are kept.` : `${missed} of ${judged} bounds are missed.`}${rest}`);
  return missed === 0;
}
