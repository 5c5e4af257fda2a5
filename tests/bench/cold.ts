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
 *
 * @param taskRoots the folder of each; the one called `empty` is not expected to rotate
 */
export async function measureColdStarts<C extends string>(
  setting: Pick<Setting, 'runtime' | 'services'>,
  taskRoots: Record<C, string>,
  rounds: number,
): Promise<Record<C, ColdStart[]>> {
  const contestants = Object.entries<string>(taskRoots) as [C, string][];
  const samples = Object.fromEntries(contestants.map(([contestant]) => [contestant, []])) as unknown as Record<
    C,
    ColdStart[]
  >;
  const [secretId = ''] = await setting.services.ask('createSecrets', 1);
  // The first round fills the machine's file cache, and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    for (const place of contestants.keys()) {
      const [contestant, taskRoot] = contestants[(place + round) % contestants.length] as [C, string];
      const sample = await coldStart(setting, taskRoot, contestant === 'empty', secretId);
      if (round > 0) samples[contestant].push(sample);
    }
  }
  return samples;
}

async function coldStart(
  { runtime, services }: Pick<Setting, 'runtime' | 'services'>,
  taskRoot: string,
  isEmpty: boolean,
  secretId: string,
): Promise<ColdStart> {
  // Before the start, so that the first event follows at once.
  const begun = isEmpty ? undefined : await services.ask('beginRotation', secretId);
  const sandbox = await startSandbox({ runtime, taskRoot, endpoint: services.endpoint });
  try {
    const { steps, activity } = begun
      ? await finishRotation(services, sandbox, begun)
      : { steps: await runSteps(sandbox, secretId, ''), activity: { connections: 0 } };
    return { init: sandbox.init, steps, memoryMb: sandbox.memoryMb(), connections: activity.connections };
  } finally {
    await sandbox.end();
  }
}
