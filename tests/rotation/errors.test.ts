import { expect, test } from 'vitest';
import { InvalidValueError, SecretStoreError } from '../../src/rotation/errors.ts';

test('what the service says is passed on, with one full stop at the end', () => {
  const options = { transient: false, detail: 'User: a.b is not authorized.' };
  expect(new SecretStoreError('DescribeSecret', 'AccessDeniedException', options).message).toBe(
    'Secrets Manager refused DescribeSecret: AccessDeniedException: User: a.b is not authorized.',
  );
});

test('a value that cannot be rotated is named as such', () => {
  expect(new InvalidValueError('It is not JSON.').name).toBe('InvalidValueError');
});

test('a call that nobody says may have worked has not', () => {
  expect(new SecretStoreError('DescribeSecret', 'IncompleteAnswer', { transient: true })).toMatchObject({
    mayHaveWorked: false,
    name: 'SecretStoreError',
    action: 'DescribeSecret',
  });
});
