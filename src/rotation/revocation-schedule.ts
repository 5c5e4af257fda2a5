import { keepingBack } from './budget.ts';
import { retryRead } from './retry.ts';
import { NOT_SCHEDULED, reportFailure } from './revocation-failure.ts';
import type { Task } from './rotation.ts';

/** Where a run is asked for that revokes what is due by then. */
export interface RevocationSchedule {
  /**
   * Asks for one run, which begins with `revokeDue`. To ask again for the same second has no further effect. One attempt,
   * which rejects with a RotationError only.
   */
  runAt(secretId: string, at: Date, timeoutMs: number): Promise<void>;
}

/** A rotation is completed, which is what an overlap is counted from, a little after its last step. */
const MARGIN_MS = 60_000;

/**
 * Has what is due at a moment, in milliseconds since the epoch, revoked then. It never fails what it is called from: the
 * next rotation revokes it, too.
 */
export async function scheduleRevocation(task: Task, dueAt: number): Promise<void> {
  const { schedule, secretId, budget, overlapMs } = task;
  if (schedule === undefined) return;
  const at = new Date(dueAt + Math.min(MARGIN_MS, overlapMs));
  // Most of the time is for what is to be done at once.
  const own = keepingBack(budget, (budget.remaining() * 3) / 4);
  try {
    await retryRead(own, (timeoutMs) => schedule.runAt(secretId, at, timeoutMs));
  } catch (error) {
    reportFailure(task, NOT_SCHEDULED, error);
  }
}
