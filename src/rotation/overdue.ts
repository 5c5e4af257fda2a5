import type { Task } from './rotation.ts';
import type { SecretDescription } from './secret-store.ts';

/** How long a scheduled run may take to come, and to be tried again. */
const RUN_MS = 3_600_000;

/** How long a rotation may take. */
const ROTATION_MS = 600_000;

/**
 * Counts what should have been revoked by the last rotation, or by a scheduled run, and was not.
 *
 * @param due what is to be revoked, with the moments since when, in milliseconds since the epoch
 */
export function countOverdue(
  { budget, schedule }: Task,
  seen: SecretDescription,
  due: readonly { dueSince: number }[],
): number {
  const rotatedAt = seen.lastRotatedAt?.getTime() ?? Number.NEGATIVE_INFINITY;
  const lastRunAt = schedule === undefined ? rotatedAt - ROTATION_MS : budget.clock.now() - RUN_MS;
  return due.filter(({ dueSince }) => dueSince <= lastRunAt).length;
}
