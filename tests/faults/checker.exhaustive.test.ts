import { describe, test } from 'vitest';
import { anySchedule } from './arbitrary.ts';
import { broken } from './broken.ts';
import { EXTREMES, everyAct, everyMishap, everyRule } from './exhaustive.ts';
import { expectCaught } from './expect-caught.ts';

describe('a function is caught that', () => {
  test.each(Object.entries(broken))('%s', async (_, each) => {
    const { run } = each;
    await expectCaught(each, [everyRule(run), everyMishap(run, EXTREMES), everyAct(run)], anySchedule);
  });
});
