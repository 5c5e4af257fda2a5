import { atMost, type Bound, lessThan } from './bounds.ts';
import type { ColdStart } from './cold.ts';
import { CONTESTANTS, type Contestant } from './contestants.ts';
import { total, wholeRotation } from './rotate.ts';
import { median, spread } from './statistics.ts';
import { printTable, type Say } from './table.ts';

export function reportColdStarts(say: Say, samples: Record<Contestant, ColdStart[]>): Bound[] {
  const together = ({ init, steps }: ColdStart) => total([init, wholeRotation(steps)]);
  const figures: Record<string, (sample: ColdStart) => number> = {
    'init, ms': ({ init }) => init.wallMs,
    'first rotation, ms': ({ steps }) => wholeRotation(steps).wallMs,
    'of it createSecret, ms': ({ steps }) => steps.createSecret.wallMs,
    'of it testSecret, ms': ({ steps }) => steps.testSecret.wallMs,
    'of it finishSecret, ms': ({ steps }) => steps.finishSecret.wallMs,
    'together, ms': (sample) => together(sample).wallMs,
    'processor time of init, ms': ({ init }) => init.processorMs,
    'processor time of the rotation, ms': ({ steps }) => wholeRotation(steps).processorMs,
    'processor time together, ms': (sample) => together(sample).processorMs,
    'queued for a processor, ms': (sample) => together(sample).queuedMs,
    'memory after it, MB': ({ memoryMb }) => memoryMb,
    'calls of Secrets Manager': ({ activity }) => activity.secretsManager,
    'calls of Momento': ({ activity }) => activity.momento,
    'new connections': ({ activity }) => activity.connections,
  };
  const { naive, ours } = samples;
  const ratio = (figure: (sample: ColdStart) => number) => median(ours.map(figure)) / median(naive.map(figure));
  const rows = Object.entries(figures).map(([name, figure]) => [
    name,
    ...CONTESTANTS.map((contestant) => spread(samples[contestant].map(figure))),
    ratio(figure).toFixed(2),
  ]);
  printTable(say, `Cold start and first rotation: median (middle half) of ${ours.length}`, [
    ['', ...CONTESTANTS, 'ours / naive'],
    ...rows,
  ]);
  const togetherMs = ratio((sample) => together(sample).wallMs);
  const processorMs = ratio((sample) => together(sample).processorMs);
  return [
    atMost('init and first rotation, unconfined', 0.8, togetherMs, '× naive'),
    lessThan('processor time of the same', 1, processorMs, '× naive'),
    atMost('memory after the first rotation', 80, median(ours.map(({ memoryMb }) => memoryMb)), 'MB'),
  ];
}
