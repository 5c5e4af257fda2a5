import { expect, test } from 'vitest';
import { createAccount } from '../../../src/local/momento/account.ts';
import { standingClock } from './sdk.ts';

const refused = (code: string) => expect.objectContaining({ name: 'StatusError', code });

test('an account works in process, on its own clock', () => {
  const clock = standingClock();
  const account = createAccount({ now: clock.now });
  account.caches.create('cache');
  const key = account.keys.issue({ origin: 'seed', permissions: 'super-user', lifetime: 60, refreshable: true });
  clock.forward(30);
  const successor = account.refreshApiToken(key.apiKey, key.refreshToken ?? '');
  account.set(key, 'cache', 'key', Buffer.from('value'), 1000);
  clock.forward(30);
  expect(() => account.get(key, 'cache', 'key')).toThrow(refused('UNAUTHENTICATED'));
  expect(account.get(successor, 'cache', 'key')).toBeUndefined();
  expect(successor).toMatchObject({ id: 'key-2', from: 'key-1', validUntil: clock.epochSeconds() + 30 });
});

test('a lifetime must be a positive whole number of seconds, and at most 25 hours for a disposable token', () => {
  const account = createAccount({ behaviour: { authOperationsPerSecond: Number.POSITIVE_INFINITY } });
  const key = account.keys.issue({ origin: 'seed', permissions: 'super-user' });
  const permissions = [{ role: 'readonly' }] as const;
  for (const lifetime of [0, -1, 1.5, Number.NaN]) {
    expect(() => account.generateApiToken(key, permissions, lifetime)).toThrow(refused('INVALID_ARGUMENT'));
  }
  expect(() => account.generateDisposableToken(key, { permissions, lifetime: 90_001 })).toThrow(
    refused('INVALID_ARGUMENT'),
  );
  expect(account.generateDisposableToken(key, { permissions, lifetime: 90_000 }).refreshToken).toBeUndefined();
});

test('a call without a key is refused', () => {
  const account = createAccount();
  expect(() => account.listCaches({ apiKey: undefined })).toThrow(refused('UNAUTHENTICATED'));
});
