import { describe, expect, test } from 'vitest';
import { found } from './found.ts';
import { play } from './play.ts';
import { CALM } from './schedule.ts';

describe('holds since it was found that it did not', () => {
  test.each(found)('%s', async (_, difference) => {
    const { violations } = await play({ ...CALM, ...difference });
    expect(violations).toEqual([]);
  });
});
