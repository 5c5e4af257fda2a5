import { describe, expect, test } from 'vitest';
import { broken } from './broken.ts';
import { hunt } from './hunt.ts';

const SEED = 1;
const DRAWN = 1500;

describe('a function is caught that', () => {
  test.each(Object.entries(broken))('%s', async (_, { run, caughtBy }) => {
    const finding = await hunt(run, caughtBy, DRAWN, SEED);

    expect(finding).toMatchObject({ invariant: caughtBy });
    const { mishaps = [], acts = [] } = finding?.schedule ?? {};
    expect(mishaps.length + acts.length).toBeLessThanOrEqual(2);
  });
});
