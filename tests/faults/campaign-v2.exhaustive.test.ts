import { beforeAll, expect, test } from 'vitest';
import { anyV2Schedule } from './arbitrary.ts';
import { tallyOf } from './search.ts';
import { type Tally, tellFindings } from './tally.ts';
import { parts } from './v2.ts';
import { realSteps } from './world.ts';

/** A part of the campaign with v2 keys. The whole of it: `npm run campaign`. */

let tally: Tally;
beforeAll(async () => {
  const all = Object.values(parts(realSteps)).map((part) => part());
  tally = await tallyOf(all, realSteps, { from: anyV2Schedule, numRuns: 800, seed: 4 });
}, 3_600_000);

test('every invariant holds in every schedule', () => {
  expect(tellFindings(tally)).toEqual([]);
});

test('at least four thousand schedules were played, and mishaps of every kind struck every call', () => {
  expect(tally.schedules).toBeGreaterThan(4000);
  const calls = [...tally.struck].map(([name, row]) => [name, row.size]);
  expect(Object.fromEntries(calls)).toMatchObject({
    'createSecret ListApiKeys': 14,
    'createSecret GenerateApiKey': 14,
    'createSecret PutSecretValue': 14,
    'finishSecret UpdateSecretVersionStage': 14,
    'finishSecret ListApiKeys': 14,
    'finishSecret GetSecretValue': 14,
    'finishSecret RevokeApiKey': 14,
    'revoke DescribeSecret': 14,
    'revoke GetSecretValue': 14,
    'revoke ListApiKeys': 14,
    'revoke RevokeApiKey': 14,
  });
});

test('the accepted exceptions are these', () => {
  const known = [
    'put-during-issue-unseen',
    'moved-back-unseen',
    'given-up-by-date',
    'labelled-while-revoking',
    'back-and-forth-unseen',
  ];
  expect(known).toEqual(expect.arrayContaining([...tally.accepted.keys()]));
});
