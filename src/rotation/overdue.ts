import type { Plan } from './plan.ts';
import type { Task } from './rotation.ts';
import type { SecretDescription } from './secret-store.ts';

/** How long a scheduled run may take to come, and to be tried again. */
const RUN_MS = 3_600_000;

/** How long a rotation may take. */
const ROTATION_MS = 600_000;

/** Counts what should have been revoked by the last rotations, or by a scheduled run, and was not. */
export function countOverdue({ budget, overlapMs, schedule }: Task, seen: SecretDescription, plan: Plan): number {
  const { superseded, previous, orphans, overdue, longestInterval } = plan;
  if (schedule === undefined) return longestInterval < overlapMs + ROTATION_MS ? 0 : overdue.length;
  // A date that is missing is compared as NaN, before which there is nothing.
  const lastRunAt = Number(seen.lastRotatedAt?.getTime()) + overlapMs + RUN_MS;
  return lastRunAt <= budget.clock.now() ? superseded.length + previous.length + orphans.length : 0;
}
