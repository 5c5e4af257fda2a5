import { FunctionError, TooManyRequestsException, timedOut } from '../../../src/local/lambda/lambda-errors.ts';
import type { Sandbox } from './sandbox.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Of an account (Lambda developer guide, "Lambda quotas"). */
const MOST_SANDBOXES = 1000;

/** New sandboxes of one function, refilled continuously (Lambda developer guide, "Lambda scaling behavior"). */
const SCALING = { most: 1000, perMs: 1000 / 10_000 };

/** As the construct sets it (infra/function.ts). */
export const TIMEOUT_MS = 60_000;

/** How long a sandbox waits for its next event. Not documented. */
const KEPT_MS = 5 * 60_000;

/** What processor time takes at 256 MB, which virtual time knows nothing of: init with the first event, and each that follows. */
const COLD_MS = 500;
const WARM_MS = 20;

/** One invocation that is over. */
export interface Invocation {
  event: { Step: string; SecretId: string };
  startedAt: number;
  isCold: boolean;
  /** From its start to its end: what is billed. */
  durationMs: number;
  /** How much of that the function itself waited, to try again. */
  pausedMs: number;
  outcome: 'succeeded' | 'failed' | 'timed out' | 'not started';
}

export interface Lambda {
  invoke(event: Invocation['event']): Promise<unknown>;
  readonly invocations: readonly Invocation[];
  /** The most sandboxes that there were at once. */
  readonly mostSandboxes: number;
}

/** Invocations in virtual time, under Lambda's documented quotas. */
export function startLambda(time: VirtualTime, startSandbox: (nth: number) => Sandbox): Lambda {
  const invocations: Invocation[] = [];
  /** The one used last comes last. */
  const idle: { sandbox: Sandbox; until: number }[] = [];
  let [alive, started, mostSandboxes] = [0, 0, 0];
  let scaling = { left: SCALING.most, at: time.now() };

  function end(sandbox: Sandbox): void {
    alive -= 1;
    sandbox.end();
  }

  function coldStart(): Sandbox {
    const left = Math.min(SCALING.most, scaling.left + (time.now() - scaling.at) * SCALING.perMs);
    scaling = { left, at: time.now() };
    if (alive >= MOST_SANDBOXES || left < 1) throw new TooManyRequestsException('Rate Exceeded.');
    scaling.left -= 1;
    alive += 1;
    mostSandboxes = Math.max(mostSandboxes, alive);
    started += 1;
    return startSandbox(started);
  }

  function take(): { sandbox: Sandbox; isCold: boolean } {
    while (idle[0] !== undefined && idle[0].until <= time.now()) end((idle.shift() as (typeof idle)[0]).sandbox);
    const warm = idle.pop();
    return warm === undefined ? { sandbox: coldStart(), isCold: true } : { sandbox: warm.sandbox, isCold: false };
  }

  const after = (ms: number) => new Promise<void>((resolve) => time.clock.setTimeout(() => resolve(), ms));

  return {
    invocations,
    get mostSandboxes() {
      return mostSandboxes;
    },
    async invoke(event) {
      time.stir();
      const startedAt = time.now();
      const note = (rest: Omit<Invocation, 'event' | 'startedAt' | 'durationMs'>) =>
        invocations.push({ event, startedAt, durationMs: time.now() - startedAt, ...rest });
      let taken: ReturnType<typeof take>;
      try {
        taken = take();
      } catch (error) {
        note({ isCold: true, pausedMs: 0, outcome: 'not started' });
        throw error;
      }
      const { sandbox, isCold } = taken;
      const pausedBefore = sandbox.pausedMs;
      const paused = () => sandbox.pausedMs - pausedBefore;
      await sandbox.ready;
      await after(isCold ? COLD_MS : WARM_MS);
      const deadline = time.now() + TIMEOUT_MS;
      const { lateness, cancel } = limit(TIMEOUT_MS);
      try {
        const answer = await Promise.race([sandbox.invoke(event, deadline), lateness]);
        note({ isCold, pausedMs: paused(), outcome: 'succeeded' });
        idle.push({ sandbox, until: time.now() + KEPT_MS });
        return answer;
      } catch (error) {
        const isTimedOut = error instanceof FunctionError;
        note({ isCold, pausedMs: paused(), outcome: isTimedOut ? 'timed out' : 'failed' });
        if (isTimedOut) end(sandbox);
        else idle.push({ sandbox, until: time.now() + KEPT_MS });
        throw error;
      } finally {
        cancel();
        time.stir();
      }
    },
  };

  function limit(ms: number): { lateness: Promise<never>; cancel(): void } {
    let timer: ReturnType<typeof time.clock.setTimeout>;
    const lateness = new Promise<never>((_, reject) => {
      timer = time.clock.setTimeout(() => reject(timedOut('fleet', ms)), ms);
    });
    return { lateness, cancel: () => time.clock.clearTimeout(timer) };
  }
}
