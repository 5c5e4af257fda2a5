import { cronStarts, DEFAULT_WINDOW_HOURS, parseScheduleExpression, type RotationRules } from './rotation-rules.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * The last moment at which the rotation after one at `now` may start: the end of the next rotation window.
 *
 * The window begins where the schedule says: with days at midnight UTC, with hours and `cron()` to the minute.
 *
 * @returns undefined when there is no schedule, or none that can be read: a warning is not worth a failed rotation
 */
export function latestNextRotation(rules: RotationRules = {}, now: Date): Date | undefined {
  const window = nextWindow(rules, now);
  if (window === undefined) return undefined;
  const hours = /^(\d+)h$/.exec(String(rules.Duration))?.[1];
  return new Date(window.start + (hours === undefined ? window.hours : Number(hours)) * HOUR_MS);
}

interface RotationWindow {
  /** Epoch in milliseconds. */
  start: number;
  /** How long it lasts where the rules do not say. */
  hours: number;
}

/** `DescribeSecret` tells days beside an expression as well: they serve where the expression cannot be read. */
function nextWindow(rules: RotationRules, now: Date): RotationWindow | undefined {
  const expression = parseScheduleExpression(String(rules.ScheduleExpression));
  if (expression !== undefined && 'hours' in expression) {
    const start = cronStarts(expression)?.nextRun(now);
    if (!start) return undefined;
    const hour = start.getUTCHours() + start.getUTCMinutes() / 60;
    return { start: start.getTime(), hours: DEFAULT_WINDOW_HOURS.ofCron(expression, hour) };
  }
  if (expression?.unit === 'hour') {
    return { start: now.getTime() + expression.every * HOUR_MS, hours: DEFAULT_WINDOW_HOURS.ofHours };
  }
  const days = expression?.every ?? rules.AutomaticallyAfterDays;
  if (days === undefined) return undefined;
  const midnight = Math.floor((now.getTime() + days * DAY_MS) / DAY_MS) * DAY_MS;
  return { start: midnight, hours: DEFAULT_WINDOW_HOURS.ofDays };
}
