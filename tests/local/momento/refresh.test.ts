import { type RefreshApiKey, RefreshApiKeyResponse } from '@gomomento/sdk';
import { expect, test } from 'vitest';
import { authClient, cacheClient, momentoForTest, spoil, standingClock, verdict } from './sdk.ts';

const DAY = 24 * 60 * 60;

function succeeded(response: RefreshApiKey.Response): RefreshApiKey.Success {
  if (response.type !== RefreshApiKeyResponse.Success) throw new Error(`refused: ${response.errorCode()}`);
  return response;
}

test('a refresh issues a key with the same lifetime, counted from now, and the old key goes on working', async () => {
  const clock = standingClock();
  const momento = await momentoForTest({ now: clock.now });
  const old = momento.issueKey({ validForSeconds: 30 * DAY });
  clock.forward(10 * DAY);

  const successor = succeeded(await authClient(momento, old.apiKey).refreshApiKey(old.refreshToken ?? ''));

  expect(successor.expiresAt.epoch()).toBe(clock.epochSeconds() + 30 * DAY);
  expect(successor.endpoint).toBe(momento.endpoint);
  expect(successor.apiKey).not.toBe(old.apiKey);
  expect(successor.refreshToken).not.toBe(old.refreshToken);
  expect(verdict(await cacheClient(momento, old.apiKey).get('cache', 'key'))).toBe('Miss');
  expect(verdict(await cacheClient(momento, successor.apiKey).get('cache', 'key'))).toBe('Miss');
  expect(momento.idOf(successor.apiKey)).toBe('key-2');
  expect(momento.issuedKeys()).toEqual([
    { id: 'key-1', origin: 'seed', validUntil: old.validUntil },
    { id: 'key-2', origin: 'RefreshApiToken', from: 'key-1', validUntil: successor.expiresAt.epoch() },
  ]);
});

test('a successor can be refreshed in turn', async () => {
  const momento = await momentoForTest();
  const first = momento.issueKey();
  const second = succeeded(await authClient(momento, first.apiKey).refreshApiKey(first.refreshToken ?? ''));
  const third = succeeded(await authClient(momento, second.apiKey).refreshApiKey(second.refreshToken));
  expect(momento.isValid(third.apiKey)).toBe(true);
});

test('a successor may do what its predecessor may, and no more', async () => {
  const momento = await momentoForTest();
  momento.createCache('other');
  const old = momento.issueKey({ permissions: [{ role: 'readonly', cache: 'cache' }] });
  const { apiKey } = succeeded(await authClient(momento, old.apiKey).refreshApiKey(old.refreshToken ?? ''));
  const client = cacheClient(momento, apiKey);
  expect(verdict(await client.get('cache', 'key'))).toBe('Miss');
  expect(verdict(await client.set('cache', 'key', 'value'))).toBe('PERMISSION_ERROR');
  expect(verdict(await client.get('other', 'key'))).toBe('PERMISSION_ERROR');
  expect(verdict(await client.listCaches())).toBe('PERMISSION_ERROR');
});

test.each([
  { refreshTokenReuse: 'allowed', second: 'Success', issued: 3 },
  { refreshTokenReuse: 'refused', second: 'AUTHENTICATION_ERROR', issued: 2 },
] as const)('with refreshTokenReuse $refreshTokenReuse a second use is answered $second', async (expected) => {
  const momento = await momentoForTest({ behaviour: { refreshTokenReuse: expected.refreshTokenReuse } });
  const key = momento.issueKey();
  const client = authClient(momento, key.apiKey);
  expect(verdict(await client.refreshApiKey(key.refreshToken ?? ''))).toBe('Success');
  expect(verdict(await client.refreshApiKey(key.refreshToken ?? ''))).toBe(expected.second);
  expect(momento.issuedKeys()).toHaveLength(expected.issued);
});

test.each([
  { expiredKeyRefreshError: 'UNAUTHENTICATED', code: 'AUTHENTICATION_ERROR' },
  { expiredKeyRefreshError: 'INVALID_ARGUMENT', code: 'INVALID_ARGUMENT_ERROR' },
] as const)('the refresh of an expired key is refused with $code', async ({ expiredKeyRefreshError, code }) => {
  const clock = standingClock();
  const momento = await momentoForTest({ now: clock.now, behaviour: { expiredKeyRefreshError } });
  const key = momento.issueKey({ validForSeconds: 60 });
  clock.forward(60);
  expect(verdict(await authClient(momento, key.apiKey).refreshApiKey(key.refreshToken ?? ''))).toBe(code);
  expect(momento.issuedKeys()).toHaveLength(1);
});

test('a refresh is refused for a wrong token, a foreign token, and a key that is unknown or revoked', async () => {
  const momento = await momentoForTest();
  const key = momento.issueKey();
  const other = momento.issueKey();
  const never = momento.issueKey({ validForSeconds: 'never' });
  const revoked = momento.issueKey();
  momento.revokeKey(revoked.apiKey);
  const attempts = [
    [key.apiKey, 'wrong'],
    [key.apiKey, other.refreshToken],
    [spoil(key.apiKey), key.refreshToken],
    [never.apiKey, ''],
    [revoked.apiKey, revoked.refreshToken],
  ] as const;
  for (const [apiKey, refreshToken] of attempts) {
    const response = await authClient(momento, apiKey).refreshApiKey(refreshToken ?? '');
    expect(verdict(response)).toBe('AUTHENTICATION_ERROR');
  }
  expect(momento.issuedKeys()).toHaveLength(4);
});

test('a new key can take a number of calls before it is known, where a seeded key is known at once', async () => {
  const momento = await momentoForTest({ behaviour: { newKeyKnownAfterCalls: 2 } });
  const old = momento.issueKey();
  const successor = succeeded(await authClient(momento, old.apiKey).refreshApiKey(old.refreshToken ?? ''));
  const client = cacheClient(momento, successor.apiKey);
  expect(verdict(await client.get('cache', 'key'))).toBe('AUTHENTICATION_ERROR');
  expect(verdict(await client.get('cache', 'key'))).toBe('AUTHENTICATION_ERROR');
  expect(verdict(await client.get('cache', 'key'))).toBe('Miss');
  expect(verdict(await cacheClient(momento, old.apiKey).get('cache', 'key'))).toBe('Miss');
});
