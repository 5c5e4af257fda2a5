import { describe, test } from 'vitest';
import { anyLife } from './arbitrary.ts';
import { brokenLives } from './broken-lives.ts';
import { expectCaught } from './expect-caught.ts';
import { simpleLives } from './lives.ts';

describe('a function is caught between rotations that', () => {
  test.each(Object.entries(brokenLives))('%s', async (_, each) => {
    await expectCaught(each, simpleLives(each.run), anyLife);
  });
});
