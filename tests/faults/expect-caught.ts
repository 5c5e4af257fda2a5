import type fc from 'fast-check';
import { expect } from 'vitest';
import type { Broken } from './broken.ts';
import { hunt } from './hunt.ts';
import type { Played } from './play.ts';
import type { Schedule } from './schedule.ts';

const DRAW = { numRuns: 1500, seed: 1 };

/** By a schedule of at most two mishaps and acts, among the simple ones or the drawn ones. */
export async function expectCaught(
  each: Broken,
  simple: AsyncGenerator<Played>[],
  from: fc.Arbitrary<Schedule>,
): Promise<void> {
  const finding = await hunt(each, simple, { ...DRAW, from });
  expect(finding).toMatchObject({ invariant: each.caughtBy });
  const { mishaps = [], acts = [] } = finding?.schedule ?? {};
  expect(mishaps.length + acts.length).toBeLessThanOrEqual(2);
}
