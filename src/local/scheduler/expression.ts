import type { CreateScheduleInput } from '@aws-sdk/client-scheduler';
import { Cron } from 'croner';
import { validation } from '../aws/error.ts';

/** "Schedule types" of the user guide: one-time schedules. */
const AT = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/;

/**
 * When a one-time schedule is due. A time that has passed is one, too: its schedule is due at once (assumed).
 *
 * @throws ValidationException for an expression that is not `at(yyyy-mm-ddThh:mm:ss)`, and for an unknown time zone
 */
export function dueAt({
  ScheduleExpression: expression = '',
  ScheduleExpressionTimezone: timezone = 'UTC',
}: CreateScheduleInput): Date {
  if (/^(rate|cron)\(/.test(expression)) {
    throw validation(
      'ScheduleExpression: this local EventBridge Scheduler takes one-time schedules only: at(yyyy-mm-ddThh:mm:ss).',
    );
  }
  const [, time] = AT.exec(expression) ?? [];
  if (time === undefined || !isDate(time)) throw validation(`Invalid Schedule Expression ${expression}.`);
  try {
    // The only run of a pattern that is a date.
    return new Cron(time, { timezone, paused: true }).nextRun(new Date(0)) ?? new Date(0);
  } catch {
    throw validation('Provided ScheduleExpressionTimezone is not valid.');
  }
}

/** Whether there is such a day and such a time of day. */
function isDate(time: string): boolean {
  const date = new Date(`${time}Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(time);
}
