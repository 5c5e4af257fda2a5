import { Cron } from 'croner';

/** `RotationRules` of `DescribeSecret`. */
export interface RotationRules {
  AutomaticallyAfterDays?: number | undefined;
  /** `rate(10 days)`, `rate(4 hours)` or `cron(0 8 1 * ? *)`, in UTC. */
  ScheduleExpression?: string | undefined;
  /** Length of the rotation window, in hours: `3h`. */
  Duration?: string | undefined;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * The last moment at which the rotation after one at `now` may start: the end of the next rotation window.
 *
 * The window begins where the schedule says: with days at midnight UTC, with hours and `cron()` to the minute. It lasts
 * `Duration`; without one, an hour for a schedule in hours, and otherwise to the end of the day in UTC
 * (API reference, `RotationRulesType`; user guide, "Rotation windows").
 *
 * @returns undefined when there is no schedule, or none that can be read: a warning is not worth a failed rotation
 */
export function latestNextRotation(rules: RotationRules = {}, now: Date): Date | undefined {
  const window = nextWindow(rules, now);
  if (window === undefined) return undefined;
  const hours = /^(\d+)h$/.exec(String(rules.Duration))?.[1];
  if (hours !== undefined) return new Date(window.start.getTime() + Number(hours) * HOUR_MS);
  return window.inHours ? new Date(window.start.getTime() + HOUR_MS) : endOfDay(window.start);
}

interface RotationWindow {
  start: Date;
  /** The schedule repeats within a day. */
  inHours: boolean;
}

/** `DescribeSecret` tells days beside an expression as well: they serve where the expression cannot be read. */
function nextWindow(rules: RotationRules, now: Date): RotationWindow | undefined {
  const expression = String(rules.ScheduleExpression).trim();
  const rate = /^rate\(\s*(\d+)\s+(hour|day)s?\s*\)$/.exec(expression);
  if (rate?.[2] === 'hour') return { start: new Date(now.getTime() + Number(rate[1]) * HOUR_MS), inHours: true };
  const cron = /^cron\((.+)\)$/.exec(expression)?.[1];
  if (cron !== undefined) return nextCronWindow(cron.trim(), now);
  const days = rate ? Number(rate[1]) : rules.AutomaticallyAfterDays;
  if (days === undefined) return undefined;
  return { start: startOfDay(new Date(now.getTime() + days * DAY_MS)), inHours: false };
}

/** The fields are minutes, hours, day of month, month, day of week (1 is Sunday, and `L` Saturday) and year. */
function nextCronWindow(fields: string, now: Date): RotationWindow | undefined {
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year] = fields.split(/\s+/);
  const start = nextRun(
    [0, minutes, hours, dayOfMonth, month, dayOfWeek === 'L' ? '7' : dayOfWeek, year].join(' '),
    now,
  );
  return start === null ? undefined : { start, inHours: String(hours).includes('/') };
}

/** Null: never again, or the pattern cannot be read. */
function nextRun(pattern: string, now: Date): Date | null {
  try {
    return new Cron(pattern, { timezone: 'UTC', alternativeWeekdays: true, sloppyRanges: true }).nextRun(now);
  } catch {
    return null;
  }
}

function startOfDay(date: Date): Date {
  return new Date(Math.floor(date.getTime() / DAY_MS) * DAY_MS);
}

function endOfDay(date: Date): Date {
  return new Date(startOfDay(date).getTime() + DAY_MS);
}
