import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { nodeOptions } from '../../infra/node-options.ts';
import { bundleOptions } from '../../src/build/bundle.ts';

/**
 * An empty handler, the design of the function that Momento published, a bundle that naively loads both SDKs and does the same work, and
 * the function of this project.
 */
export const CONTESTANTS = ['empty', 'predecessor', 'naive', 'ours'] as const;
export type Contestant = (typeof CONTESTANTS)[number];

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** What runs in a sandbox. */
export interface Program {
  /** The folder of its `index.mjs`. */
  taskRoot: string;
  /** The function's own `NODE_OPTIONS`, for so much memory. @default none */
  nodeOptions?: (memoryMb: number) => string;
}

/**
 * Puts each contestant into a folder of its own below `folder`: ours as it was built, copied, so that a build in the meantime
 * changes nothing, and the others bundled from `peers/`.
 */
export async function buildContestants(folder: string): Promise<Record<Contestant, Program>> {
  for (const peer of CONTESTANTS.filter((contestant) => contestant !== 'ours')) {
    await bundlePlainly(path(`./peers/${peer}.ts`), join(folder, peer, 'index.mjs'));
  }
  await cp(path('../../dist/lambda'), join(folder, 'ours'), { recursive: true });
  const plain = (contestant: Contestant): Program => ({ taskRoot: join(folder, contestant) });
  const ours = { ...plain('ours'), nodeOptions };
  return { empty: plain('empty'), predecessor: plain('predecessor'), naive: plain('naive'), ours };
}

/** As one bundles a Lambda function without further thought. */
export async function bundlePlainly(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    minify: true,
    banner: bundleOptions.banner,
    logLevel: 'warning',
  });
}
