import { type Bound, lessThan } from './bounds.ts';
import { type ColdStart, measureColdStarts } from './cold.ts';
import { type Architecture, billedMs, estimateBilledMs, MEMORY_SETTINGS_MB, price } from './lambda-price.ts';
import type { Setting } from './setting.ts';
import { median, sum } from './statistics.ts';
import { printTable, type Say } from './table.ts';

const PEERS = ['predecessor', 'naive', 'ours'] as const;
type Peer = (typeof PEERS)[number];

/** The milliseconds of each cold start and its rotation, invocation by invocation. */
type Billed = Record<Peer, number[][]>;

/**
 * What is billed at each memory setting: measured where functions can be confined, else estimated from cold starts that were not.
 *
 * @param unconfined cold starts on whole processors
 */
export async function billAtEachSetting(
  setting: Setting,
  unconfined: Record<Peer, ColdStart[]>,
  rounds: number,
): Promise<Map<number, Billed>> {
  const all = new Map<number, Billed>();
  for (const memoryMb of MEMORY_SETTINGS_MB) {
    all.set(
      memoryMb,
      setting.groups === undefined
        ? billed(unconfined, (sample) => estimateBilledMs(sample, memoryMb))
        : billed(await confinedTo(memoryMb, setting, rounds), billedMs),
    );
  }
  return all;
}

function confinedTo(memoryMb: number, setting: Setting, rounds: number) {
  const { predecessor, naive, ours } = setting.programs;
  const runtime = { ...setting.runtime, memoryMb };
  return measureColdStarts({ ...setting, runtime }, { predecessor, naive, ours }, { rounds, confined: true });
}

const billed = (samples: Record<Peer, ColdStart[]>, of: (sample: ColdStart) => number[]): Billed => ({
  predecessor: samples.predecessor.map(of),
  naive: samples.naive.map(of),
  ours: samples.ours.map(of),
});

/** What a rotation comes to at each memory setting. Each cold, as one a day is. */
export function reportPrices(say: Say, bills: Map<number, Billed>, isMeasured: boolean): Bound[] {
  const settings = [...bills].map(([memoryMb, bill]) => {
    const milliseconds = (peer: Peer) => median(bill[peer].map(sum));
    const dollars = (peer: Peer, architecture: Architecture) =>
      median(bill[peer].map((each) => price(each, memoryMb, architecture))) * 1_000_000;
    return {
      memoryMb,
      ms: PEERS.map(milliseconds),
      arm64: PEERS.map((peer) => dollars(peer, 'arm64')),
      x86_64: PEERS.map((peer) => dollars(peer, 'x86_64')),
      ratio: milliseconds('ours') / milliseconds('naive'),
    };
  });
  const title = 'Billed for a cold start and its rotation: ms, and dollars for a million of them (us-east-1)';
  printTable(say, `${title}, ${isMeasured ? 'confined' : 'estimated'}`, [
    [
      'memory, MB',
      ...['ms', 'arm64', 'x86_64'].flatMap((unit) => PEERS.map((peer) => `${peer}, ${unit}`)),
      'ours / naive, ms',
    ],
    ...settings.map(({ memoryMb, ms, arm64, x86_64, ratio }) => [
      String(memoryMb),
      ...ms.map((each) => each.toFixed(0)),
      ...[...arm64, ...x86_64].map((each) => each.toFixed(2)),
      ratio.toFixed(2),
    ]),
  ]);
  return settings.map(({ memoryMb, ratio }) => lessThan(`billed at ${memoryMb} MB`, 1, ratio, '× naive'));
}
