import { expect, test } from 'vitest';
import { createMemory } from '../../src/rotation/memory.ts';

test('what is known of a version is known the next time it is asked for, and of no other version', () => {
  const memory = createMemory();
  memory.of('secret', 'version').acceptedAt = 1;

  expect(memory.of('secret', 'version')).toEqual({ acceptedAt: 1 });
  expect(memory.of('other secret', 'version')).toEqual({});
  expect(memory.of('secret', 'other version')).toEqual({});
});

test('a sandbox that rotates thousands of secrets does not remember them all', () => {
  const memory = createMemory();
  memory.of('secret', 'first').acceptedAt = 1;
  for (let version = 0; version < 199; version += 1) memory.of('secret', String(version));
  expect(memory.of('secret', 'first')).toEqual({ acceptedAt: 1 });

  memory.of('secret', 'one too many');
  expect(memory.of('secret', 'first')).toEqual({});
});
