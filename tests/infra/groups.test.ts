import { expect, test } from 'vitest';
import { inGroups } from '../../infra/groups.ts';

test('an item that is too large for any group has one for itself', () => {
  expect(inGroups([1, 5, 1, 1], 2, (size) => size)).toEqual([[1], [5], [1, 1]]);
});

test('what a group has already is counted anew in the next one', () => {
  const sizeOf = (item: string, group: readonly string[]) => (group.includes(item) ? 1 : 3);
  expect(inGroups(['a', 'a', 'a', 'a', 'a', 'a'], 4, sizeOf)).toEqual([
    ['a', 'a'],
    ['a', 'a'],
    ['a', 'a'],
  ]);
});
