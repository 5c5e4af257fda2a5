import { beforeAll, expect, test } from 'vitest';
import { anyLife } from './arbitrary.ts';
import { lives } from './lives.ts';
import { reasons } from './reasons.ts';
import { tallyOf } from './search.ts';
import { type Tally, tellFindings } from './tally.ts';
import { realSteps } from './world.ts';

/** A part of the campaign with what happens between rotations. The whole of it: `npm run campaign`. */

let tally: Tally;
beforeAll(async () => {
  const all = Object.values({ ...lives(realSteps), ...reasons(realSteps) }).map((part) => part());
  tally = await tallyOf(all, realSteps, { from: anyLife, numRuns: 300, seed: 4 });
}, 3_600_000);

test('every invariant holds in every life', () => {
  expect(tellFindings(tally)).toEqual([]);
});

test('at least a thousand lives were played', () => {
  expect(tally.schedules).toBeGreaterThan(1000);
});

test('a human was needed for what a hostile writer wrote, and for the secret with the key that manages others', () => {
  expect([...tally.mended.keys()]).toEqual(expect.arrayContaining(['notAllowed', 'adminUnusable', 'labelInTheWay']));
});

test('the accepted exceptions are these', () => {
  const known = [
    'put-during-issue-unseen',
    'moved-back-unseen',
    'given-up-by-date',
    'labelled-while-revoking',
    'back-and-forth-unseen',
    'moved-away-unseen',
    'twice-moved-away-unseen',
    'first-key-by-its-word',
  ];
  expect(known).toEqual(expect.arrayContaining([...tally.accepted.keys()]));
});
