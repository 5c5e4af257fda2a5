import type { Program } from './contestants.ts';
import { finishRotation, runSteps, type Steps } from './rotate.ts';
import { type Stretch, startSandbox } from './sandbox.ts';
import type { Activity } from './services.ts';
import type { Setting } from './setting.ts';
import { shareAt } from './share.ts';

/** A cold start, and the rotation that it was for. */
export interface ColdStart {
  init: Stretch;
  steps: Steps;
  /** After the rotation, in MB. */
  memoryMb: number;
  /** What the rotation took of the services. */
  activity: Activity;
}

const NONE: Activity = { secretsManager: 0, momento: 0, connections: 0 };

export interface ColdStartOptions {
  rounds: number;
  /** After init on the share of a processor that the runtime's memory buys. Control groups have to be there. @default false */
  confined?: boolean;
  /** Init as well. @default false */
  initConfined?: boolean;
}

/**
 * Cold starts of each contestant, each in a fresh process: round by round, in another order each time, so that whatever the machine
 * does meanwhile strikes all alike.
 *
 * @param programs the one called `empty` is not expected to rotate
 */
export async function measureColdStarts<C extends string>(
  setting: Omit<Setting, 'programs'>,
  programs: Record<C, Program>,
  options: ColdStartOptions,
): Promise<Record<C, ColdStart[]>> {
  const contestants = Object.entries<Program>(programs) as [C, Program][];
  const samples = Object.fromEntries(contestants.map(([contestant]) => [contestant, []])) as unknown as Record<
    C,
    ColdStart[]
  >;
  const [secretId = ''] = await setting.services.ask('createSecrets', 1);
  // The first round fills the machine's file cache, and does not count.
  for (let round = 0; round <= options.rounds; round += 1) {
    for (const place of contestants.keys()) {
      const [contestant, program] = contestants[(place + round) % contestants.length] as [C, Program];
      const sample = await coldStart(setting, program, { ...options, isEmpty: contestant === 'empty', secretId });
      if (round > 0) samples[contestant].push(sample);
    }
  }
  return samples;
}

async function coldStart(
  { runtime, services, network, groups }: Omit<Setting, 'programs'>,
  program: Program,
  options: ColdStartOptions & { isEmpty: boolean; secretId: string },
): Promise<ColdStart> {
  const { secretId, isEmpty, confined = false, initConfined = false } = options;
  // Before the start, so that the first event follows at once.
  const begun = isEmpty ? undefined : await services.ask('beginRotation', secretId);
  const sandbox = await startSandbox({
    runtime,
    program,
    network,
    confinement:
      confined && groups ? { group: groups(), share: shareAt(runtime.memoryMb), initToo: initConfined } : undefined,
  });
  try {
    const { steps, activity } = begun
      ? await finishRotation(services, sandbox, begun)
      : { steps: await runSteps(sandbox, secretId, ''), activity: NONE };
    return { init: sandbox.init, steps, memoryMb: sandbox.memoryMb(), activity };
  } finally {
    await sandbox.end();
  }
}
