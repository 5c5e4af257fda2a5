import { randomBytes, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { createEnvironment } from './environment.ts';
import { TooManyRequestsException } from './lambda-errors.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';

export interface LocalLambdaOptions {
  /** The folder that holds the function, for example one with an `index.mjs` that exports `handler`. */
  taskRoot: string;
  /** File, without its extension, and export. @default 'index.handler' */
  handler?: string;
  functionName: string;
  /** Milliseconds that the function has for one event. The time to initialise a sandbox does not count. */
  timeoutMs: number;
  /** The limit of the JavaScript heap, and what the function is told. @default 128 */
  memoryMb?: number;
  /** The function's environment variables, on top of those that Lambda defines. */
  environment: Readonly<Record<string, string>>;
  /** Called for each line that the function logs, in order. @default nobody */
  onLog?: (line: string) => void;
  /** @default 'us-east-1' */
  region?: string;
  /** @default '123456789012' */
  accountId?: string;
  /** How many sandboxes there may be at once. @default 10 */
  reservedConcurrency?: number;
}

/**
 * A function as AWS Lambda runs it: from its folder, in a process of its own, over the Lambda Runtime API. One sandbox is kept for
 * the next event; an event that comes while it is busy gets a sandbox of its own.
 *
 * A sandbox ends with this process, however that ends; only a handler that never yields outlives a parent that was killed.
 */
export interface LocalLambda {
  readonly functionArn: string;
  /** How many sandboxes were started so far. */
  readonly coldStarts: number;
  /**
   * Invokes the function and waits for its answer. When it settles, everything that was logged until then has been passed on.
   * @throws {FunctionError} if the function threw, could not be initialised, ran out of time, or its process died.
   * @throws {TooManyRequestsException} if as many sandboxes as there may be are busy.
   */
  invoke(event: unknown): Promise<unknown>;
  /** Sets variables of the function, as `UpdateFunctionConfiguration` does: what begins from now on has them. */
  updateEnvironment(variables: Readonly<Record<string, string>>): void;
  /** Kills every sandbox now, in the middle of an event if there is one. The next event is a cold start. */
  kill(): void;
  /** Kills every sandbox and waits until they are gone. */
  close(): Promise<void>;
}

/** @throws if `taskRoot` is not there. */
export async function startLambda(options: LocalLambdaOptions): Promise<LocalLambda> {
  const { handler = 'index.handler', functionName, timeoutMs, memoryMb = 128 } = options;
  const { onLog = () => {}, region = 'us-east-1', accountId = '123456789012', reservedConcurrency = 10 } = options;
  const functionArn = `arn:aws:lambda:${region}:${accountId}:function:${functionName}`;
  const taskRoot = resolve(options.taskRoot);
  await stat(taskRoot);
  const folder = await mkdtemp(join(tmpdir(), 'local-lambda-'));
  const bootstrap = join(folder, 'bootstrap.mjs');
  compiled ??= compileBootstrap();
  await writeFile(bootstrap, await compiled);

  let { environment } = options;
  const sandboxes = new Set<Sandbox>();
  /** They have an environment that is not the function's any more. */
  const outdated = new WeakSet<Sandbox>();
  let idle: Sandbox | undefined;
  let coldStarts = 0;
  let closed = false;

  function coldStart(): Sandbox {
    const alive = [...sandboxes].filter((sandbox) => sandbox.isAlive()).length;
    if (alive >= reservedConcurrency) throw new TooManyRequestsException('Rate Exceeded.');
    coldStarts += 1;
    const variables = createEnvironment({ taskRoot, handler, functionName, memoryMb, region, environment });
    const sandbox = startSandbox({ bootstrap, taskRoot, environment: variables, timeoutMs, memoryMb, onLog });
    sandboxes.add(sandbox);
    const forget = () => sandboxes.delete(sandbox);
    sandbox.ended.then(forget, forget);
    return sandbox;
  }

  function takeSandbox(): Sandbox {
    const warm = idle;
    idle = undefined;
    return warm?.isAlive() ? warm : coldStart();
  }

  function putBack(sandbox: Sandbox): void {
    if (!sandbox.isAlive()) return;
    if (idle?.isAlive() || closed || outdated.has(sandbox)) sandbox.kill();
    else idle = sandbox;
  }

  const kill = () => {
    for (const sandbox of sandboxes) sandbox.kill();
  };
  const leaveNothing = () => {
    kill();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', leaveNothing);

  return {
    functionArn,
    get coldStarts() {
      return coldStarts;
    },
    async invoke(event) {
      if (closed) throw new Error('the local Lambda is closed');
      const payload = JSON.stringify(event ?? null);
      const sandbox = takeSandbox();
      try {
        const traceId = createTraceId();
        return JSON.parse(await sandbox.invoke({ requestId: randomUUID(), payload, functionArn, traceId }));
      } finally {
        putBack(sandbox);
      }
    },
    updateEnvironment(variables) {
      environment = { ...environment, ...variables };
      for (const sandbox of sandboxes) outdated.add(sandbox);
      idle?.kill();
      idle = undefined;
    },
    kill,
    async close() {
      closed = true;
      process.off('exit', leaveNothing);
      kill();
      await Promise.allSettled([...sandboxes].map(({ ended }) => ended));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Once for all functions of a process. */
let compiled: Promise<string> | undefined;

/** One plain file, so that a sandbox needs neither a TypeScript loader nor this project's modules. */
async function compileBootstrap(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./bootstrap.ts', import.meta.url))],
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
  });
  return outputFiles.map(({ text }) => text).join('');
}

/** As AWS X-Ray writes it; nothing is traced here. */
function createTraceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}
