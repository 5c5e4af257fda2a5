import { Cron } from 'croner';

/** `RotationRules` of `DescribeSecret`. */
export interface RotationRules {
  AutomaticallyAfterDays?: number | undefined;
  /** `rate(10 days)`, `rate(4 hours)` or `cron(0 8 1 * ? *)`, in UTC. */
  ScheduleExpression?: string | undefined;
  /** Length of the rotation window, in hours: `3h`. */
  Duration?: string | undefined;
}

/**
 * How Secrets Manager's rotation rules are read (API reference, `RotationRulesType`; user guide, "Schedule expressions" and
 * "Rotation windows"). What is not allowed, whoever reads them says in their own words.
 */
export type ScheduleExpression = { every: number; unit: 'hour' | 'day' } | CronExpression;

/** `cron(Minutes Hours Day-of-month Month Day-of-week Year)`, in UTC. */
export interface CronExpression {
  minutes: string;
  /** One hour, or `first/step`. */
  hours: string;
  dayOfMonth: string;
  month: string;
  /** 1 is Sunday, and `L` Saturday. */
  dayOfWeek: string;
  year: string;
}

/** @returns undefined when it is neither `rate()` nor a `cron()` with six fields */
export function parseScheduleExpression(expression: string): ScheduleExpression | undefined {
  const text = expression.trim();
  const [, every, unit] = /^rate\(\s*(\d+)\s+(hour|day)s?\s*\)$/.exec(text) ?? [];
  if (every !== undefined) return { every: Number(every), unit: unit === 'hour' ? 'hour' : 'day' };
  const fields = /^cron\((.+)\)$/.exec(text)?.[1]?.trim().split(/\s+/);
  if (fields?.length !== 6) return undefined;
  const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields;
  return { minutes, hours, dayOfMonth, month, dayOfWeek, year };
}

const LAST_NAMED_DAY = /^(SUN|MON|TUE|WED|THU|FRI|SAT|[1-7])L$/;

/** @returns the starts of rotation windows; undefined when the fields cannot be read */
export function cronStarts({ minutes, hours, dayOfMonth, month, dayOfWeek, year }: CronExpression): Cron | undefined {
  // The guide lists DAYL (the last such day of the month) among the days of the month, where cron libraries have none.
  const [days, weekdays] = LAST_NAMED_DAY.test(dayOfMonth) ? ['*', dayOfMonth] : [dayOfMonth, dayOfWeek];
  const pattern = [
    '0',
    minutes,
    hours.replace(/^\*?\//, '0/'),
    days.replace('?', '*'),
    month,
    weekdays.replace('?', '*').replace(/^L$/, '7').replace(LAST_NAMED_DAY, '$1#L'),
    year,
  ].join(' ');
  try {
    return new Cron(pattern, { timezone: 'Etc/UTC', alternativeWeekdays: true, sloppyRanges: true });
  } catch {
    return undefined;
  }
}

const DAY_HOURS = 24;

/** How long a rotation window lasts without a `Duration`, in hours. */
export const DEFAULT_WINDOW_HOURS = {
  ofDays: DAY_HOURS,
  ofHours: 1,
  /** @param startHour of the window, in UTC */
  ofCron: ({ hours }: CronExpression, startHour: number): number => (hours.includes('/') ? 1 : DAY_HOURS - startHour),
};
