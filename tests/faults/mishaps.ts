/** What can happen to one call that the function makes. */
export const MISHAPS = [
  /** Answered with the service's request to slow down; no effect. */
  'throttled',
  /** Answered with a server error; no effect. */
  'serverError',
  /** The connection is refused; no effect. */
  'refused',
  /** The connection is reset before the effect. */
  'reset',
  /** It has its effect, and the connection is reset before the answer. */
  'lost',
  /** It has its effect, and is answered just before the caller's deadline. */
  'slow',
  /** It has its effect in time, and the answer comes after the caller's deadline. */
  'overdue',
  /** The caller gives up at its deadline, and the effect comes after that, before the caller's next call. */
  'late',
  /** As `late`, but the effect comes after the caller's next call. */
  'later',
  /** Neither an effect nor an answer. */
  'silence',
  /** It has its effect, and the answer cannot be read. */
  'malformed',
  /** Refused for good, as by a policy; no effect. Of Momento's calls: an answer that says nothing. */
  'denied',
  /** The sandbox dies before the call arrives. */
  'killedBefore',
  /** The sandbox dies when the call has had its effect. */
  'killedAfter',
] as const;

export type Mishap = (typeof MISHAPS)[number];

/** What the caller sees of a mishap that it survives. */
export type Symptom = 'throttled' | 'serverError' | 'refused' | 'reset' | 'timeout' | 'malformed' | 'denied';

export interface PlannedMishap {
  /** Which call it strikes, counted from 0 over the whole schedule. */
  at: number;
  mishap: Mishap;
  /** It strikes each later call of the same name as well, until the faults stop. @default false */
  stays?: boolean;
}

/** Whether what befell calls is got over within the same invocation: one mishap that passes, and leaves it alive. */
export function isBearable(planned: readonly PlannedMishap[], struck: readonly Mishap[]): boolean {
  const [mishap, ...others] = struck;
  if (planned.some(({ stays }) => stays) || others.length > 0) return false;
  return mishap === undefined || !(mishap === 'denied' || isDeath(mishap));
}

export function isDeath(mishap: Mishap): boolean {
  return mishap === 'killedBefore' || mishap === 'killedAfter';
}
