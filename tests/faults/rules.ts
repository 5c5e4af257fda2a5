import { scheduleOf } from '../../src/local/secrets-manager/schedule.ts';
import type { RotationRules } from '../../src/rotation/rotation-rules.ts';

/** A schedule of every kind that there is. */
export const RULES = [
  { AutomaticallyAfterDays: 1 },
  { AutomaticallyAfterDays: 45, Duration: '3h' },
  { ScheduleExpression: 'rate(4 hours)' },
  { ScheduleExpression: 'rate(12 hours)', Duration: '10h' },
  { ScheduleExpression: 'rate(1 day)' },
  { ScheduleExpression: 'rate(10 days)', Duration: '2h' },
  { ScheduleExpression: 'cron(0 8 1 * ? *)' },
  { ScheduleExpression: 'cron(0 8  15  * ? *)', Duration: '12h' },
  { ScheduleExpression: 'cron(0 1 L * ? *)' },
  { ScheduleExpression: 'cron(0 /8 * * ? *)' },
  { ScheduleExpression: 'cron(0 2/6 * * ? *)' },
  { ScheduleExpression: 'cron(0 8 ? * L *)' },
  { ScheduleExpression: 'cron(0 8 ? * MONL *)' },
  { ScheduleExpression: 'cron(0 8 ? * 6L *)' },
  { ScheduleExpression: 'cron(0 16 ? * SUN *)' },
  { ScheduleExpression: 'cron(0 16 ? * 1 *)' },
  { ScheduleExpression: 'cron(0 1 ? * 2#1 *)', Duration: '1h' },
] as const satisfies RotationRules[];

/** The last second of the next rotation's window, by the stand-in's own reckoning. Epoch in milliseconds. */
export function latestStart(rules: RotationRules, from: number): number {
  const schedule = scheduleOf(rules as Parameters<typeof scheduleOf>[0]);
  return schedule?.next(new Date(from)).getTime() ?? Number.POSITIVE_INFINITY;
}

/** How far that may be from the function's, in milliseconds: where a schedule in hours begins to count is not documented. */
export function uncertainty({ ScheduleExpression = '' }: RotationRules): number {
  return ScheduleExpression.includes('hour') ? 3_600_000 : 1000;
}
