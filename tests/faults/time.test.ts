import { describe, expect, test } from 'vitest';
import { failureOf } from './invocation.ts';
import type { Mishap } from './mishaps.ts';
import { type Played, play } from './play.ts';
import { CALM } from './schedule.ts';

/** In a rotation in one sandbox: the reads of createSecret, the refresh, the put, the read and the ping of testSecret. */
const CALLS = { reads: 0, refresh: 3, put: 4, testRead: 5, ping: 6, finishRead: 7, move: 8 };

const start = (remainingMs: number, at: number, mishap: Mishap) =>
  play({ ...CALM, remainingMs, retries: 0, mishaps: [{ at, mishap, stays: true }] });

/** The first step that failed, when the rotation began. */
function firstFailure({ world }: Played) {
  const invocation = world.invocations.find((each) => failureOf(each) !== undefined);
  const { failure, message } = (invocation && failureOf(invocation)) ?? {};
  return { step: invocation?.step, failure, message, leftOver: invocation?.leftOver ?? 0 };
}

describe.each([30_000, 3_000, 1_000])(
  'with %i ms, when there is no answer any more, a step ends in time',
  (remainingMs) => {
    test.each(Object.entries(CALLS))('from its call: %s', async (_, at) => {
      const played = await start(remainingMs, at, 'silence');

      expect(played.violations).toEqual([]);
      expect(firstFailure(played)).toMatchObject({ failure: 'transient' });
      expect(firstFailure(played).leftOver).toBeGreaterThanOrEqual(0);
    });
  },
);

test('with 100 ms left, it says that there is no time, and does nothing', async () => {
  const played = await start(100, 99, 'silence');

  expect(played.violations).toEqual([]);
  expect(firstFailure(played)).toMatchObject({
    step: 'createSecret',
    failure: 'transient',
    message: expect.stringContaining('no time left'),
  });
  expect(played.world.facts.issuedBy.size).toBe(1);
});

describe.each(['silence', 'serverError', 'throttled', 'refused'] as const)('a key in hand, puts fail: %s', (mishap) => {
  test.each([30_000, 3_000])(
    'with %i ms, it is put until the time is up, and then said to be lost',
    async (remainingMs) => {
      const played = await start(remainingMs, CALLS.put, mishap);

      expect(played.violations).toEqual([]);
      const { failure, message, leftOver } = firstFailure(played);
      expect({ failure, message }).toEqual({
        failure: 'transient',
        message: expect.stringContaining('nobody holds it'),
      });
      expect(leftOver).toBeLessThan(3_400);
      const puts = played.world.struck.filter(({ action }) => action === 'PutSecretValue');
      // One that is never answered takes all of a short time.
      expect(puts.length).toBeGreaterThan(mishap === 'silence' ? 0 : 1);
    },
  );
});
