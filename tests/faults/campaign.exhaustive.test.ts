import { beforeAll, expect, test } from 'vitest';
import { anySchedule } from './arbitrary.ts';
import {
  EXTREMES,
  everyAct,
  everyActInAPause,
  everyEvent,
  everyHurry,
  everyMishap,
  everyRace,
  everyRule,
} from './exhaustive.ts';
import { tallyOf } from './search.ts';
import { type Tally, tellFindings } from './tally.ts';
import { realSteps } from './world.ts';

/** A part of the campaign. The whole of it: `npm run campaign`. */

const parts = [
  everyRule(realSteps),
  everyEvent(realSteps),
  everyRace(realSteps),
  everyHurry(realSteps),
  everyActInAPause(realSteps),
  everyMishap(realSteps, EXTREMES),
  everyAct(realSteps),
];

let tally: Tally;
beforeAll(async () => {
  tally = await tallyOf(parts, realSteps, { from: anySchedule, numRuns: 6500, seed: 4 });
}, 3_600_000);

test('every invariant holds in every schedule', () => {
  expect(tellFindings(tally)).toEqual([]);
});

test('at least ten thousand schedules were played, and mishaps of every kind struck every call', () => {
  expect(tally.schedules).toBeGreaterThan(10_000);
  const calls = [...tally.struck].map(([name, row]) => [name, row.size]);
  expect(Object.fromEntries(calls)).toMatchObject({
    'createSecret DescribeSecret': 14,
    'createSecret GetSecretValue': 14,
    'createSecret RefreshApiToken': 14,
    'createSecret PutSecretValue': 14,
    'testSecret GetSecretValue': 14,
    'testSecret Get': 14,
    'finishSecret DescribeSecret': 14,
    'finishSecret GetSecretValue': 14,
    'finishSecret Get': 14,
    'finishSecret UpdateSecretVersionStage': 14,
    'rotate RotateSecret': 14,
    'check DescribeSecret': 14,
    'check GetSecretValue': 14,
  });
});

test('a human was needed in each of the states that are theirs to mend, and did what was said', () => {
  expect([...tally.mended.keys()].sort()).toEqual([
    'expired',
    'labelInTheWay',
    'noCurrentValue',
    'notAKey',
    'replica',
    'revoked',
    'spent',
  ]);
});

test('the accepted exceptions are these', () => {
  const known = ['put-during-issue-unseen', 'moved-back-unseen', 'given-up-by-date'];
  expect(known).toEqual(expect.arrayContaining([...tally.accepted.keys()]));
});
