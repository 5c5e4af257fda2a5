import { Duration } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { planRotation, type ScheduleProps } from '../../infra/schedule.ts';
import { manyNames, named, resources, synth } from './synth.ts';

/** How many of some secrets get which rules, as `cron() for duration`. */
const spreadOf = (props: ScheduleProps, names: readonly string[]): Record<string, number> => {
  const plan = planRotation(props);
  const counts: Record<string, number> = {};
  for (const name of names) {
    const { scheduleExpression, duration } = plan.rules(name);
    const rules = duration === undefined ? `${scheduleExpression}` : `${scheduleExpression} for ${duration}`;
    counts[rules] = (counts[rules] ?? 0) + 1;
  }
  return counts;
};

/** Throws what `act` throws, each time that it is called, without doing it again. */
function rethrow(act: () => unknown): () => void {
  try {
    act();
  } catch (error) {
    return () => {
      throw error;
    };
  }
  return () => {};
}

test.each<[string, ScheduleProps, object, number]>([
  ['nothing said', {}, { scheduleExpression: 'rate(1 day)' }, 48],
  ['four hours', { rotateEvery: Duration.hours(4) }, { scheduleExpression: 'rate(4 hours)' }, 5],
  ['36 hours', { rotateEvery: Duration.hours(36) }, { scheduleExpression: 'rate(36 hours)' }, 37],
  ['48 hours', { rotateEvery: Duration.hours(48) }, { scheduleExpression: 'rate(2 days)' }, 72],
  ['minutes that are hours', { rotateEvery: Duration.minutes(300) }, { scheduleExpression: 'rate(5 hours)' }, 6],
  ['999 days', { rotateEvery: Duration.days(999) }, { scheduleExpression: 'rate(999 days)' }, 24_000],
  ['1000 days', { rotateEvery: Duration.days(1000) }, { automaticallyAfterDays: 1000 }, 24_024],
  [
    'with a window',
    { rotateEvery: Duration.days(10), rotationWindow: Duration.hours(3) },
    { scheduleExpression: 'rate(10 days)', duration: '3h' },
    243,
  ],
])('an interval: %s', (_, props, rules, longestGapHours) => {
  const plan = planRotation(props);
  expect(plan.rules('a')).toEqual(rules);
  expect(plan.rules('b')).toEqual(rules);
  expect(plan.longestGap.toHours()).toBe(longestGapHours);
  expect(plan.startTimes).toBeUndefined();
});

test.each([
  // Start to start, and the window.
  ['cron(0 2 * * ? *)', 24 + 22],
  ['cron(0 2 ? * SUN *)', 7 * 24 + 22],
  ['cron(0 0 1 * ? *)', 31 * 24 + 24],
  ['cron(0 23 ? * MON-FRI *)', 3 * 24 + 1],
  ['cron(0 1 ? * SUN#2 *)', 35 * 24 + 23],
  ['cron(0 4/12 * * ? *)', 12 + 1],
  ['cron(0 12 1 1 ? *)', 366 * 24 + 12],
])('the longest gap of %s is %i hours, with its window', (cron, hours) => {
  expect(planRotation({ cron }).longestGap.toHours()).toBe(hours);
});

test.each<[string, ScheduleProps, Duration]>([
  ['an hour', { rotateEvery: Duration.hours(5) }, Duration.hours(4)],
  [
    'half of the time between two',
    { rotateEvery: Duration.hours(6), rotationWindow: Duration.hours(3) },
    Duration.hours(3),
  ],
  [
    'all of the time between two',
    { rotateEvery: Duration.hours(5), rotationWindow: Duration.hours(5) },
    Duration.minutes(150),
  ],
  ['a day of two', { rotateEvery: Duration.days(2) }, Duration.hours(24)],
  ['as short as in February', { cron: 'cron(0 0 1 * ? *)' }, Duration.days(27)],
])('of any two times between rotations, one is as long as they can be relied on: a window of %s', (_, props, gap) => {
  expect(planRotation(props).reliableGap.toMinutes()).toBe(gap.toMinutes());
});

describe('several secrets with cron()', () => {
  test.each<[string, ScheduleProps, string[]]>([
    [
      'within the window that was asked for, and end with it',
      { cron: 'cron(0 2 ? * SUN *)', rotationWindow: Duration.hours(3) },
      ['cron(0 2 ? * SUN *) for 3h', 'cron(0 3 ? * SUN *) for 2h', 'cron(0 4 ? * SUN *) for 1h'],
    ],
    [
      'in the rest of the day when no window is given',
      { cron: 'cron(0 21 * * ? *)' },
      ['cron(0 21 * * ? *)', 'cron(0 22 * * ? *)', 'cron(0 23 * * ? *)'],
    ],
    [
      'and keep their steps',
      { cron: 'cron(0 2/12 * * ? *)', rotationWindow: Duration.hours(2) },
      ['cron(0 2/12 * * ? *) for 2h', 'cron(0 3/12 * * ? *) for 1h'],
    ],
  ])('are spread evenly %s', (_, props, rules) => {
    const names = manyNames(300);
    const spread = spreadOf(props, names);
    expect(Object.keys(spread).sort()).toEqual(rules);
    const fair = names.length / rules.length;
    for (const count of Object.values(spread)) {
      expect(count).toBeGreaterThan(fair * 0.75);
      expect(count).toBeLessThan(fair * 1.25);
    }
  });

  test('keep their hour in every release', () => {
    const plan = planRotation({ cron: 'cron(0 0 * * ? *)' });
    expect(plan.rules('momento:a').scheduleExpression).toBe('cron(0 17 * * ? *)');
    expect(plan.rules('momento:c').scheduleExpression).toBe('cron(0 12 * * ? *)');
  });

  test('get a warning when there is but one hour', () => {
    const { stack } = synth((scope) => ({ secrets: named(scope, ['a', 'b']), cron: 'cron(0 23 * * ? *)' }));
    const warnings = stack.node.findAll().flatMap((node) => node.node.metadata.map(({ data }) => String(data)));
    expect(warnings.join()).toContain(
      '2 secrets start to rotate in the same minute. Give a rotationWindow of some hours',
    );
  });

  test.each([
    ['is added', ['a', 'b', 'c', 'd']],
    ['takes the first place', ['d', 'c', 'b', 'a']],
  ])('change nothing of each other in the template when one %s', (_, names) => {
    const cron = 'cron(0 2 * * ? *)';
    const before = synth((scope) => ({ secrets: named(scope, ['a', 'b', 'c']), cron }));
    const after = synth((scope) => ({ secrets: named(scope, names), cron }));
    const type = 'AWS::SecretsManager::RotationSchedule';
    const properties = (of: typeof before) =>
      Object.fromEntries(Object.entries(resources(of.template, type)).map(([id, { Properties }]) => [id, Properties]));
    expect(properties(after)).toMatchObject(properties(before));
    expect(Object.keys(properties(after))).toHaveLength(4);
  });
});

describe('says what to write instead of', () => {
  const cronExample = 'Write for example "cron(0 2 ? * SUN *)", at 2:00 UTC on Sundays';
  test.each<[string, ScheduleProps, string]>([
    ['both', { rotateEvery: Duration.days(1), cron: 'cron(0 2 * * ? *)' }, 'Keep the one that you mean.'],
    ['three hours', { rotateEvery: Duration.hours(3) }, 'from Duration.hours(4) to Duration.days(1000)'],
    ['1001 days', { rotateEvery: Duration.days(1001) }, 'from Duration.hours(4) to Duration.days(1000)'],
    ['half hours', { rotateEvery: Duration.minutes(270) }, 'Write whole hours or days'],
    ['no window', { rotationWindow: Duration.hours(0) }, 'from Duration.hours(1) to Duration.hours(24)'],
    ['a window of 25 hours', { rotationWindow: Duration.hours(25) }, 'from Duration.hours(1) to Duration.hours(24)'],
    ['a window of minutes', { rotationWindow: Duration.minutes(90) }, 'Write whole hours'],
    [
      'a window longer than the interval',
      { rotateEvery: Duration.hours(4), rotationWindow: Duration.hours(5) },
      'Write Duration.hours(4) or less.',
    ],
    ['rate()', { cron: 'rate(1 day)' }, 'it is not cron() with six fields'],
    ['five fields', { cron: 'cron(0 2 * * ?)' }, 'it is not cron() with six fields'],
    ['minutes', { cron: 'cron(30 2 * * ? *)' }, 'the minutes must be 0'],
    ['a year', { cron: 'cron(0 2 * * ? 2027)' }, 'the year must be *'],
    ['two days', { cron: 'cron(0 2 1 * SUN *)' }, 'one of day-of-month and day-of-week must be ?'],
    ['no days', { cron: 'cron(0 2 ? * ? *)' }, 'one of day-of-month and day-of-week must be ?'],
    ['every hour', { cron: 'cron(0 * * * ? *)' }, 'the hours must be one hour, or first/step'],
    ['hour 24', { cron: 'cron(0 24 * * ? *)' }, 'the hours must be one hour, or first/step'],
    ['a list of hours', { cron: 'cron(0 2,14 * * ? *)' }, 'the hours must be one hour, or first/step'],
    ['steps of nothing', { cron: 'cron(0 2/0 * * ? *)' }, 'it cannot be read, or its date never comes'],
    ['words', { cron: 'cron(0 2 * SOMETIMES ? *)' }, 'it cannot be read, or its date never comes'],
    ['a date that never comes', { cron: 'cron(0 2 31 2 ? *)' }, 'it cannot be read, or its date never comes'],
    ['leap days', { cron: 'cron(0 2 29 2 ? *)' }, 'more than 1000 days between rotations'],
    ['every three hours', { cron: 'cron(0 0/3 * * ? *)' }, 'it rotates after 3 hours, and 4 is the least'],
    ['less than four hours over midnight', { cron: 'cron(0 2/7 * * ? *)' }, 'it rotates after 3 hours'],
    [
      'a window into the next day',
      { cron: 'cron(0 22 * * ? *)', rotationWindow: Duration.hours(3) },
      'goes on into the next day. Make it Duration.hours(2) or less.',
    ],
    [
      'a window longer than the steps leave',
      { cron: 'cron(0 1/5 * * ? *)', rotationWindow: Duration.hours(4) },
      'goes on into the next day. Make it Duration.hours(3) or less.',
    ],
  ])('%s', (_, props, message) => {
    // Looking through the years of a rare schedule takes a second.
    const refusal = rethrow(() => planRotation(props));
    expect(refusal).toThrow(message);
    if (props.cron !== undefined && props.rotateEvery === undefined) expect(refusal).toThrow(cronExample);
  });
});
