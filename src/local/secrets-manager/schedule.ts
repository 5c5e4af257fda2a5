/**
 * When the next rotation is due. Sources: the RotationRulesType page of the API reference, and "Rotation schedules" of
 * the user guide, which has the formats, the windows and what a cron expression may hold.
 */
import type { RotationRulesType } from '@aws-sdk/client-secrets-manager';
import {
  type CronExpression,
  cronStarts,
  DEFAULT_WINDOW_HOURS,
  parseScheduleExpression,
} from '../../rotation/rotation-rules.ts';
import { invalidParameter } from './secrets-manager-errors.ts';

export interface Schedule {
  /**
   * What `DescribeSecret` shows as `NextRotationDate` after a rotation at `from`: the last second of the next window.
   * Observed at AWS: 23:59:59 UTC of the next Monday for `cron(0 0 ? * 2 *)`.
   */
  next(from: Date): Date;
  /** What `DescribeSecret` shows as `AutomaticallyAfterDays`, in whole days. */
  days(from: Date): number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MIN_HOURS = 4;
const MAX_RATE_DAYS = 999;

const WEEKDAY = '(?:SUN|MON|TUE|WED|THU|FRI|SAT|[1-7])';
const MONTH = '(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|\\d{1,2})';
const listOf = (item: string) => `${item}(?:,${item})*`;
/** What the table of the user guide allows in a field; the numbers themselves are left to the cron library. */
const field = (value: string, besides: string) =>
  new RegExp(`^(?:${besides}|[*](?:/\\d+)?|${listOf(`${value}(?:-${value})?(?:/\\d+)?`)})$`);
const DAY_OF_MONTH_FIELD = field('\\d{1,2}', `[?]|L|${WEEKDAY}L`);
const MONTH_FIELD = field(MONTH, '(?!)');
const DAY_OF_WEEK_FIELD = field(WEEKDAY, `[?]|L|${WEEKDAY}L|${WEEKDAY}#[1-5]`);

const floorTo = (ms: number, date: Date) => Math.floor(date.getTime() / ms) * ms;
const windowEnd = (startMs: number, hours: number) => new Date(startMs + hours * HOUR_MS - 1000);

/** @throws InvalidParameterException for rules that the service would not take. */
export function scheduleOf(rules: RotationRulesType): Schedule | undefined {
  const { AutomaticallyAfterDays: days, ScheduleExpression: expression } = rules;
  if (days !== undefined && expression !== undefined)
    throw invalidParameter('You cannot specify both rotation frequency and schedule expression together.');
  const duration = rules.Duration === undefined ? undefined : durationHours(rules.Duration);
  if (days !== undefined) return everyDays(days, duration);
  if (expression !== undefined) return expressionSchedule(expression, duration);
  if (duration !== undefined)
    throw invalidParameter('RotationRules.Duration needs a ScheduleExpression or AutomaticallyAfterDays.');
  return undefined;
}

function durationHours(text: string): number {
  const hours = /^[0-9]+h$/.test(text) ? Number.parseInt(text, 10) : 0;
  if (hours < 1) throw invalidParameter('RotationRules.Duration must be whole hours of at least 1h, for example 3h.');
  return hours;
}

function expressionSchedule(text: string, duration: number | undefined): Schedule {
  const expression = parseScheduleExpression(text);
  if (expression !== undefined && 'hours' in expression) return cronSchedule(expression, duration);
  // The service takes no spaces where others do.
  if (expression === undefined || !/^rate\(\d+ (hours?|days?)\)$/.test(text)) {
    throw invalidParameter(
      'RotationRules.ScheduleExpression must be rate(Value Unit), with hour, hours, day or days for Unit, or ' +
        'cron(Minutes Hours Day-of-month Month Day-of-week Year).',
    );
  }
  const { every, unit } = expression;
  return unit === 'day' ? rateInDays(every, duration) : everyHours(every, duration);
}

function rateInDays(days: number, duration: number | undefined): Schedule {
  if (days < 1 || days > MAX_RATE_DAYS)
    throw invalidParameter(`RotationRules.ScheduleExpression: a rate must be from 4 hours to ${MAX_RATE_DAYS} days.`);
  return everyDays(days, duration);
}

function everyDays(days: number, duration: number = DEFAULT_WINDOW_HOURS.ofDays): Schedule {
  requireWindow(duration <= 24);
  return {
    next: (from) => windowEnd(floorTo(DAY_MS, from) + days * DAY_MS, duration),
    days: () => days,
  };
}

function everyHours(hours: number, duration: number = DEFAULT_WINDOW_HOURS.ofHours): Schedule {
  if (hours < MIN_HOURS || hours > MAX_RATE_DAYS * 24)
    throw invalidParameter(`RotationRules.ScheduleExpression: a rate must be from 4 hours to ${MAX_RATE_DAYS} days.`);
  requireWindow(duration <= hours);
  return {
    // Windows "always start on the hour"; where a rate in hours begins to count is not documented: at the last rotation.
    next: (from) => windowEnd(floorTo(HOUR_MS, from) + hours * HOUR_MS, duration),
    days: () => Math.ceil(hours / 24),
  };
}

function cronSchedule(expression: CronExpression, duration: number | undefined): Schedule {
  const { minutes, hours, dayOfMonth, month, dayOfWeek, year } = expression;
  if (minutes !== '0') throw invalidParameter('RotationRules.ScheduleExpression: the minutes of a cron must be 0.');
  if (year !== '*') throw invalidParameter('RotationRules.ScheduleExpression: the year of a cron must be *.');
  if ((dayOfMonth === '?') === (dayOfWeek === '?'))
    throw invalidParameter(
      'RotationRules.ScheduleExpression: one of Day-of-month and Day-of-week must be ?, and only one.',
    );
  requireWindow(fits(startHours(hours), duration ?? 1));
  const isAllowed = DAY_OF_MONTH_FIELD.test(dayOfMonth) && MONTH_FIELD.test(month) && DAY_OF_WEEK_FIELD.test(dayOfWeek);
  const cron = isAllowed ? cronStarts(expression) : undefined;
  if (cron === undefined) {
    throw invalidParameter('RotationRules.ScheduleExpression: a field of the cron has a value that it cannot take.');
  }
  const start = (from: Date): number => {
    const date = cron.nextRun(from);
    if (!date) throw invalidParameter('RotationRules.ScheduleExpression: this cron never comes.');
    return date.getTime();
  };
  start(new Date(0));
  return {
    next: (from) => {
      const startMs = start(from);
      const byDefault = DEFAULT_WINDOW_HOURS.ofCron(expression, new Date(startMs).getUTCHours());
      return windowEnd(startMs, duration ?? byDefault);
    },
    days: (from) => Math.max(1, Math.ceil((start(from) - from.getTime()) / DAY_MS)),
  };
}

/** The hours of the day at which windows open: the Hours field takes one hour or increments, of at least four hours. */
function startHours(field: string): number[] {
  const match = /^(?:(\d{1,2})|(\d{1,2}|\*)?\/(\d{1,2}))$/.exec(field);
  const [, only, first, step] = match ?? [];
  const start = Number(only ?? (first === '*' ? 0 : (first ?? 0)));
  const increment = step === undefined ? 24 : Number(step);
  if (!match || start > 23 || increment < MIN_HOURS)
    throw invalidParameter(
      'RotationRules.ScheduleExpression: the hours of a cron must be one hour, or increments of 4 hours or more.',
    );
  const hours: number[] = [];
  for (let hour = start; hour < 24; hour += increment) hours.push(hour);
  return hours;
}

/** "The window must not extend into the next rotation window or the next UTC day." */
function fits(starts: number[], duration: number): boolean {
  return starts.every((start, index) => start + duration <= (starts[index + 1] ?? 24));
}

function requireWindow(fitting: boolean): void {
  if (!fitting)
    throw invalidParameter(
      'RotationRules.Duration: the window must not extend into the next rotation window or the next UTC day.',
    );
}
