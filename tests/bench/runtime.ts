import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundlePlainly } from './contestants.ts';

/** What runs the contestants. */
export interface Runtime {
  /** The executable. */
  node: string;
  nodeVersion: string;
  nodeMajor: string;
  /** The client of the Lambda Runtime API. */
  client: { name: string; file: string };
  /** What the function is told that it has, and the limit of its JavaScript heap. */
  memoryMb: number;
}

export interface RuntimeOptions {
  node: string;
  /** The folder of `aws-lambda-ric`. @default the one that the project can resolve, if there is one */
  ric: string | undefined;
  memoryMb: number;
}

/**
 * AWS's own client of the Lambda Runtime API if it is at hand, else the loop that stands in for it in the local Lambda.
 *
 * @param folder for what has to be built
 */
export async function findRuntime({ node, ric, memoryMb }: RuntimeOptions, folder: string): Promise<Runtime> {
  const nodeVersion = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const nodeMajor = nodeVersion.replace(/^v(\d+).*/, '$1');
  return { node, nodeVersion, nodeMajor, memoryMb, client: awsClient(ric) ?? (await standInClient(folder)) };
}

function awsClient(ric: string | undefined): Runtime['client'] | undefined {
  const require = createRequire(import.meta.url);
  const manifest = ric === undefined ? resolvable(require, 'aws-lambda-ric/package.json') : join(ric, 'package.json');
  if (manifest === undefined) return undefined;
  const { name, version, main } = require(manifest) as { name: string; version: string; main: string };
  return { name: `${name} ${version}`, file: join(manifest, '..', main) };
}

function resolvable(require: NodeJS.Require, id: string): string | undefined {
  try {
    return require.resolve(id);
  } catch {
    return undefined;
  }
}

async function standInClient(folder: string): Promise<Runtime['client']> {
  const file = join(folder, 'bootstrap.mjs');
  await bundlePlainly(fileURLToPath(new URL('../../src/local/lambda/bootstrap.ts', import.meta.url)), file);
  return { name: 'a minimal runtime loop (src/local/lambda/bootstrap.ts)', file };
}
