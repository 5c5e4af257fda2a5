import { atMost, type Bound } from './bounds.ts';
import { rotate, wholeRotation } from './rotate.ts';
import { startSandbox } from './sandbox.ts';
import type { Setting } from './setting.ts';
import { median } from './statistics.ts';
import { printTable, type Say } from './table.ts';
import type { WarmRotation } from './warm.ts';

/** One sandbox of ours rotates so many secrets, each once. */
export async function rotateManySecrets(setting: Setting, count: number): Promise<WarmRotation[]> {
  const { runtime, services, network, programs } = setting;
  const secretIds = await services.ask('createSecrets', count);
  const rotations: WarmRotation[] = [];
  const sandbox = await startSandbox({ runtime, program: programs.ours, network });
  try {
    for (const secretId of secretIds) {
      const { steps, activity } = await rotate(services, sandbox, secretId);
      rotations.push({ steps, whole: wholeRotation(steps), activity, memoryMb: sandbox.memoryMb() });
    }
  } finally {
    await sandbox.end();
  }
  return rotations;
}

export function reportManySecrets(say: Say, rotations: WarmRotation[]): Bound[] {
  const hundreds = Array.from({ length: rotations.length / 100 }, (_, index) => {
    const slice = rotations.slice(index * 100, (index + 1) * 100);
    return {
      ms: median(slice.map(({ whole }) => whole.wallMs)),
      queuedMs: median(slice.map(({ whole }) => whole.queuedMs)),
      processorMs: median(slice.map(({ whole }) => whole.processorMs)),
      calls: median(slice.map(({ activity }) => activity.secretsManager + activity.momento)),
      memoryMb: median(slice.map(({ memoryMb }) => memoryMb)),
    };
  });
  printTable(say, `${rotations.length} secrets in one sandbox, by the hundred: medians`, [
    ['', ...hundreds.map((_, index) => `${index + 1}.`)],
    ['rotation, ms', ...hundreds.map(({ ms }) => ms.toFixed(1))],
    ['queued for a processor, ms', ...hundreds.map(({ queuedMs }) => queuedMs.toFixed(1))],
    ['processor time, ms', ...hundreds.map(({ processorMs }) => processorMs.toFixed(1))],
    ['calls', ...hundreds.map(({ calls }) => String(calls))],
    ['memory, MB', ...hundreds.map(({ memoryMb }) => memoryMb.toFixed(1))],
  ]);
  const [second, last] = [hundreds[1], hundreds.at(-1)];
  if (!second || !last) throw new Error('Too few rotations to compare.');
  return [
    atMost('time of a rotation, last hundred', 1.1, last.ms / second.ms, '× second hundred'),
    atMost('calls of a rotation, last hundred', 1.1, last.calls / second.calls, '× second hundred'),
    atMost('growth of memory from the second hundred to the last', 5, last.memoryMb - second.memoryMb, 'MB'),
  ];
}
