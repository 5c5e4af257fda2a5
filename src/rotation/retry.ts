import type { Budget } from './budget.ts';
import { RotationError, SecretStoreError } from './errors.ts';

const CALL_TIMEOUT_MS = 3000;
const MAX_ATTEMPTS = 10;
const BACKOFF_BASE_MS = 100;
const BACKOFF_CAP_MS = 3000;

/**
 * How often a service is asked again in one invocation that was asked too much, and after which pause at least. Quotas count by the
 * second: whoever comes back within the same one is refused once more.
 */
const THROTTLED_RETRIES = 3;
const THROTTLED_PAUSE_MS = 1000;

/** Waits `ms` milliseconds; false, without waiting, when that would use up the budget. */
export async function pause(budget: Budget, ms: number): Promise<boolean> {
  if (budget.remaining() <= ms) return false;
  await budget.clock.sleep(ms);
  return true;
}

/**
 * Waits after failed attempt number `attempt`, counted from 0: exponential backoff, half of it jitter. False, without
 * waiting, when that would use up the budget or when the attempts are used up.
 */
export async function backOff(budget: Budget, attempt: number): Promise<boolean> {
  if (attempt + 1 >= MAX_ATTEMPTS) return false;
  return pause(budget, jitter(budget, attempt));
}

/** As {@link backOff}, for what must be tried as long as there is time. */
export async function backOffToTheLast(budget: Budget, attempt: number): Promise<boolean> {
  return pause(budget, jitter(budget, attempt));
}

/**
 * As {@link backOff}, where the service asks for less, for the `attempt`th time. Who was refused together does not come back together:
 * the pauses are of one to two seconds. After three of them waiting does not pay any more: many others wait as well, it is billed, and
 * Secrets Manager comes back by itself (docs/performance.md, "A fleet").
 */
export async function backOffThrottled(budget: Budget, attempt: number): Promise<boolean> {
  if (attempt >= THROTTLED_RETRIES) return false;
  return pause(budget, THROTTLED_PAUSE_MS * (1 + budget.clock.random()));
}

function jitter(budget: Budget, attempt: number): number {
  const ceiling = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** attempt);
  return ceiling / 2 + budget.clock.random() * (ceiling / 2);
}

/**
 * How long one call may take, in whole milliseconds.
 * @throws RotationError (transient) when no time is left
 */
export function callTimeout(budget: Budget, limitMs = CALL_TIMEOUT_MS): number {
  const remaining = budget.remaining();
  if (remaining <= 0) {
    throw new RotationError(
      'transient',
      'The invocation has no time left for another call. Secrets Manager will try again; if this repeats, raise the timeout of the function.',
    );
  }
  return Math.ceil(Math.min(limitMs, remaining));
}

/**
 * Makes a call that may be repeated without looking, since once more makes no difference: until it succeeds, or the failure is not
 * transient, or time or attempts are used up.
 */
export async function retryIdempotent<T>(budget: Budget, call: (timeoutMs: number) => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call(callTimeout(budget));
    } catch (error) {
      if (!isTransient(error) || !(await backOff(budget, attempt))) throw error;
    }
  }
}

/**
 * Makes a call that changes something. An answer that was lost may hide an effect, and while this waits the world goes
 * on: so `look` says whether the effect is there, right before the call is made again. It throws where the call must not
 * be made again.
 *
 * @returns false if the effect was there although the call was refused: somebody else's call had it
 */
export async function retryWrite(
  budget: Budget,
  write: (timeoutMs: number) => Promise<void>,
  look: () => Promise<boolean>,
): Promise<boolean> {
  // An attempt that was not answered: its effect may show late, and is then what a later attempt is refused for.
  let unanswered: unknown;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await write(callTimeout(budget));
      return true;
    } catch (error) {
      unanswered = isTransient(error) ? error : unanswered;
      const again = isTransient(error) && (await backOff(budget, attempt));
      if (await lookAfter(unanswered ?? error, look)) return unanswered !== undefined;
      if (!again) throw error;
    }
  }
}

/** What cannot be looked at does not hide what went wrong before. */
async function lookAfter(failure: unknown, look: () => Promise<boolean>): Promise<boolean> {
  try {
    return await look();
  } catch (error) {
    if (isTransient(error) && !isTransient(failure))
      throw unexplained(failure as RotationError, error as RotationError);
    throw error instanceof SecretStoreError || isTransient(error) ? failure : error;
  }
}

/** Somebody else's call may have had the effect already, and be what this one was refused for. */
function unexplained(refusal: RotationError, look: RotationError): RotationError {
  return new RotationError('transient', `${refusal.message} What is there now could not be seen: ${look.message}`);
}

function isTransient(error: unknown): boolean {
  return error instanceof RotationError && error.failure === 'transient';
}
