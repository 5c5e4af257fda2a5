import { expect, test } from 'vitest';
import { parts } from './campaign.ts';

test.each(Object.entries(parts))('%s', async (_, part) => {
  for await (const { violations } of part()) expect(violations).toEqual([]);
});
