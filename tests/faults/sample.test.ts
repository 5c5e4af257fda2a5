import { beforeAll, expect, test } from 'vitest';
import { anyLife, anySchedule, anyV2Schedule } from './arbitrary.ts';
import { COLD, everyAct, everyMishap, HARSHEST, WARM } from './exhaustive.ts';
import { everyDistance } from './lives.ts';
import { LIKELIEST } from './schedule.ts';
import { drawn } from './search.ts';
import { count, startTally, tellFindings } from './tally.ts';
import { realSteps } from './world.ts';

/** A sample of the campaign, of each kind of schedule. More of it: `npm run test:all`; the whole: `npm run campaign`. */

const tally = startTally();

const parts = [
  everyMishap(realSteps, [HARSHEST], [COLD]),
  everyAct(realSteps, [LIKELIEST], [WARM]),
  drawn(realSteps, { from: anySchedule, numRuns: 300, seed: 5 }),
  drawn(realSteps, { from: anyV2Schedule, numRuns: 200, seed: 5 }),
  everyDistance(realSteps),
  drawn(realSteps, { from: anyLife, numRuns: 100, seed: 5 }),
];

beforeAll(async () => {
  for (const part of parts) {
    for await (const played of part) count(tally, played);
  }
});

test('every invariant holds in every schedule', () => {
  expect(tellFindings(tally)).toEqual([]);
});

test('a thousand schedules and more were played', () => {
  expect(tally.schedules).toBeGreaterThan(1000);
});
