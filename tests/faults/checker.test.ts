import { describe, expect, test } from 'vitest';
import { anyLife, anySchedule, anyV2Schedule } from './arbitrary.ts';
import { type Broken, broken } from './broken.ts';
import { brokenLives } from './broken-lives.ts';
import { brokenV2 } from './broken-v2.ts';
import { EXTREMES, everyAct, everyMishap, everyRule } from './exhaustive.ts';
import { hunt } from './hunt.ts';
import { simpleLives } from './lives.ts';
import type { Draw } from './search.ts';
import { simpleParts } from './v2.ts';

const DRAW = { numRuns: 1500, seed: 1 };

async function expectCaught(each: Broken, simple: Parameters<typeof hunt>[1], from: Draw['from']): Promise<void> {
  const finding = await hunt(each, simple, { ...DRAW, from });
  expect(finding).toMatchObject({ invariant: each.caughtBy });
  const { mishaps = [], acts = [] } = finding?.schedule ?? {};
  expect(mishaps.length + acts.length).toBeLessThanOrEqual(2);
}

describe('a function is caught that', () => {
  test.each(Object.entries(broken))('%s', async (_, each) => {
    const { run } = each;
    await expectCaught(each, [everyRule(run), everyMishap(run, EXTREMES), everyAct(run)], anySchedule);
  });
});

describe('a function of v2 keys is caught that', () => {
  test.each(Object.entries(brokenV2))('%s', async (_, each) => {
    await expectCaught(each, simpleParts(each.run), anyV2Schedule);
  });
});

describe('a function is caught between rotations that', () => {
  test.each(Object.entries(brokenLives))('%s', async (_, each) => {
    await expectCaught(each, simpleLives(each.run), anyLife);
  });
});
