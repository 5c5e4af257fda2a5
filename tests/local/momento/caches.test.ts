import { CacheGetResponse, ListCachesResponse } from '@gomomento/sdk';
import { expect, test } from 'vitest';
import { cacheClient, momentoForTest, spoil, standingClock, verdict } from './sdk.ts';

test('what was set can be read, until it is deleted', async () => {
  const momento = await momentoForTest();
  const client = cacheClient(momento, momento.issueKey().apiKey);
  expect(verdict(await client.get('cache', 'key'))).toBe('Miss');
  expect(verdict(await client.set('cache', 'key', 'value'))).toBe('Success');
  const hit = await client.get('cache', 'key');
  expect(hit.type === CacheGetResponse.Hit && hit.valueString()).toBe('value');
  const exist = await client.keysExist('cache', ['key', 'other']);
  expect('exists' in exist && exist.exists()).toEqual([true, false]);
  expect(verdict(await client.delete('cache', 'key'))).toBe('Success');
  expect(verdict(await client.get('cache', 'key'))).toBe('Miss');
});

test('an item is gone when its time is over, by the clock of the stand-in', async () => {
  const clock = standingClock();
  const momento = await momentoForTest({ now: clock.now });
  const client = cacheClient(momento, momento.issueKey().apiKey);
  await client.set('cache', 'key', 'value', { ttl: 10 });
  clock.forward(9);
  expect(verdict(await client.get('cache', 'key'))).toBe('Hit');
  clock.forward(1);
  expect(verdict(await client.get('cache', 'key'))).toBe('Miss');
});

test('a read is refused for a key that is unknown, expired or revoked', async () => {
  const clock = standingClock();
  const momento = await momentoForTest({ now: clock.now });
  const expired = momento.issueKey({ validForSeconds: 60 });
  const revoked = momento.issueKey();
  expect(verdict(await cacheClient(momento, expired.apiKey).get('cache', 'key'))).toBe('Miss');
  expect(verdict(await cacheClient(momento, revoked.apiKey).get('cache', 'key'))).toBe('Miss');

  clock.forward(60);
  momento.revokeKey(revoked.apiKey);

  for (const apiKey of [spoil(expired.apiKey), expired.apiKey, revoked.apiKey]) {
    expect(momento.isValid(apiKey)).toBe(false);
    expect(verdict(await cacheClient(momento, apiKey).get('cache', 'key'))).toBe('AUTHENTICATION_ERROR');
    expect(verdict(await cacheClient(momento, apiKey).listCaches())).toBe('AUTHENTICATION_ERROR');
  }
});

test('a key that never expires has no refresh token and outlives every other', async () => {
  const clock = standingClock();
  const momento = await momentoForTest({ now: clock.now });
  const key = momento.issueKey({ validForSeconds: 'never' });
  clock.forward(100 * 365 * 24 * 60 * 60);
  expect(verdict(await cacheClient(momento, key.apiKey).get('cache', 'key'))).toBe('Miss');
  expect(JSON.parse(key.secretString)).toEqual({ apiKey: key.apiKey });
});

test('a good key is told that a cache does not exist, a bad key is not', async () => {
  const momento = await momentoForTest();
  const { apiKey } = momento.issueKey();
  expect(verdict(await cacheClient(momento, apiKey).get('none', 'key'))).toBe('NOT_FOUND_ERROR');
  expect(verdict(await cacheClient(momento, spoil(apiKey)).get('none', 'key'))).toBe('AUTHENTICATION_ERROR');
});

test('with firstCheck cache, a bad key is told as well', async () => {
  const momento = await momentoForTest({ behaviour: { firstCheck: 'cache' } });
  const client = cacheClient(momento, spoil(momento.issueKey().apiKey));
  expect(verdict(await client.get('none', 'key'))).toBe('NOT_FOUND_ERROR');
  expect(verdict(await client.get('cache', 'key'))).toBe('AUTHENTICATION_ERROR');
});

test.each([
  { permissions: [{ role: 'readwrite' }], get: 'Miss', set: 'Success' },
  { permissions: [{ role: 'readonly' }], get: 'Miss', set: 'PERMISSION_ERROR' },
  { permissions: [{ role: 'writeonly', cache: 'cache' }], get: 'PERMISSION_ERROR', set: 'Success' },
  { permissions: [{ role: 'readwrite', cache: 'other' }], get: 'PERMISSION_ERROR', set: 'PERMISSION_ERROR' },
  { permissions: [{ role: 'publishsubscribe' }], get: 'PERMISSION_ERROR', set: 'PERMISSION_ERROR' },
  { permissions: [{ role: 'readonly', item: { is: 'key' } }], get: 'Miss', set: 'PERMISSION_ERROR' },
  { permissions: [{ role: 'readonly', item: { is: 'ke' } }], get: 'PERMISSION_ERROR', set: 'PERMISSION_ERROR' },
  { permissions: [{ role: 'readonly', item: { startsWith: 'ke' } }], get: 'Miss', set: 'PERMISSION_ERROR' },
] as const)('a key with $permissions reads with $get, writes with $set', async ({ permissions, get, set }) => {
  const momento = await momentoForTest();
  const client = cacheClient(momento, momento.issueKey({ permissions }).apiKey);
  expect(verdict(await client.get('cache', 'key'))).toBe(get);
  expect(verdict(await client.set('cache', 'key', 'value'))).toBe(set);
});

test('only a super user creates, lists, flushes and deletes caches', async () => {
  const momento = await momentoForTest();
  const superUser = cacheClient(momento, momento.issueKey().apiKey);
  const everythingElse = cacheClient(momento, momento.issueKey({ permissions: [{ role: 'readwrite' }] }).apiKey);

  expect(verdict(await superUser.createCache('other'))).toBe('Success');
  expect(verdict(await superUser.createCache('other'))).toBe('AlreadyExists');
  const list = await superUser.listCaches();
  const names = list.type === ListCachesResponse.Success && list.getCaches().map((cache) => cache.getName());
  expect(names).toEqual(['cache', 'other']);
  await superUser.set('other', 'key', 'value');
  expect(verdict(await superUser.flushCache('other'))).toBe('Success');
  expect(verdict(await superUser.get('other', 'key'))).toBe('Miss');
  expect(verdict(await superUser.deleteCache('other'))).toBe('Success');
  expect(verdict(await superUser.deleteCache('other'))).toBe('NOT_FOUND_ERROR');

  expect(verdict(await everythingElse.createCache('other'))).toBe('PERMISSION_ERROR');
  expect(verdict(await everythingElse.listCaches())).toBe('PERMISSION_ERROR');
  expect(verdict(await everythingElse.flushCache('cache'))).toBe('PERMISSION_ERROR');
  expect(verdict(await everythingElse.deleteCache('cache'))).toBe('PERMISSION_ERROR');
});

test('the ping of the SDK passes for a key that Momento refuses, without asking it', async () => {
  const momento = await momentoForTest();
  const client = cacheClient(momento, spoil(momento.issueKey().apiKey));
  expect(await client.ping()).toBeUndefined();
  expect(momento.calls).toEqual([]);
  expect(verdict(await client.get('cache', 'key'))).toBe('AUTHENTICATION_ERROR');
  expect(momento.calls).toMatchObject([{ rpc: 'Get', outcome: 'UNAUTHENTICATED' }]);
});
