import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Exit, runtimeExited, timedOut } from './lambda-errors.ts';
import { createLines } from './lines.ts';
import { type Invocation, startRuntimeApi } from './runtime-api.ts';

export interface SandboxOptions {
  /** The file that the child process runs. */
  bootstrap: string;
  taskRoot: string;
  environment: Readonly<Record<string, string>>;
  timeoutMs: number;
  memoryMb: number;
  onLog(line: string): void;
}

/** One execution environment: a process that handles one event after the other. */
export interface Sandbox {
  /**
   * @returns the function's answer, as JSON.
   * @throws {FunctionError}
   */
  invoke(invocation: Omit<Invocation, 'deadline'>): Promise<string>;
  /** Ends the process now (SIGKILL), in the middle of an event if there is one. */
  kill(): void;
  isAlive(): boolean;
  /** Resolves when the process has ended and its last line has been passed on. */
  readonly ended: Promise<Exit>;
}

/** Lambda gives the initialisation ten seconds, and then starts it again on the function's own time; here the one attempt has both. */
const INIT_MS = 10_000;
/** How long to wait for the rest of the output of a process that is gone, which a process of its own may hold open. */
const OUTPUT_MS = 1_000;

export function startSandbox(options: SandboxOptions): Sandbox {
  const { timeoutMs } = options;
  const abort = new AbortController();
  const stdout = createLines(options.onLog);
  const stderr = createLines(options.onLog);
  let alive = true;
  let outOfTime = false;

  const starting = startRuntimeApi();
  const ended = starting.then(async (api) => {
    try {
      return await runProcess({ ...options, address: api.address, signal: abort.signal }, stdout.write, stderr.write);
    } finally {
      alive = false;
      stdout.flush();
      stderr.flush();
      api.close();
    }
  });
  const kill = () => {
    alive = false;
    abort.abort();
  };

  /** @returns whether `event` came before the end of the process, which is brought about if it takes longer than `ms`. */
  async function within(ms: number, event: () => Promise<void>): Promise<boolean> {
    const timer = setTimeout(() => {
      outOfTime = true;
      kill();
    }, ms);
    try {
      return await Promise.race([event().then(() => true), ended.then(() => false)]);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    ended,
    kill,
    isAlive: () => alive,
    async invoke(invocation) {
      const { requestId } = invocation;
      const api = await starting;
      if (await within(INIT_MS + timeoutMs, api.polled)) {
        api.deliver({ ...invocation, deadline: Date.now() + timeoutMs });
        await within(timeoutMs, api.polled);
        // The runtime has written its logs before it answered, and polled after that was acknowledged: they have been read.
        stdout.flush();
        const outcome = api.outcome();
        if (outcome && 'response' in outcome) return outcome.response;
        if (outcome) throw outcome.error;
      }
      const exit = await ended;
      if (outOfTime) throw timedOut(requestId, timeoutMs);
      throw api.initError() ?? runtimeExited(requestId, exit);
    },
  };
}

interface ProcessOptions extends Pick<SandboxOptions, 'bootstrap' | 'taskRoot' | 'environment' | 'memoryMb'> {
  address: string;
  signal: AbortSignal;
}

/** Lambda counts all memory of a sandbox; here only the JavaScript heap is limited. */
async function runProcess(
  { bootstrap, taskRoot, environment, memoryMb, address, signal }: ProcessOptions,
  onStdout: (chunk: Buffer) => void,
  onStderr: (chunk: Buffer) => void,
): Promise<Exit> {
  if (signal.aborted) return { code: null, signal: 'SIGKILL' };
  const child = spawn(process.execPath, [`--max-old-space-size=${memoryMb}`, bootstrap], {
    cwd: taskRoot,
    env: { ...environment, AWS_LAMBDA_RUNTIME_API: address },
    stdio: 'pipe',
    // Out of the terminal's process group: Ctrl-C is for whoever runs this, not for a function in the middle of its work.
    detached: true,
  });
  signal.addEventListener('abort', () => child.kill('SIGKILL'));
  child.stdout.on('data', onStdout);
  child.stderr.on('data', onStderr);
  let timer: NodeJS.Timeout | undefined;
  child.once('exit', () => {
    timer = setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, OUTPUT_MS);
  });
  await once(child, 'close');
  clearTimeout(timer);
  return { code: child.exitCode, signal: child.signalCode };
}
