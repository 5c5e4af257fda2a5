import { findRetired, type Sight } from './retirement.ts';
import type { Task } from './rotation.ts';

/** How long a scheduled run may take to come, and to be tried again. */
const RUN_MS = 3_600_000;

/** How long a rotation may take. */
const ROTATION_MS = 600_000;

/**
 * Counts what should have been revoked by the last rotation, or by a schedule, and is still live. When it could have been is
 * estimated: its overlap is counted from when the next credential was issued.
 *
 * @throws RotationError when it cannot be told
 */
export async function countOverdue(task: Task, sight: Sight): Promise<number> {
  const { budget, overlapMs, schedule } = task;
  const { due } = await findRetired(task, sight);
  const rotatedAt = sight.seen.lastRotatedAt?.getTime() ?? Number.NEGATIVE_INFINITY;
  const lastRunAt = schedule === undefined ? rotatedAt - ROTATION_MS : budget.clock.now() - RUN_MS;
  return due.filter(({ nextIssuedAt }) => nextIssuedAt + overlapMs <= lastRunAt).length;
}
