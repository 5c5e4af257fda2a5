import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { Profiler } from 'node:inspector';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { bundlePlainly } from '../bench/contestants.ts';
import { buildWithSourceMap } from '../bench/own-bundle.ts';
import { ownersIn } from '../bench/owners.ts';
import type { InitReport } from './init-probe.ts';

/** What runs when a sandbox is initialised. */
export interface Init {
  /** Packages of which any code runs, `src` for this project. What is merely there and never called does not count. */
  packages: string[];
  /** Node.js's own modules that are asked for. */
  builtins: string[];
}

/** Finds out in a process of its own, in Lambda's environment, with V8's own coverage. */
export async function observeInit(): Promise<Init> {
  const folder = await mkdtemp(join(tmpdir(), 'init-'));
  try {
    const bundle = await buildWithSourceMap(join(folder, 'function'));
    const probe = join(folder, 'probe.mjs');
    await bundlePlainly(fileURLToPath(new URL('./init-probe.ts', import.meta.url)), probe);
    const { stdout } = await promisify(execFile)(process.execPath, [probe, bundle], {
      env: {
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
        AWS_LAMBDA_FUNCTION_NAME: 'momento-key-rotation',
      },
      maxBuffer: 100_000_000,
    });
    const { required, functions } = JSON.parse(stdout) as InitReport;
    return {
      packages: [...new Set(await ownersOfWhatRan(bundle, functions))].filter((owner) => !isBuiltin(owner)).sort(),
      builtins: required.filter(isBuiltin).sort(),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The package of each line whose innermost function was called. */
async function ownersOfWhatRan(bundle: string, functions: readonly Profiler.FunctionCoverage[]): Promise<string[]> {
  const ownerAt = ownersIn(dirname(bundle));
  const { href } = pathToFileURL(bundle);
  // A function comes before those that are in it.
  const ranges = functions
    .flatMap((each) => each.ranges)
    .sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  const around: Profiler.CoverageRange[] = [];
  const owners: string[] = [];
  let next = 0;
  let offset = 0;
  for (const [index, line] of (await readFile(bundle, 'utf8')).split('\n').entries()) {
    // At its end: a line that opens a function counts as the function's.
    const end = offset + line.length;
    for (let range = ranges[next]; range && range.startOffset < end; range = ranges[next]) {
      around.push(range);
      next += 1;
    }
    while ((around.at(-1)?.endOffset ?? end) < end) around.pop();
    // Several may have begun and ended on the line.
    const innermost = around.findLast(({ endOffset }) => endOffset >= end);
    const owner = innermost && innermost.count > 0 ? ownerAt(href, index + 1) : undefined;
    if (owner !== undefined) owners.push(owner);
    offset = end + 1;
  }
  return owners;
}
