import { type ColdStart, measureColdStarts } from './cold.ts';
import type { Program } from './contestants.ts';
import { billedMs, MEMORY_SETTINGS_MB } from './lambda-price.ts';
import type { Setting } from './setting.ts';
import { median, sum } from './statistics.ts';
import { printTable, type Say } from './table.ts';

/** Cold starts with priming and without it, at each memory setting. */
export type Primings = Map<number, Record<'with' | 'without', ColdStart[]>>;

/** After init on the share of a processor that each setting buys. Control groups have to be there. */
export async function measurePriming(
  setting: Omit<Setting, 'programs'>,
  programs: Record<'with' | 'without', Program>,
  rounds: number,
): Promise<Primings> {
  const primings: Primings = new Map();
  for (const memoryMb of MEMORY_SETTINGS_MB) {
    const runtime = { ...setting.runtime, memoryMb };
    primings.set(memoryMb, await measureColdStarts({ ...setting, runtime }, programs, { rounds, confined: true }));
  }
  return primings;
}

export function reportPriming(say: Say, primings: Primings): void {
  const billed = (sample: ColdStart) => sum(billedMs(sample));
  const figures = [({ init }: ColdStart) => init.wallMs, ({ steps }: ColdStart) => steps.createSecret.wallMs, billed];
  printTable(say, 'Without priming, and with it, at each memory setting, confined: medians', [
    ['memory, MB', 'init, ms', 'with', 'createSecret, ms', 'with', 'billed, ms', 'with', 'saved, ms'],
    ...[...primings].map(([memoryMb, samples]) => {
      const medians = figures.map((figure) => [
        median(samples.without.map(figure)),
        median(samples.with.map(figure)),
      ]) as [number, number][];
      const [without, primed] = medians.at(-1) as [number, number];
      return [String(memoryMb), ...medians.flat().map((ms) => ms.toFixed(0)), (without - primed).toFixed(0)];
    }),
  ]);
}
