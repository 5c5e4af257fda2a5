import type { Plan } from './plan.ts';
import type { RevocationPolicy } from './registry.ts';

/** How long a key may be due by the clock before it counts as overdue: what one run leaves behind, the next one mends. */
const GRACE_MS = 3 * 3_600_000;

/** How many keys should have been revoked by now, by the last two rotations or by the schedule, and still work. */
export function countOverdue(plan: Plan, { revokesOnSchedule }: RevocationPolicy, now: number): number {
  if (revokesOnSchedule) return isOverdue(plan, now) ? plan.byClock.keys.length + plan.orphans.length : 0;
  return plan.isOverdueSure ? plan.overdue.length : 0;
}

/** Whether what is due by the clock has been for long. */
export function isOverdue({ byClock }: Plan, now: number): boolean {
  return byClock.from + GRACE_MS <= now;
}
