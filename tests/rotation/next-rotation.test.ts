import { expect, test } from 'vitest';
import { latestNextRotation } from '../../src/rotation/next-rotation.ts';

const friday = new Date('2026-11-20T10:30:00Z');

test.each([
  ['days, to the end of that day', { AutomaticallyAfterDays: 1 }, '2026-11-22T00:00:00.000Z'],
  ['days and a window', { AutomaticallyAfterDays: 1, Duration: '3h' }, '2026-11-21T03:00:00.000Z'],
  ['a rate in days', { ScheduleExpression: 'rate(10 days)' }, '2026-12-01T00:00:00.000Z'],
  ['a rate of one day', { ScheduleExpression: 'rate(1 day)' }, '2026-11-22T00:00:00.000Z'],
  ['a rate in hours, with an hour for the window', { ScheduleExpression: 'rate(4 hours)' }, '2026-11-20T15:30:00.000Z'],
  ['a rate in hours and a window', { ScheduleExpression: 'rate(4 hours)', Duration: '2h' }, '2026-11-20T16:30:00.000Z'],
  ['a window of a dozen hours', { AutomaticallyAfterDays: 1, Duration: '12h' }, '2026-11-21T12:00:00.000Z'],
  ['a rate of many hours', { ScheduleExpression: 'rate(12 hours)' }, '2026-11-20T23:30:00.000Z'],
  ['a rate of one hour, however spaced', { ScheduleExpression: ' rate( 1  hour ) ' }, '2026-11-20T12:30:00.000Z'],
  [
    'a rate beside days',
    { ScheduleExpression: 'rate(4 hours)', AutomaticallyAfterDays: 1 },
    '2026-11-20T15:30:00.000Z',
  ],
  [
    'an expression of a kind to come, beside days',
    { ScheduleExpression: 'at(2030)', AutomaticallyAfterDays: 1 },
    '2026-11-22T00:00:00.000Z',
  ],
  [
    'a rate with something before it, beside days',
    { ScheduleExpression: 'xrate(4 hours)', AutomaticallyAfterDays: 1 },
    '2026-11-22T00:00:00.000Z',
  ],
  [
    'a rate with something after it, beside days',
    { ScheduleExpression: 'rate(4 hours)x', AutomaticallyAfterDays: 1 },
    '2026-11-22T00:00:00.000Z',
  ],
  [
    'a cron expression with something before it, beside days',
    { ScheduleExpression: 'xcron(0 8 1 * ? *)', AutomaticallyAfterDays: 1 },
    '2026-11-22T00:00:00.000Z',
  ],
  [
    'a cron expression with something after it, beside days',
    { ScheduleExpression: 'cron(0 8 1 * ? *)x', AutomaticallyAfterDays: 1 },
    '2026-11-22T00:00:00.000Z',
  ],
  ['a window that cannot be read', { AutomaticallyAfterDays: 1, Duration: '3h 30m' }, '2026-11-22T00:00:00.000Z'],
  ['a window in words', { AutomaticallyAfterDays: 1, Duration: 'about 3h' }, '2026-11-22T00:00:00.000Z'],
  ['every eight hours, however spaced', { ScheduleExpression: 'cron( 0  /8 * * ? * )' }, '2026-11-20T17:00:00.000Z'],
  ['every second day', { ScheduleExpression: 'cron(0 8 2/2 * ? *)' }, '2026-11-23T00:00:00.000Z'],
  ['the first of the month', { ScheduleExpression: 'cron(0 8 1 * ? *)' }, '2026-12-02T00:00:00.000Z'],
  [
    'the last day of the month',
    { ScheduleExpression: 'cron(0 1 L * ? *)', Duration: '2h' },
    '2026-11-30T03:00:00.000Z',
  ],
  ['every eight hours', { ScheduleExpression: 'cron(0 /8 * * ? *)' }, '2026-11-20T17:00:00.000Z'],
  ['every six hours from midnight', { ScheduleExpression: 'cron(0 0/6 * * ? *)' }, '2026-11-20T13:00:00.000Z'],
  ['Saturdays, as the last day of the week', { ScheduleExpression: 'cron(0 8 ? * L *)' }, '2026-11-22T00:00:00.000Z'],
  ['the last Monday of the month', { ScheduleExpression: 'cron(0 8 ? * MONL *)' }, '2026-12-01T00:00:00.000Z'],
  [
    'the last Monday, among the days of the month',
    { ScheduleExpression: 'cron(0 8 MONL * ? *)' },
    '2026-12-01T00:00:00.000Z',
  ],
  ['the last Friday, by number', { ScheduleExpression: 'cron(0 8 ? * 6L *)' }, '2026-11-28T00:00:00.000Z'],
  ['Sundays by name', { ScheduleExpression: 'cron(0 16 ? * SUN *)', Duration: '2h' }, '2026-11-22T18:00:00.000Z'],
  ['Sundays by number, which is 1', { ScheduleExpression: 'cron(0 16 ? * 1 *)' }, '2026-11-23T00:00:00.000Z'],
  [
    'first Monday of the month',
    { ScheduleExpression: 'cron(0 1 ? * 2#1 *)', Duration: '1h' },
    '2026-12-07T02:00:00.000Z',
  ],
])('%s', (_, rules, expected) => {
  expect(latestNextRotation(rules, friday)?.toISOString()).toBe(expected);
});

test.each([
  ['no rules', undefined],
  ['rules without a schedule', {}],
  ['an expression of a kind to come', { ScheduleExpression: 'at(2030-01-01T00:00:00)' }],
  ['a cron expression that cannot be read', { ScheduleExpression: 'cron(now and then)' }],
  ['a cron expression of six words', { ScheduleExpression: 'cron(at ten every other day please)' }],
  ['a cron expression that is never due again', { ScheduleExpression: 'cron(0 8 1 1 ? 2020)' }],
])('%s: not known', (_, rules) => {
  expect(latestNextRotation(rules, friday)).toBeUndefined();
});
