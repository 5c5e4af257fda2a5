import { CONTESTANTS, type Contestant } from './contestants.ts';
import { finishRotation, runSteps, type Steps } from './rotate.ts';
import { type Stretch, startSandbox } from './sandbox.ts';
import type { Setting } from './setting.ts';

/** A cold start, and the rotation that it was for. */
export interface ColdStart {
  init: Stretch;
  steps: Steps;
  /** After the rotation, in MB. */
  memoryMb: number;
  /** New connections that the rotation made. */
  connections: number;
}

/**
 * Cold starts of each contestant, each in a fresh process: round by round, in another order each time, so that whatever the machine
 * does meanwhile strikes all alike.
 */
export async function measureColdStarts(setting: Setting, rounds: number): Promise<Record<Contestant, ColdStart[]>> {
  const samples: Record<Contestant, ColdStart[]> = { empty: [], naive: [], ours: [] };
  const [secretId = ''] = await setting.services.ask('createSecrets', 1);
  // The first round fills the machine's file cache, and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    for (const place of CONTESTANTS.keys()) {
      const contestant = CONTESTANTS[(place + round) % CONTESTANTS.length] as Contestant;
      const sample = await coldStart(setting, contestant, secretId);
      if (round > 0) samples[contestant].push(sample);
    }
  }
  return samples;
}

async function coldStart(setting: Setting, contestant: Contestant, secretId: string): Promise<ColdStart> {
  const { runtime, services, taskRoots } = setting;
  // Before the start, so that the first event follows at once.
  const begun = contestant === 'empty' ? undefined : await services.ask('beginRotation', secretId);
  const sandbox = await startSandbox({ runtime, taskRoot: taskRoots[contestant], endpoint: services.endpoint });
  try {
    const { steps, activity } = begun
      ? await finishRotation(services, sandbox, begun)
      : { steps: await runSteps(sandbox, secretId, ''), activity: { connections: 0 } };
    return { init: sandbox.init, steps, memoryMb: sandbox.memoryMb(), connections: activity.connections };
  } finally {
    await sandbox.end();
  }
}
