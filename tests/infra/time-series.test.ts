import { Duration } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { decide, readAlarm, rings, ringsByLookBack, type Sample } from './alarm-evaluator.ts';
import { resources, synth } from './synth.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MINUTE = 60_000;
/** The length of each scenario, in days. */
const DAYS = 30;
/** When the alarms are created: long enough for each to have good days to look back on, unless a scenario says otherwise. */
const CREATED = 4 * DAY;
/** When the daily alarms begin to judge. */
const CALM = CREATED + 2 * DAY;

/** Samples by metric name. */
type Series = Record<string, Sample[]>;

const every = (from: number, to: number, step: number, value: (at: number) => number): Sample[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step).map((at) => ({
    at,
    value: value(at),
  }));

/** Checks at about 6:00, never quite the same time. */
const daily = (value: (at: number) => number): Sample[] =>
  every(6 * HOUR, DAYS * DAY, DAY, value).map(({ at, value }) => ({ at: at + ((at / DAY) % 7) * 20_000, value }));

/** Keys that await revocation in each scheduled run, every hour, and when the check looks. */
const awaiting = (run: (at: number) => number, check: (at: number) => number): Sample[] => [
  ...every(20 * MINUTE, DAYS * DAY, HOUR, run),
  ...daily(check),
];

/** A secret that is rotated every night at 2:00, with keys of 30 days, from `at` 0 on. */
const daysSinceNight = (at: number) => ((at - 2 * HOUR) % DAY) / DAY;
const healthy: Series = {
  Errors: every(2 * HOUR, DAYS * DAY, DAY, () => 0),
  DaysSinceLastRotation: daily(daysSinceNight),
  DaysUntilKeyExpires: daily((at) => 30 - daysSinceNight(at)),
  KeysAwaitingRevocation: awaiting(
    () => 0,
    () => 0,
  ),
};
/** What the check sees when rotations stop after `day`. */
const stopped = (day: number, lifetime: number): Series => ({
  DaysSinceLastRotation: daily((at) => (Math.min(at, day * DAY) === at ? daysSinceNight(at) : (at - day * DAY) / DAY)),
  DaysUntilKeyExpires: daily((at) => lifetime - (at <= day * DAY ? daysSinceNight(at) : (at - day * DAY) / DAY)),
});
const without = (series: Series, from: number, to: number, names: string[]): Series =>
  Object.fromEntries(
    Object.entries(series).map(([name, samples]) => [
      name,
      names.includes(name) ? samples.filter(({ at }) => at < from || at >= to) : samples,
    ]),
  );
const DAILY = ['DaysSinceLastRotation', 'DaysUntilKeyExpires'];

/** The first deployment, at 10:00. */
const DEPLOYED = 4 * DAY + 10 * HOUR;
/** What the checks see from then on: one at once, and one a day, within 15 minutes. */
const sinceDeployed = (value: (at: number) => number): Sample[] =>
  every(DEPLOYED + MINUTE, DAYS * DAY, DAY, value).map(({ at, value }) => ({
    at: at + ((at / DAY) % 3) * 5 * MINUTE,
    value,
  }));
/** Nothing before it; then rotations at 2:00 each night from the first one on, of a key that was stored some days before. */
const deployed = (storedDaysBefore: number, firstRotation = 5 * DAY + 2 * HOUR): Series => {
  const age = (at: number) => (at < firstRotation ? (at - DEPLOYED) / DAY + storedDaysBefore : daysSinceNight(at));
  return {
    Errors: every(firstRotation, DAYS * DAY, DAY, () => 0),
    DaysSinceLastRotation: sinceDeployed(age),
    DaysUntilKeyExpires: sinceDeployed((at) => 30 - age(at)),
  };
};
const failing = (from: number): Sample[] => every(from, DAYS * DAY, DAY, () => 1);

/** Which alarms ring, between when and when for the first time, and how often: once if nothing is said. */
type Ringing = Record<string, [earliest: number, latest: number, times?: number]>;

const scenarios: { name: string; series: Series; ringing: Ringing; created?: number }[] = [
  { name: 'all is well', series: healthy, ringing: {} },
  {
    name: 'one rotation fails, and is made up for an hour later',
    series: { ...healthy, Errors: [...(healthy['Errors'] ?? []), { at: 10 * DAY + 2 * HOUR, value: 1 }] },
    ringing: { FailedAlarm: [10 * DAY + 2 * HOUR, 10 * DAY + 3 * HOUR] },
  },
  {
    name: 'a week of silence: rotations no longer start, nothing fails',
    series: { ...healthy, ...stopped(10, 30) },
    ringing: { OverdueAlarm: [12 * DAY, 15 * DAY] },
  },
  {
    name: 'the key is running out, although it is rotated: each new one expires on the same day',
    series: { ...healthy, DaysUntilKeyExpires: daily((at) => 20 - at / DAY) },
    ringing: { ExpiryAlarm: [16 * DAY, 18 * DAY] },
  },
  {
    name: 'nothing rotates until the key has expired',
    series: { ...healthy, ...stopped(10, 12) },
    ringing: { OverdueAlarm: [12 * DAY, 15 * DAY], ExpiryAlarm: [18 * DAY, 20 * DAY] },
  },
  {
    name: 'the daily check no longer runs',
    series: without(healthy, 10 * DAY, 30 * DAY, DAILY),
    ringing: { OverdueAlarm: [10 * DAY, 12 * DAY], ExpiryAlarm: [10 * DAY, 12 * DAY] },
  },
  {
    name: 'the daily check no longer finds out when the key expires',
    series: without(healthy, 10 * DAY, 30 * DAY, ['DaysUntilKeyExpires']),
    ringing: { ExpiryAlarm: [10 * DAY, 12 * DAY] },
  },
  {
    name: 'one check is lost',
    series: without(healthy, 10 * DAY, 11 * DAY, DAILY),
    ringing: {},
  },
  {
    name: 'there was never a figure',
    series: without(healthy, 0, 30 * DAY, DAILY),
    ringing: { OverdueAlarm: [CALM, CALM], ExpiryAlarm: [CALM, CALM] },
  },
  { name: 'a first deployment, with a fresh key', series: deployed(0), created: DEPLOYED, ringing: {} },
  { name: 'a first deployment, with a key of 20 days', series: deployed(20), created: DEPLOYED, ringing: {} },
  {
    // Which is why the walk-through presses the button.
    name: 'a first deployment, with a key of 20 days that is rotated for the first time between the second and third check',
    series: deployed(20, 6 * DAY - HOUR),
    created: DEPLOYED,
    ringing: { OverdueAlarm: [DEPLOYED + 2 * DAY, DEPLOYED + 2 * DAY] },
  },
  {
    name: 'a first deployment of a function that cannot start',
    series: { Errors: failing(DEPLOYED + MINUTE) },
    created: DEPLOYED,
    // Each check fails, and from the third day on the figures are missed.
    ringing: {
      FailedAlarm: [DEPLOYED, DEPLOYED + HOUR, 25],
      OverdueAlarm: [DEPLOYED + 2 * DAY, DEPLOYED + 2 * DAY],
      ExpiryAlarm: [DEPLOYED + 2 * DAY, DEPLOYED + 2 * DAY],
    },
  },
  {
    name: 'rotation was turned off by hand: checks give figures, and fail',
    series: { ...healthy, ...stopped(10, 30), Errors: failing(10 * DAY + 6 * HOUR) },
    ringing: { FailedAlarm: [10 * DAY + 6 * HOUR, 10 * DAY + 7 * HOUR, 19], OverdueAlarm: [12 * DAY, 15 * DAY] },
  },
  {
    name: 'one check finds a key that was not revoked',
    series: {
      ...healthy,
      KeysAwaitingRevocation: awaiting(
        () => 0,
        (at) => (Math.floor(at / DAY) === 10 ? 1 : 0),
      ),
    },
    ringing: {},
  },
  {
    name: 'one scheduled run finds a key that should have been revoked, and revokes it',
    series: {
      ...healthy,
      KeysAwaitingRevocation: awaiting(
        (at) => (at === 10 * DAY + 7 * HOUR + 20 * MINUTE ? 1 : 0),
        () => 0,
      ),
    },
    ringing: {},
  },
  {
    // A day as CloudWatch cuts it may end between them.
    name: 'several scheduled runs do, before one revokes it',
    series: {
      ...healthy,
      KeysAwaitingRevocation: awaiting(
        (at) => (at >= 10 * DAY + 7 * HOUR && at < 10 * DAY + 12 * HOUR ? 1 : 0),
        () => 0,
      ),
    },
    ringing: { RevocationAlarm: [11 * DAY, 11 * DAY + 12 * HOUR] },
  },
  {
    name: 'scheduled runs revoke no key any more, but rotations do',
    series: {
      ...healthy,
      // Overdue from three hours after the overlap, of one, until the rotation after the next.
      KeysAwaitingRevocation: awaiting(
        (at) => (at >= 10 * DAY + 6 * HOUR ? 1 : 0),
        () => 0,
      ),
    },
    ringing: { RevocationAlarm: [11 * DAY, 12 * DAY] },
  },
  {
    name: 'keys cannot be revoked any more',
    series: {
      ...healthy,
      KeysAwaitingRevocation: awaiting(
        (at) => Math.max(0, Math.floor((at - 6 * HOUR) / DAY - 9)),
        (at) => Math.max(0, Math.floor(at / DAY - 11)),
      ),
    },
    ringing: { RevocationAlarm: [11 * DAY, 12 * DAY] },
  },
  {
    name: 'without scheduled runs, keys cannot be revoked any more',
    series: { ...healthy, KeysAwaitingRevocation: daily((at) => Math.max(0, Math.floor(at / DAY - 9))) },
    ringing: { RevocationAlarm: [11 * DAY, 12 * DAY] },
  },
  {
    name: 'a secret with a v1 key, of which no key can be revoked',
    series: without(healthy, 0, 30 * DAY, ['KeysAwaitingRevocation']),
    ringing: {},
  },
];

const { template } = synth(() => ({ v2Keys: { revokeOnSchedule: true } }));
const ALARMS = ['ExpiryAlarm', 'FailedAlarm', 'OverdueAlarm', 'RevocationAlarm'];
const alarms = Object.entries(resources(template, 'AWS::CloudWatch::Alarm')).map(([id, { Properties }]) => {
  const name = ALARMS.find((known) => id.includes(known));
  return { name: name ?? id, alarm: readAlarm(Properties) };
});

// How much further back CloudWatch looks for figures is not documented for every alarm: it must not matter.
const LOOK_BACKS = [0, 1, 2, 4];

test.each(scenarios)('$name', ({ series, ringing, created = CREATED }) => {
  for (const { name, alarm } of alarms) {
    const samples = series[alarm.metric.name] ?? [];
    const watching = { from: created, to: 29 * DAY, everyMs: 5 * MINUTE };
    const expected = ringing[name];
    for (const [index, times] of ringsByLookBack(alarm, samples, watching, LOOK_BACKS).entries()) {
      const what = `${name}, with ${LOOK_BACKS[index]} periods of looking back,`;
      expect(times.length, `${what} rings ${times.map((at) => at / DAY)}`).toBe(
        expected === undefined ? 0 : (expected[2] ?? 1),
      );
      if (expected === undefined) continue;
      expect(times[0], what).toBeGreaterThanOrEqual(expected[0]);
      expect(times[0], what).toBeLessThanOrEqual(expected[1]);
    }
  }
});

test('every alarm of the template is played, and each rings in some scenario', () => {
  expect(alarms.map(({ name }) => name).sort()).toEqual(ALARMS);
  const heard = new Set(scenarios.flatMap(({ ringing }) => Object.keys(ringing)));
  expect([...heard].sort()).toEqual(ALARMS);
});

test('where nothing is filled, since there never was a figure, all keys count as revoked, and none as rotated', () => {
  for (const { name, alarm } of alarms.filter(({ alarm }) => alarm.fill !== undefined)) {
    const at = { from: CREATED, to: 29 * DAY, everyMs: 30 * MINUTE, lookBack: 0 };
    expect(rings({ ...alarm, fill: undefined }, [], at), name).toHaveLength(name === 'RevocationAlarm' ? 0 : 1);
  }
});

test('no alarm evaluates more than the seven days that CloudWatch allows', () => {
  for (const { alarm } of alarms) {
    expect(alarm.metric.period * 1000 * alarm.evaluationPeriods).toBeLessThanOrEqual(7 * DAY);
  }
});

test.each([
  // The interval, and the longest time between two good rotations: interval and window.
  ['4 hours', Duration.hours(4), 5 / 24],
  ['12 hours', Duration.hours(12), 13 / 24],
  ['1 day', Duration.days(1), 2],
  ['30 days', Duration.days(30), 31],
  ['1000 days', Duration.days(1000), 1001],
])('a rotation every %s is overdue only after its interval and window', (_, rotateEvery, gap) => {
  const { template } = synth(() => ({ rotateEvery }));
  const overdue = Object.entries(resources(template, 'AWS::CloudWatch::Alarm')).find(([id]) => id.includes('Overdue'));
  const alarm = readAlarm(overdue?.[1].Properties ?? {});
  const at = { from: CREATED, to: 29 * DAY, everyMs: 30 * MINUTE, lookBack: 2 };
  expect(
    rings(
      alarm,
      daily(() => gap),
      at,
    ),
  ).toHaveLength(0);
  expect(
    rings(
      alarm,
      daily(() => gap + 0.01),
      at,
    ),
  ).toHaveLength(1);
});

describe('the evaluator decides as the tables of the user guide do', () => {
  const points = (row: string) =>
    row
      .split(' ')
      .map((point) => (point === '-' ? undefined : point === 'X'))
      .reverse();

  // Oldest first: 0 is good, X breaches, - is missing. Then the state if missing is breaching, and if it is not; if it is
  // ignored, it is that of both, or the one before.
  test.each([
    [3, '0 - X - X', 'OK', 'OK'],
    [3, '- - - - 0', 'OK', 'OK'],
    [3, '- - - - -', 'ALARM', 'OK'],
    [3, '0 X X - X', 'ALARM', 'ALARM'],
    [3, '- - X - -', 'ALARM', 'OK'],
    [2, '0 - X - X', 'ALARM', 'ALARM'],
    [2, '0 0 X 0 X', 'ALARM', 'ALARM'],
    [2, '0 - X - -', 'ALARM', 'OK'],
    [2, '- - - - 0', 'ALARM', 'OK'],
    [2, '- - - X -', 'ALARM', 'OK'],
  ])('%i of 3: %s', (datapointsToAlarm, row, breaching, notBreaching) => {
    const alarm = { evaluationPeriods: 3, datapointsToAlarm };
    for (const before of ['OK', 'ALARM'] as const) {
      const state = (treatMissingData: 'breaching' | 'notBreaching' | 'ignore') =>
        decide({ ...alarm, treatMissingData }, points(row), before);
      expect(state('breaching')).toBe(breaching);
      expect(state('notBreaching')).toBe(notBreaching);
      expect(state('ignore')).toBe(breaching === notBreaching ? breaching : before);
    }
  });
});
