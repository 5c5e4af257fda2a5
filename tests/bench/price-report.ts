import { type Bound, lessThan } from './bounds.ts';
import type { ColdStart } from './cold.ts';
import type { Contestant } from './contestants.ts';
import { type Architecture, billedMs, MEMORY_SETTINGS_MB, price } from './lambda-price.ts';
import { median } from './statistics.ts';
import { printTable, type Say } from './table.ts';

/** What a rotation comes to at each memory setting. Each cold, as one a day is. */
export function reportPrices(say: Say, { naive, ours }: Record<Contestant, ColdStart[]>): Bound[] {
  const settings = MEMORY_SETTINGS_MB.map((memoryMb) => {
    const milliseconds = (samples: ColdStart[]) =>
      median(samples.map((sample) => billedMs(sample, memoryMb).reduce((sum, ms) => sum + ms)));
    const dollars = (samples: ColdStart[], architecture: Architecture) =>
      median(samples.map((sample) => price(billedMs(sample, memoryMb), memoryMb, architecture))) * 1_000_000;
    return {
      memoryMb,
      ms: [milliseconds(naive), milliseconds(ours)] as const,
      arm64: [dollars(naive, 'arm64'), dollars(ours, 'arm64')] as const,
      x86_64: [dollars(naive, 'x86_64'), dollars(ours, 'x86_64')] as const,
    };
  });
  const rows = settings.map(({ memoryMb, ms, arm64, x86_64 }) => [
    String(memoryMb),
    ...ms.map((each) => each.toFixed(0)),
    ...[...arm64, ...x86_64].map((each) => each.toFixed(2)),
    (ms[1] / ms[0]).toFixed(2),
  ]);
  printTable(say, 'Billed for a cold start and its rotation: ms, and dollars for a million of them (us-east-1)', [
    ['memory, MB', 'naive, ms', 'ours, ms', 'naive, arm64', 'ours', 'naive, x86_64', 'ours', 'ours / naive, ms'],
    ...rows,
  ]);
  return settings.map(({ memoryMb, ms: [naiveMs, oursMs] }) =>
    lessThan(`billed at ${memoryMb} MB`, 1, oursMs / naiveMs, '× naive'),
  );
}
