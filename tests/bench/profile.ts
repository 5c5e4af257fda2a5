import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeOptions } from '../../infra/node-options.ts';
import { add, attribute, type Shares } from './attribution.ts';
import { bundlePlainly } from './contestants.ts';
import { buildWithSourceMap, inspectBundle } from './own-bundle.ts';
import { packageOf } from './owners.ts';
import type { ProfilerAnswer } from './profiler.ts';
import { finishRotation } from './rotate.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';
import type { Setting } from './setting.ts';
import { median } from './statistics.ts';

/** Where a cold start goes: milliseconds of the main thread, medians of all runs. */
export interface Profile {
  init: Shares;
  rotation: Shares;
  /** Of the bundle. */
  bytes: Shares;
}

export async function profileColdStarts(
  { runtime, services, network }: Pick<Setting, 'runtime' | 'services' | 'network'>,
  folder: string,
  runs: number,
): Promise<Profile> {
  const taskRoot = join(folder, 'profiled');
  await buildWithSourceMap(taskRoot);
  const profiler = join(folder, 'profiler.mjs');
  await bundlePlainly(fileURLToPath(new URL('./profiler.ts', import.meta.url)), profiler);

  const inits: Shares[] = [];
  const rotations: Shares[] = [];
  const [secretId = ''] = await services.ask('createSecrets', 1);
  for (let run = 0; run < runs; run += 1) {
    const begun = await services.ask('beginRotation', secretId);
    const sandbox = await startSandbox({
      runtime,
      program: { taskRoot, nodeOptions },
      network,
      nodeArguments: ['--import', profiler],
    });
    try {
      const init = attribute(await takeProfile(sandbox), taskRoot);
      const sampled = [...init.values()].reduce((sum, ms) => sum + ms, 0);
      add(init, '(before the profile)', sandbox.init.wallMs - sampled);
      inits.push(init);
      await finishRotation(services, sandbox, begun);
      rotations.push(attribute(await takeProfile(sandbox), taskRoot));
    } finally {
      await sandbox.end();
    }
  }
  return { init: medians(inits), rotation: medians(rotations), bytes: await bytesByPackage() };
}

/** Waiting, and the work of taking the profile. */
const NOT_OF_INTEREST = ['(idle)', 'node:inspector'];

function medians(runs: readonly Shares[]): Shares {
  const names = new Set(runs.flatMap((shares) => [...shares.keys()]));
  for (const name of NOT_OF_INTEREST) names.delete(name);
  return new Map([...names].map((name) => [name, median(runs.map((shares) => shares.get(name) ?? 0))]));
}

async function takeProfile({ process: child }: Sandbox) {
  const answered = once(child, 'message', { signal: AbortSignal.timeout(30_000) });
  child.send('take');
  const [answer] = (await answered) as [ProfilerAnswer];
  if ('error' in answer) throw new Error(answer.error);
  return answer.profile;
}

async function bytesByPackage(): Promise<Shares> {
  const bytes: Shares = new Map();
  for (const output of Object.values((await inspectBundle()).outputs)) {
    for (const [source, { bytesInOutput }] of Object.entries(output.inputs))
      add(bytes, packageOf(source), bytesInOutput);
    const inputs = Object.values(output.inputs).reduce((sum, { bytesInOutput }) => sum + bytesInOutput, 0);
    add(bytes, '(bundler)', output.bytes - inputs);
  }
  return bytes;
}
