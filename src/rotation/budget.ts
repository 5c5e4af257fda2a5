/** Time as the protocol sees it. Injected, so that a test can play a month in a millisecond. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds. */
  sleep(ms: number): Promise<void>;
  /** A number in [0, 1), for jitter. */
  random(): number;
}

/** The time that is left to one invocation. */
export interface Budget {
  readonly clock: Clock;
  /** Milliseconds left for work; never negative. */
  remaining(): number;
}

/**
 * Kept back at the end of the invocation for the log line, the metrics and the answer, so that the function fails by
 * its own error and never by Lambda's timeout, which says nothing about what happened.
 */
const RESERVE_MS = 300;

/**
 * @param remainingMs what `context.getRemainingTimeInMillis()` answers when the invocation begins
 */
export function startBudget(clock: Clock, remainingMs: number): Budget {
  const endsAt = clock.now() + remainingMs - RESERVE_MS;
  return { clock, remaining: () => Math.max(0, endsAt - clock.now()) };
}

/** What is left when `reserveMs` are kept for something that has to follow. */
export function keepingBack(budget: Budget, reserveMs: number): Budget {
  return { clock: budget.clock, remaining: () => Math.max(0, budget.remaining() - reserveMs) };
}
