import { describe, test } from 'vitest';
import { anyV2Schedule } from './arbitrary.ts';
import { brokenV2 } from './broken-v2.ts';
import { expectCaught } from './expect-caught.ts';
import { simpleParts } from './v2.ts';

describe('a function of v2 keys is caught that', () => {
  test.each(Object.entries(brokenV2))('%s', async (_, each) => {
    await expectCaught(each, simpleParts(each.run), anyV2Schedule);
  });
});
