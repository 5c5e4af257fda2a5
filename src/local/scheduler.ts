import { type Failure, failureOf } from './failure.ts';

/** One invocation of the function that is over. */
export interface Invocation {
  readonly startedAt: Date;
  readonly durationMs: number;
  /** Undefined: the function succeeded. */
  readonly error?: Failure;
}

export interface ScheduleOptions {
  /** Invokes the function. A rejection is an error of the function; any value it resolves to is success. */
  invoke(event: unknown): Promise<unknown>;
  event: unknown;
  /** Milliseconds from one invocation to the next, and until the first one. */
  intervalMs: number;
  /** Told of each invocation when it is over. */
  onInvoked(invocation: Invocation): void;
}

export interface Schedule {
  /** Invokes the function no more, and tells of nothing. One that runs is not waited for. */
  close(): void;
}

/**
 * EventBridge Scheduler, as far as this project needs it: a recurring schedule without a retry invokes a function, also while an
 * invocation before still runs. Keeps no process alive.
 */
export function startSchedule({ invoke, event, intervalMs, onInvoked }: ScheduleOptions): Schedule {
  let isClosed = false;
  const run = async () => {
    const startedAt = new Date();
    const error = await invoke(event).then(() => undefined, failureOf);
    if (isClosed) return;
    const durationMs = Date.now() - startedAt.getTime();
    onInvoked({ startedAt, durationMs, ...(error && { error }) });
  };
  const timer = setInterval(() => void run(), intervalMs).unref();
  return {
    close() {
      isClosed = true;
      clearInterval(timer);
    },
  };
}
