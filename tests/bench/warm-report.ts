import { atMost, type Bound } from './bounds.ts';
import { median, spread } from './statistics.ts';
import { printTable, type Say } from './table.ts';
import type { Peer, WarmRotation } from './warm.ts';

/** The first of them are still compiled while they run. */
const WARM_UP = 50;

export function reportWarmRotations(say: Say, { naive, ours }: Record<Peer, WarmRotation[]>): Bound[] {
  const warm = (rotations: WarmRotation[]) => rotations.slice(WARM_UP);
  const figures: Record<string, (rotation: WarmRotation) => number> = {
    'rotation, ms': ({ whole }) => whole.wallMs,
    'of it createSecret, ms': ({ steps }) => steps.createSecret.wallMs,
    'of it testSecret, ms': ({ steps }) => steps.testSecret.wallMs,
    'of it finishSecret, ms': ({ steps }) => steps.finishSecret.wallMs,
    'processor time, ms': ({ whole }) => whole.processorMs,
    'queued for a processor, ms': ({ whole }) => whole.queuedMs,
    'calls of Secrets Manager': ({ activity }) => activity.secretsManager,
    'calls of Momento': ({ activity }) => activity.momento,
    'new connections': ({ activity }) => activity.connections,
  };
  const ratio = (figure: (rotation: WarmRotation) => number) =>
    median(warm(ours).map(figure)) / median(warm(naive).map(figure));
  const rows = Object.entries(figures).map(([name, figure]) => [
    name,
    spread(warm(naive).map(figure)),
    spread(warm(ours).map(figure)),
    ratio(figure).toFixed(2),
  ]);
  const memory = (rotations: WarmRotation[]) => ({
    first: rotations[0]?.memoryMb ?? 0,
    last: median(rotations.slice(-10).map(({ memoryMb }) => memoryMb)),
  });
  const [memoryOfNaive, memoryOfOurs] = [memory(naive), memory(ours)];
  const more = ours.length - 1;
  printTable(
    say,
    `Warm rotation: median (middle half) of ${warm(ours).length}, after ${WARM_UP} others in the same sandbox`,
    [
      ['', 'naive', 'ours', 'ours / naive'],
      ...rows,
      ['memory after the first, MB', memoryOfNaive.first.toFixed(1), memoryOfOurs.first.toFixed(1), ''],
      [`memory after ${more} more, MB`, memoryOfNaive.last.toFixed(1), memoryOfOurs.last.toFixed(1), ''],
    ],
  );
  const calls = new Set(ours.map(({ activity }) => `${activity.secretsManager} and ${activity.momento}`));
  return [
    atMost(
      'warm rotation',
      0.9,
      ratio(({ whole }) => whole.wallMs),
      '× naive',
    ),
    {
      figure: 'calls a rotation, of Secrets Manager and Momento',
      bound: '7 and 2',
      measured: [...calls].join(', '),
      met: [...calls].every((each) => each === '7 and 2'),
    },
    atMost(`growth of memory over ${more} more`, 5, memoryOfOurs.last - memoryOfOurs.first, 'MB'),
  ];
}
