import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type StdinOptions } from 'esbuild';
import { onTestFinished } from 'vitest';
import { type LocalLambda, startLambda } from '../../src/local/lambda/lambda.ts';
import { environment } from './child.ts';
import type { Stage } from './stage.ts';

/** An application's own Lambda function, in a sandbox that can be frozen as Lambda freezes it between invocations. */
interface Freezable {
  lambda: LocalLambda;
  /** Nothing goes on in the sandbox meanwhile. */
  frozen(meanwhile?: () => Promise<unknown>): Promise<void>;
}

/** @param code exports `handler` */
export async function startFreezable(stage: Stage, code: StdinOptions, tsconfig?: string): Promise<Freezable> {
  const taskRoot = await mkdtemp(join(tmpdir(), 'application-'));
  onTestFinished(() => rm(taskRoot, { recursive: true, force: true }));
  await build({
    stdin: { ...code, contents: `${code.contents}\nconsole.log('pid', process.pid);` },
    ...(tsconfig !== undefined && { tsconfig }),
    outfile: join(taskRoot, 'index.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  let pid = 0;
  const lambda = await startLambda({
    taskRoot,
    functionName: 'application',
    timeoutMs: 60_000,
    memoryMb: 256,
    environment: environment(stage),
    onLog: (line) => {
      pid ||= Number(/pid (\d+)/.exec(line)?.[1] ?? 0);
    },
  });
  onTestFinished(() => lambda.close());
  return {
    lambda,
    async frozen(meanwhile = async () => {}) {
      process.kill(pid, 'SIGSTOP');
      await meanwhile();
      process.kill(pid, 'SIGCONT');
    },
  };
}
