import { beforeAll, expect, test } from 'vitest';
import { anyV2Schedule } from './arbitrary.ts';
import { tallyOf } from './search.ts';
import { type Tally, tellFindings } from './tally.ts';
import { checkParts } from './v2.ts';
import { realSteps } from './world.ts';

/** A part of the campaign with checks of v2 keys. The whole of it: `npm run campaign`. */

let tally: Tally;
beforeAll(async () => {
  const all = Object.values(checkParts(realSteps)).map((part) => part());
  tally = await tallyOf(all, realSteps, { from: anyV2Schedule, numRuns: 20, seed: 6 });
}, 3_600_000);

test('every invariant holds in every schedule', () => {
  expect(tellFindings(tally)).toEqual([]);
});

test('at least four hundred schedules were played, and mishaps of every kind struck the calls of checks', () => {
  expect(tally.schedules).toBeGreaterThan(400);
  const calls = [...tally.struck].map(([name, row]) => [name, row.size]);
  expect(Object.fromEntries(calls)).toMatchObject({
    'check DescribeSecret': 14,
    'check GetSecretValue': 14,
    'check ListApiKeys': 14,
  });
});
