import { atMost, type Bound } from './bounds.ts';
import { median, spread } from './statistics.ts';
import { printTable, type Say } from './table.ts';
import type { Peer, WarmRotation } from './warm.ts';

/** The first of them are still compiled while they run. */
const WARM_UP = 50;
/** By so much memory differs from one collection of garbage to the next. */
const NO_GROWTH_MB = 5;

type Rotations = Record<Peer, WarmRotation[]>;

/** Of rotations whose calls are answered at once: what is left is what the function itself takes. */
export function reportWarmRotations(say: Say, { naive, ours }: Rotations): Bound[] {
  const figures: Record<string, (rotation: WarmRotation) => number> = {
    ...DURATIONS,
    'processor time, ms': ({ whole }) => whole.processorMs,
    'queued for a processor, ms': ({ whole }) => whole.queuedMs,
    'calls of Secrets Manager': ({ activity }) => activity.secretsManager,
    'calls of Momento': ({ activity }) => activity.momento,
    'new connections': ({ activity }) => activity.connections,
  };
  const [memoryOfNaive, memoryOfOurs] = [memory(naive), memory(ours)];
  const more = ours.length - 1;
  printTable(say, `Warm rotation, calls answered at once: ${title(ours)}`, [
    ['', 'naive', 'ours', 'ours / naive'],
    ...rows({ naive, ours }, figures),
    ['memory after the first, MB', memoryOfNaive.first.toFixed(1), memoryOfOurs.first.toFixed(1), ''],
    [`memory after ${more} more, MB`, memoryOfNaive.last.toFixed(1), memoryOfOurs.last.toFixed(1), ''],
    ['memory at the most, MB', memoryOfNaive.most.toFixed(1), memoryOfOurs.most.toFixed(1), ''],
  ]);
  const measured = ratio({ naive, ours }, ({ whole }) => whole.wallMs);
  const calls = new Set(ours.map(({ activity }) => `${activity.secretsManager} and ${activity.momento}`));
  return [
    atMost('warm rotation, calls answered at once', 0.9, measured, '× naive'),
    {
      figure: 'calls a rotation, of Secrets Manager and Momento',
      bound: '7 and 2',
      measured: [...calls].join(', '),
      met: [...calls].every((each) => each === '7 and 2'),
    },
    atMost(`growth of memory over ${more} more`, 30, memoryOfOurs.last - memoryOfOurs.first, 'MB'),
    atMost('of it in the second half', NO_GROWTH_MB, memoryOfOurs.last - memoryOfOurs.middle, 'MB'),
  ];
}

/** Of rotations whose calls are answered about as late as the services themselves answer. */
export function reportWaitingRotations(say: Say, rotations: Rotations, answerMs: number): Bound[] {
  printTable(say, `Warm rotation, calls answered after ${answerMs} ms: ${title(rotations.ours)}`, [
    ['', 'naive', 'ours', 'ours / naive'],
    ...rows(rotations, DURATIONS),
  ]);
  const measured = ratio(rotations, ({ whole }) => whole.wallMs);
  return [atMost(`warm rotation, calls answered after ${answerMs} ms`, 0.9, measured, '× naive')];
}

const DURATIONS: Record<string, (rotation: WarmRotation) => number> = {
  'rotation, ms': ({ whole }) => whole.wallMs,
  'of it createSecret, ms': ({ steps }) => steps.createSecret.wallMs,
  'of it testSecret, ms': ({ steps }) => steps.testSecret.wallMs,
  'of it finishSecret, ms': ({ steps }) => steps.finishSecret.wallMs,
};

function rows(rotations: Rotations, figures: Record<string, (rotation: WarmRotation) => number>): string[][] {
  return Object.entries(figures).map(([name, figure]) => [
    name,
    spread(warm(rotations.naive).map(figure)),
    spread(warm(rotations.ours).map(figure)),
    ratio(rotations, figure).toFixed(2),
  ]);
}

function ratio({ naive, ours }: Rotations, figure: (rotation: WarmRotation) => number): number {
  return median(warm(ours).map(figure)) / median(warm(naive).map(figure));
}

function warm(rotations: WarmRotation[]): WarmRotation[] {
  return rotations.slice(WARM_UP);
}

function title(ours: WarmRotation[]): string {
  return `median (middle half) of ${warm(ours).length}, after ${WARM_UP} others in the same sandbox`;
}

function memory(rotations: WarmRotation[]) {
  const middle = Math.ceil(rotations.length / 2);
  return {
    first: rotations[0]?.memoryMb ?? 0,
    middle: median(rotations.slice(middle - 10, middle).map(({ memoryMb }) => memoryMb)),
    last: median(rotations.slice(-10).map(({ memoryMb }) => memoryMb)),
    most: Math.max(...rotations.map(({ memoryMb }) => memoryMb)),
  };
}
