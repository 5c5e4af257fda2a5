import { rotate, type Steps, wholeRotation } from './rotate.ts';
import { type Sandbox, type Stretch, startSandbox } from './sandbox.ts';
import type { Activity } from './services.ts';
import type { Setting } from './setting.ts';

const PEERS = ['naive', 'ours'] as const;
export type Peer = (typeof PEERS)[number];

/** A rotation that others came before in the same sandbox. */
export interface WarmRotation {
  steps: Steps;
  whole: Stretch;
  activity: Activity;
  /** After it, in MB. */
  memoryMb: number;
}

/**
 * Rotations in one sandbox of each, in turns: the cold one first, and `more` after it.
 *
 * @param answerMs how long each call waits for its answer, on top of what the stand-ins take
 */
export async function measureWarmRotations(
  setting: Setting,
  more: number,
  answerMs: number,
): Promise<Record<Peer, WarmRotation[]>> {
  const rotations: Record<Peer, WarmRotation[]> = { naive: [], ours: [] };
  const secretIds = await setting.services.ask('createSecrets', 3);
  await setting.services.ask('delayCalls', answerMs);
  await withSandboxes(setting, async (sandboxes) => {
    for (let turn = 0; turn <= more; turn += 1) {
      const secretId = secretIds[turn % secretIds.length] as string;
      for (const peer of turn % 2 === 0 ? PEERS : PEERS.toReversed()) {
        const sandbox = sandboxes[peer];
        const { steps, activity } = await rotate(setting.services, sandbox, secretId);
        rotations[peer].push({ steps, whole: wholeRotation(steps), activity, memoryMb: sandbox.memoryMb() });
      }
    }
  });
  await setting.services.ask('delayCalls', 0);
  return rotations;
}

/** A sandbox of each, as long as `use` takes. */
export async function withSandboxes(
  { runtime, network, programs }: Setting,
  use: (sandboxes: Record<Peer, Sandbox>) => Promise<void>,
): Promise<void> {
  const start = (peer: Peer) => startSandbox({ runtime, program: programs[peer], network });
  const naive = await start('naive');
  try {
    const ours = await start('ours');
    await use({ naive, ours }).finally(ours.end);
  } finally {
    await naive.end();
  }
}
