import { createHash } from 'node:crypto';
import { Duration } from 'aws-cdk-lib';
import type { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import {
  type CronExpression,
  cronStarts,
  DEFAULT_WINDOW_HOURS,
  parseScheduleExpression,
} from '../src/rotation/rotation-rules.ts';
import { ConfigurationError } from './configuration-error.ts';

/** When a secret is rotated, as the construct's properties say it. */
export interface ScheduleProps {
  readonly rotateEvery?: Duration | undefined;
  readonly cron?: string | undefined;
  readonly rotationWindow?: Duration | undefined;
}

/** A schedule that Secrets Manager will take. */
export interface RotationPlan {
  /**
   * The rules of one of the secrets, whatever others there are.
   *
   * @param id the secret's, by which they differ from those of others
   */
  rules(id: string): CfnRotationSchedule.RotationRulesProperty;
  /** The longest time between two rotations that go well. */
  readonly longestGap: Duration;
  /**
   * Of any two times between rotations that go well, one after the other, at least one is as long as this, wherever in its
   * window the service begins. With windows of up to half the time between them, all are.
   */
  readonly reliableGap: Duration;
  /** How many of the secrets can start at different times. Undefined: the service picks the time. */
  readonly startTimes: number | undefined;
}

const SHORTEST_HOURS = 4;
const LONGEST_DAYS = 1000;
const DAY_HOURS = 24;
const HOUR_MS = 3_600_000;

/**
 * Checks a schedule and turns it into Secrets Manager's (user guide, "Rotation schedules"; API reference,
 * `RotationRulesType`).
 *
 * @throws ConfigurationError with what to write instead
 */
export function planRotation({ rotateEvery, cron, rotationWindow }: ScheduleProps): RotationPlan {
  if (rotateEvery !== undefined && cron !== undefined) {
    throw new ConfigurationError('Both rotateEvery and cron are given. Keep the one that you mean.');
  }
  const windowHours = rotationWindow === undefined ? undefined : readWindow(rotationWindow);
  if (cron !== undefined) return planCron(cron, windowHours);
  return planInterval(rotateEvery ?? Duration.days(1), windowHours);
}

function readWindow(window: Duration): number {
  const hours = wholeHours(window);
  if (hours === undefined || hours < 1 || hours > DAY_HOURS) {
    throw new ConfigurationError(
      ({ duration }) =>
        `rotationWindow is ${duration(window)}. Write whole hours, from ${duration(Duration.hours(1))} to ${duration(Duration.hours(24))}.`,
    );
  }
  return hours;
}

function planInterval(interval: Duration, windowHours: number | undefined): RotationPlan {
  const hours = wholeHours(interval);
  if (hours === undefined || hours < SHORTEST_HOURS || hours > LONGEST_DAYS * DAY_HOURS) {
    throw new ConfigurationError(
      ({ property, duration }) =>
        `${property('rotateEvery')} is ${duration(interval)}. Write whole hours or days, from ${duration(Duration.hours(SHORTEST_HOURS))} to ${duration(Duration.days(LONGEST_DAYS))}: Secrets Manager takes no others.`,
    );
  }
  if (windowHours !== undefined && windowHours > hours) {
    throw new ConfigurationError(
      `rotationWindow (${windowHours} hours) is longer than rotateEvery (${hours} hours). Write Duration.hours(${hours}) or less.`,
    );
  }
  // Windows of a schedule in days begin at midnight UTC and by default last the day; of one in hours, an hour.
  const inDays = hours % DAY_HOURS === 0;
  const window = windowHours ?? DEFAULT_WINDOW_HOURS[inDays ? 'ofDays' : 'ofHours'];
  const days = hours / DAY_HOURS;
  const rules = {
    // A rate() goes up to 999 days, AutomaticallyAfterDays up to 1000.
    ...(days === LONGEST_DAYS
      ? { automaticallyAfterDays: days }
      : { scheduleExpression: inDays ? rate(days, 'day') : rate(hours, 'hour') }),
    ...duration(windowHours),
  };
  return {
    rules: () => rules,
    longestGap: Duration.hours(hours + window),
    reliableGap: reliableGap(hours, window),
    startTimes: undefined,
  };
}

/** `cron(Minutes Hours Day-of-month Month Day-of-week Year)`, with what Secrets Manager allows in the fields. */
function planCron(expression: string, windowHours: number | undefined): RotationPlan {
  const wrong = (problem: string) =>
    new ConfigurationError(
      `cron is "${expression}": ${problem} Write for example "cron(0 2 ? * SUN *)", at 2:00 UTC on Sundays, or "cron(0 2/12 * * ? *)", at 2:00 and 14:00 UTC.`,
    );
  const fields = parseScheduleExpression(expression);
  if (fields === undefined || !('hours' in fields)) throw wrong('it is not cron() with six fields, minutes to year.');
  const { minutes, hours, dayOfMonth, month, dayOfWeek, year } = fields;
  if (minutes !== '0') throw wrong('rotation windows open on the hour, so the minutes must be 0.');
  if (year !== '*') throw wrong('the year must be *.');
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) throw wrong('one of day-of-month and day-of-week must be ?.');

  const [, first, step] = /^(\d{1,2})(?:\/(\d{1,2}))?$/.exec(hours) ?? [];
  const firstHour = Number(first);
  if (first === undefined || firstHour >= DAY_HOURS) throw wrong('the hours must be one hour, or first/step.');
  const stepHours = Number(step ?? DAY_HOURS);
  const lastHour = firstHour + Math.floor((DAY_HOURS - 1 - firstHour) / stepHours) * stepHours;

  const gaps = gapsInHours(fields, { first: firstHour, last: lastHour, step: stepHours });
  if (gaps === undefined || stepHours === 0) throw wrong('it cannot be read, or its date never comes.');
  if (gaps.shortest < SHORTEST_HOURS) throw wrong(`it rotates after ${gaps.shortest} hours, and 4 is the least.`);
  if (gaps.longest > LONGEST_DAYS * DAY_HOURS) throw wrong('it leaves more than 1000 days between rotations.');

  const window = windowHours ?? DEFAULT_WINDOW_HOURS.ofCron(fields, firstHour);
  // The next one begins later than that: steps begin again with each day.
  if (lastHour + window > DAY_HOURS) {
    throw wrong(
      `its rotationWindow of ${window} hours from ${lastHour}:00 goes on into the next day. Make it Duration.hours(${DAY_HOURS - lastHour}) or less.`,
    );
  }

  return {
    rules: (id) => {
      // All within the window that was asked for.
      const later = spread(id, window);
      const start = `${firstHour + later}${step === undefined ? '' : `/${step}`}`;
      return {
        scheduleExpression: `cron(0 ${start} ${dayOfMonth} ${month} ${dayOfWeek} *)`,
        ...duration(windowHours === undefined ? undefined : windowHours - later),
      };
    },
    longestGap: Duration.hours(gaps.longest + window),
    reliableGap: reliableGap(gaps.shortest, window),
    startTimes: window,
  };
}

/** Two times between rotations take twice what is between windows, less one window at most, and that is no longer. */
function reliableGap(hoursBetween: number, windowHours: number): Duration {
  const hours = Math.max(hoursBetween - windowHours, hoursBetween / 2);
  return Number.isInteger(hours) ? Duration.hours(hours) : Duration.minutes(hours * 60);
}

/** A number below `count` that stays the same for an id, and is about as often each of them for many ids. */
function spread(id: string, count: number): number {
  return createHash('sha256').update(id).digest().readUInt32BE() % count;
}

/**
 * Between the starts of some years, among them leap years. Undefined: there are none.
 *
 * @param hours of a day at which windows begin: the first, and every `step` after it, to the last
 */
function gapsInHours(
  cron: CronExpression,
  { first, last, step }: { first: number; last: number; step: number },
): { shortest: number; longest: number } | undefined {
  const days = daysOf({ ...cron, hours: String(first) });
  const nights = days.slice(1).map((day, index) => (day - (days[index] ?? day)) / HOUR_MS - (last - first));
  if (nights.length === 0) return undefined;
  const gaps = last === first ? nights : [step, ...nights];
  return { shortest: Math.min(...gaps), longest: Math.max(...gaps) };
}

/** When an expression with one hour comes, in milliseconds. */
function daysOf(cron: CronExpression): number[] {
  const from = new Date(Date.UTC(2024, 0, 1));
  const until = Date.UTC(2033, 0, 1);
  // More than two years of every day; what comes less often is looked at for longer.
  const most = 800;
  const runs = cronStarts(cron);
  const days: number[] = [];
  // One by one: what hardly ever comes would be looked for in centuries to come.
  for (let next = runs?.nextRun(from); next && next.getTime() < until; next = runs?.nextRun(next)) {
    days.push(next.getTime());
    if (days.length === most) break;
  }
  return days;
}

function rate(value: number, unit: string): string {
  return `rate(${value} ${value === 1 ? unit : `${unit}s`})`;
}

function duration(windowHours: number | undefined): { duration?: string } {
  return windowHours === undefined ? {} : { duration: `${windowHours}h` };
}

/** Undefined: it is not whole hours. */
export function wholeHours(duration: Duration): number | undefined {
  const hours = duration.toHours({ integral: false });
  return Number.isInteger(hours) ? hours : undefined;
}
