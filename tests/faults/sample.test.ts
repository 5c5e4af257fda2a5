import { beforeAll, expect, test } from 'vitest';
import { anyLife, anySchedule, anyV2Schedule } from './arbitrary.ts';
import { COLD, everyAct, everyMishap, HARSHEST, WARM } from './exhaustive.ts';
import { LIKELIEST } from './schedule.ts';
import { drawn, tallyOf } from './search.ts';
import { type Tally, tellFindings } from './tally.ts';
import { realSteps } from './world.ts';

/** A sample of the campaign. More of it: `npm run test:all`; the whole: `npm run campaign`. */

/** Those of a secret with v2 keys, and of three secrets, take several times as long. */
const DRAW = { numRuns: 35, seed: 5 };

let tally: Tally;
beforeAll(async () => {
  const parts = [
    everyMishap(realSteps, [HARSHEST], [COLD]),
    everyAct(realSteps, [LIKELIEST], [WARM]),
    drawn(realSteps, { ...DRAW, numRuns: 400, from: anySchedule }),
    drawn(realSteps, { ...DRAW, from: anyV2Schedule }),
  ];
  tally = await tallyOf(parts, realSteps, { ...DRAW, from: anyLife });
});

test('every invariant holds in every schedule', () => {
  expect(tellFindings(tally)).toEqual([]);
});

test('a thousand schedules and more were played', () => {
  expect(tally.schedules).toBeGreaterThan(1000);
});
