import { describe, expect, test } from 'vitest';
import type { HumanState } from './human-states.ts';
import { play } from './play.ts';
import { CALM, LIKELIEST, type Schedule } from './schedule.ts';

const DAY_MS = 86_400_000;
const REFUSED = { ...LIKELIEST, momento: { refreshTokenReuse: 'refused' } } as const;

/** How each state comes about that only a human can mend. */
const ways: [HumanState, string, Partial<Schedule>][] = [
  ['noCurrentValue', 'the secret has no value', { start: 'noValue' }],
  ['noCurrentValue', 'the empty version was made current', { acts: [{ at: 1, act: 'promoteByHand' }] }],
  ['notAKey', 'the operator stored no key', { acts: [{ at: 0, act: 'putGarbage' }] }],
  [
    'expired',
    'nobody rotated for too long',
    { mishaps: [{ at: 0, mishap: 'silence', stays: true }], pauseMs: 40 * DAY_MS },
  ],
  ['spent', 'the answer to the refresh was lost', { switches: REFUSED, mishaps: [{ at: 3, mishap: 'lost' }] }],
  [
    'spent',
    'the function was killed before the put',
    { switches: REFUSED, mishaps: [{ at: 4, mishap: 'killedBefore' }] },
  ],
  ['labelInTheWay', 'the rotation was cancelled', { acts: [{ at: 5, act: 'cancel' }] }],
  ['labelInTheWay', 'the label was moved to another version', { acts: [{ at: 5, act: 'stagePrevious' }] }],
];

describe('a state that only a human can mend is mended by doing exactly what was said', () => {
  test.each(ways)('%s: %s', async (state, _, difference) => {
    const { mended, violations } = await play({ ...CALM, ...difference });

    expect(mended).toContain(state);
    expect(violations).toEqual([]);
  });
});

test('what passes by itself needs no human', async () => {
  const schedule: Schedule = { ...CALM, mishaps: [{ at: 4, mishap: 'killedBefore' }] };
  expect(await play(schedule)).toMatchObject({ mended: [], violations: [] });
});
