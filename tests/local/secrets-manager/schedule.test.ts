import type { RotationRulesType } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { scheduleOf } from '../../../src/local/secrets-manager/schedule.ts';

/** A Wednesday. */
const FROM = new Date('2026-04-15T09:30:15.250Z');

const next = (rules: RotationRulesType) => scheduleOf(rules)?.next(FROM).toISOString();
const refuses = (rules: RotationRulesType) =>
  expect(() => scheduleOf(rules), JSON.stringify(rules)).toThrow(
    expect.objectContaining({ code: 'InvalidParameterException' }),
  );

describe('the next rotation is due at the end of the window', () => {
  it.each([
    // The examples of the user guide, "Rotation schedules".
    ['cron(0 /8 * * ? *)', '2026-04-15T16:59:59.000Z'],
    ['cron(0 8/8 * * ? *)', '2026-04-15T16:59:59.000Z'],
    ['cron(0 2/10 * * ? *)', '2026-04-15T12:59:59.000Z'],
    ['cron(0 4/12 * * ? *)', '2026-04-15T16:59:59.000Z'],
    ['cron(0 10 * * ? *)', '2026-04-15T23:59:59.000Z'],
    ['cron(0 18 ? * SAT *)', '2026-04-18T23:59:59.000Z'],
    ['cron(0 8 1 * ? *)', '2026-05-01T23:59:59.000Z'],
    ['cron(0 1 ? 1/3 SUN#1 *)', '2026-07-05T23:59:59.000Z'],
    ['cron(0 17 L * ? *)', '2026-04-30T23:59:59.000Z'],
    ['cron(0 8 ? * MON-FRI *)', '2026-04-16T23:59:59.000Z'],
    ['cron(0 16 1,15 * ? *)', '2026-04-15T23:59:59.000Z'],
    ['cron(0 0 ? * SUN#1 *)', '2026-05-03T23:59:59.000Z'],
    ['cron(0 0 ? 1/11 2#1 *)', '2026-12-07T23:59:59.000Z'],
    // What its table of fields allows besides.
    ['cron(0 0 ? * L *)', '2026-04-18T23:59:59.000Z'],
    ['cron(0 0 ? * SUNL *)', '2026-04-26T23:59:59.000Z'],
    ['cron(0 0 SUNL * ? *)', '2026-04-26T23:59:59.000Z'],
    ['cron(0 0 1/2 * ? *)', '2026-04-17T23:59:59.000Z'],
    ['cron(0 0 1 JAN,APR,JUL,OCT ? *)', '2026-07-01T23:59:59.000Z'],
    ['rate(4 hours)', '2026-04-15T13:59:59.000Z'],
    ['rate(1 day)', '2026-04-16T23:59:59.000Z'],
    ['rate(10 days)', '2026-04-25T23:59:59.000Z'],
    ['rate(999 days)', '2029-01-08T23:59:59.000Z'],
  ])('%s: %s', (ScheduleExpression, expected) => {
    expect(next({ ScheduleExpression })).toBe(expected);
  });

  it('which Duration can shorten', () => {
    expect(next({ AutomaticallyAfterDays: 30 })).toBe('2026-05-15T23:59:59.000Z');
    expect(next({ AutomaticallyAfterDays: 30, Duration: '3h' })).toBe('2026-05-15T02:59:59.000Z');
    expect(next({ ScheduleExpression: 'cron(0 16 1,15 * ? *)', Duration: '2h' })).toBe('2026-04-15T17:59:59.000Z');
    expect(next({ ScheduleExpression: 'rate(12 hours)', Duration: '12h' })).toBe('2026-04-16T08:59:59.000Z');
  });

  it('and no rules are no schedule', () => {
    expect(scheduleOf({})).toBeUndefined();
  });
});

describe('rules that are refused', () => {
  it.each([
    'rate(3 hours)',
    'rate(0 days)',
    'rate(1000 days)',
    'rate(10 minutes)',
    'rate(ten days)',
    'every day',
    'cron(0 8 * * ?)',
    'cron(15 8 * * ? *)',
    'cron(* 8 * * ? *)',
    'cron(0 8 * * ? 2030)',
    'cron(0 8 * * * *)',
    'cron(0 8 ? * ? *)',
    'cron(0 24 * * ? *)',
    'cron(0 * * * ? *)',
    'cron(0 0/3 * * ? *)',
    'cron(0 8 32 * ? *)',
    'cron(0 8 ? * 8 *)',
    'cron(0 8 15W * ? *)',
    'cron(0 8 1 ? ? *)',
    'cron(0 8 1 13 ? *)',
    'cron(0 8 1+2 * ? *)',
    'cron(0 8 31 FEB ? *)',
  ])('%s', (ScheduleExpression) => {
    refuses({ ScheduleExpression });
  });

  it('a window that reaches into the next one or the next day', () => {
    refuses({ ScheduleExpression: 'cron(0 22 * * ? *)', Duration: '3h' });
    refuses({ ScheduleExpression: 'cron(0 2/10 * * ? *)', Duration: '3h' });
    refuses({ ScheduleExpression: 'cron(0 0/8 * * ? *)', Duration: '9h' });
    refuses({ ScheduleExpression: 'rate(4 hours)', Duration: '5h' });
    refuses({ AutomaticallyAfterDays: 2, Duration: '25h' });
  });

  it('a Duration without a schedule, of no hours, or that is none', () => {
    refuses({ Duration: '2h' });
    refuses({ AutomaticallyAfterDays: 2, Duration: '0h' });
    refuses({ AutomaticallyAfterDays: 2, Duration: 'xh' });
  });

  it('days and an expression together', () => {
    refuses({ AutomaticallyAfterDays: 2, ScheduleExpression: 'rate(2 days)' });
  });
});
