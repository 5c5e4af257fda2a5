import { atMost, type Bound, notMeasured } from './bounds.ts';
import type { ColdStart } from './cold.ts';
import { CONTESTANTS, type Contestant } from './contestants.ts';
import { billedMs } from './lambda-price.ts';
import { median, spread, sum } from './statistics.ts';
import { printTable, type Say } from './table.ts';

type Samples = Record<Contestant, ColdStart[]>;

const billed = (sample: ColdStart) => sum(billedMs(sample));

const MOST_BILLED = 0.58;
const MOST_CREATE_SECRET = 0.5;
const namesAt = (memoryMb: number) => ({
  billed: `billed at ${memoryMb} MB, confined: init and four steps`,
  createSecret: `createSecret cold at ${memoryMb} MB, confined`,
});

/** Where functions cannot be confined. */
export function confinedBoundsUnmeasured(memoryMb: number): Bound[] {
  const { billed: whole, createSecret } = namesAt(memoryMb);
  return [
    notMeasured(whole, `at most ${MOST_BILLED} × naive`),
    notMeasured(createSecret, `at most ${MOST_CREATE_SECRET} × naive`),
  ];
}

/**
 * Of cold starts on the share of a processor that a memory setting buys.
 *
 * @param initToo the same with an init on that share as well
 */
export function reportConfined(say: Say, samples: Samples, initToo: Samples, memoryMb: number): Bound[] {
  const figures: Record<string, [Samples, (sample: ColdStart) => number]> = {
    'init, ms': [samples, ({ init }) => init.wallMs],
    'createSecret, ms': [samples, ({ steps }) => steps.createSecret.wallMs],
    'setSecret, ms': [samples, ({ steps }) => steps.setSecret.wallMs],
    'testSecret, ms': [samples, ({ steps }) => steps.testSecret.wallMs],
    'finishSecret, ms': [samples, ({ steps }) => steps.finishSecret.wallMs],
    'billed, ms': [samples, billed],
    'init on the share as well: init, ms': [initToo, ({ init }) => init.wallMs],
    'init on the share as well: billed, ms': [initToo, billed],
  };
  const ratio = ([{ naive, ours }, figure]: [Samples, (sample: ColdStart) => number]) =>
    median(ours.map(figure)) / median(naive.map(figure));
  printTable(
    say,
    `After init on the share of a processor that ${memoryMb} MB buy: median (middle half) of ${samples.ours.length}`,
    [
      ['', ...CONTESTANTS, 'ours / naive'],
      ...Object.entries(figures).map(([name, of]) => [
        name,
        ...CONTESTANTS.map((contestant) => spread(of[0][contestant].map(of[1]))),
        ratio(of).toFixed(2),
      ]),
    ],
  );
  const measured = (name: keyof typeof figures) => ratio(figures[name] as (typeof figures)[string]);
  const { billed: whole, createSecret } = namesAt(memoryMb);
  return [
    atMost(whole, MOST_BILLED, measured('billed, ms'), '× naive'),
    atMost(createSecret, MOST_CREATE_SECRET, measured('createSecret, ms'), '× naive'),
  ];
}
