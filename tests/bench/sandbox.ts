import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { createEnvironment } from '../../src/local/lambda/environment.ts';
import { startRuntimeApi } from '../../src/local/lambda/runtime-api.ts';
import type { Program } from './contestants.ts';
import type { ControlGroup } from './control-group.ts';
import { type Network, REGION } from './network.ts';
import type { Runtime } from './runtime.ts';
import { PING_CACHE } from './services.ts';
import { readUsage, type Usage } from './usage.ts';

/** What a part of a sandbox's life took, in milliseconds. */
export interface Stretch {
  /** From its beginning to its end. */
  wallMs: number;
  /** Of all threads together. */
  processorMs: number;
  /** How much of `wallMs` the main thread waited for a processor that others had. */
  queuedMs: number;
}

/** A process that runs a function, as Lambda starts one. */
export interface Sandbox {
  process: ChildProcess;
  /** From the start of the process until it asks for an event. */
  init: Stretch;
  /** Has it handle an event, until it asks for the next. @throws if the function did, or takes more than a minute */
  invoke(event: unknown): Promise<Stretch>;
  /** At the end of the last stretch. */
  memoryMb(): number;
  end(): Promise<void>;
}

export interface SandboxOptions {
  runtime: Runtime;
  program: Program;
  /** Where the stand-ins are. */
  network: Network;
  /** What the process may use of a processor. @default all that there are */
  confinement?: Confinement | undefined;
  /** Further arguments of Node.js. It then has an IPC channel as well. @default none */
  nodeArguments?: string[];
}

const LIMIT_MS = 60_000;
const FUNCTION_NAME = 'bench';

/** A whole processor for init, and then a share of one. */
export interface Confinement {
  group: ControlGroup;
  share: number;
  /** Init has the share as well. */
  initToo: boolean;
}

/** Resolves when the sandbox is initialised. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { runtime, program, network, confinement, nodeArguments = [] } = options;
  const { node, nodeMajor, client, memoryMb } = runtime;
  const { taskRoot, nodeOptions } = program;
  const api = await startRuntimeApi();
  const variables = createEnvironment({
    taskRoot,
    handler: 'index.handler',
    functionName: FUNCTION_NAME,
    memoryMb,
    region: REGION,
    environment: {
      ...network.environment,
      ...(nodeOptions && { NODE_OPTIONS: nodeOptions(memoryMb) }),
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      MOMENTO_PING_CACHE: PING_CACHE,
    },
  });
  const env = {
    ...variables,
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${nodeMajor}.x`,
    AWS_LAMBDA_RUNTIME_API: api.address,
  };

  let usage: Usage = { processorMs: 0, queuedMs: 0, memoryMb: 0 };
  let startedAt = performance.now();
  const child = spawn(
    node,
    [...(nodeOptions ? [] : heapArguments(memoryMb)), ...network.arguments, ...nodeArguments, client.file],
    {
      cwd: taskRoot,
      env,
      stdio: options.nodeArguments ? ['pipe', 'pipe', 'pipe', 'ipc'] : 'pipe',
    },
  );
  const output = lastOutput(child);
  const ended = once(child, 'exit');

  async function untilPolled(): Promise<Stretch> {
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    const polled = await Promise.race([api.polled().then(() => true), ended.then(() => false)]);
    const wallMs = performance.now() - startedAt;
    clearTimeout(timer);
    if (!polled) throw new Error(`The sandbox of ${taskRoot} ended.\n${output()}`);
    const before = usage;
    usage = readUsage(child.pid as number);
    return {
      wallMs,
      processorMs: usage.processorMs - before.processorMs,
      queuedMs: usage.queuedMs - before.queuedMs,
    };
  }

  async function end(): Promise<void> {
    child.kill('SIGKILL');
    await ended;
    api.close();
    confinement?.group.remove();
  }

  try {
    if (confinement?.initToo) confinement.group.limit(confinement.share);
    confinement?.group.take(child.pid as number);
    const init = await untilPolled();
    confinement?.group.limit(confinement.share);
    return {
      process: child,
      init,
      async invoke(event) {
        startedAt = performance.now();
        api.deliver({
          requestId: randomUUID(),
          payload: JSON.stringify(event),
          deadline: Date.now() + LIMIT_MS,
          functionArn: `arn:aws:lambda:${REGION}:123456789012:function:${FUNCTION_NAME}`,
          traceId: 'Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0',
        });
        const stretch = await untilPolled();
        const outcome = api.outcome();
        if (outcome && 'error' in outcome) throw new Error(`${outcome.error.message}\n${output()}`);
        return stretch;
      },
      memoryMb: () => usage.memoryMb,
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/**
 * As the runtime's `bootstrap` has it where a function's `NODE_OPTIONS` say nothing of the heap: a tenth of the memory is for the young
 * generation, half of which is a semi-space, and the rest for the old.
 */
function heapArguments(memoryMb: number): string[] {
  const young = Math.floor(memoryMb / 10);
  return [`--max-semi-space-size=${Math.floor(young / 2)}`, `--max-old-space-size=${memoryMb - young}`];
}

/** Reads what the process writes, so that it can go on writing, and keeps the end of it. */
function lastOutput({ stdout, stderr }: ChildProcess): () => string {
  let last = '';
  for (const stream of [stdout, stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      last = (last + chunk.toString()).slice(-2000);
    });
  }
  return () => last;
}
