import { CredentialProvider } from '@gomomento/sdk';
import { expect, test } from 'vitest';
import { createAccount } from '../../../src/local/momento/account.ts';
import { findLeaks } from '../../leaks.ts';
import { apiKeysClient } from './api-keys.ts';
import { cacheClient, momentoForTest, standingClock, v2CacheClient, verdict } from './sdk.ts';

test('the SDK takes a v2 key for one, and for no v1 key', async () => {
  const momento = await momentoForTest();
  const { apiKey } = momento.issueV2Key();
  expect(CredentialProvider.fromApiKeyV2({ apiKey, endpoint: 'cell.example.com' }).getAuthToken()).toBe(apiKey);
  expect(() => CredentialProvider.fromString({ apiKey })).toThrow('v2 API key');
  expect(() =>
    CredentialProvider.fromApiKeyV2({ apiKey: momento.issueKey().apiKey, endpoint: 'cell.example.com' }),
  ).toThrow('invalid v2 API key');
});

test('a v2 key may do what its role may, until it expires', async () => {
  const clock = standingClock();
  const momento = await momentoForTest({ now: clock.now });
  const operator = v2CacheClient(momento, momento.issueV2Key({ validForSeconds: 60 }).apiKey);
  const viewer = v2CacheClient(momento, momento.issueV2Key({ roleId: 'viewer', validForSeconds: 'never' }).apiKey);
  expect(verdict(await operator.set('cache', 'key', 'value'))).toBe('Success');
  expect(verdict(await operator.listCaches())).toBe('Success');
  expect(verdict(await viewer.get('cache', 'key'))).toBe('Hit');
  expect(verdict(await viewer.set('cache', 'key', 'value'))).toBe('PERMISSION_ERROR');
  expect(verdict(await viewer.listCaches())).toBe('PERMISSION_ERROR');
  clock.forward(60);
  expect(verdict(await operator.get('cache', 'key'))).toBe('AUTHENTICATION_ERROR');
  expect(verdict(await viewer.get('cache', 'key'))).toBe('Miss');
});

test('a v2 key comes as a secret holds it', async () => {
  const clock = standingClock();
  const momento = await momentoForTest({ now: clock.now });
  const { endpoint } = momento;
  const key = momento.issueV2Key({ roleId: 'viewer', validForSeconds: 60 });
  expect(JSON.parse(key.secretString)).toEqual({
    apiKey: key.apiKey,
    endpoint,
    keyId: 'key-1',
    roleId: 'viewer',
    validUntil: String(clock.epochSeconds() + 60),
  });
  const forever = momento.issueV2Key({ validForSeconds: 'never' });
  expect(JSON.parse(forever.secretString)).toEqual({
    apiKey: forever.apiKey,
    endpoint,
    keyId: 'key-2',
    roleId: 'operator',
  });
  expect(momento.idOf(forever.apiKey)).toBe('key-2');
  expect(() => momento.issueV2Key({ roleId: 'none' })).toThrow('role_id');
});

test('a v2 key that a test revokes is refused, and no longer listed', async () => {
  const momento = await momentoForTest();
  const admin = momento.issueV2Key({ roleId: 'owner' });
  const key = momento.issueV2Key();
  momento.revokeKey(key.apiKey);
  expect(verdict(await v2CacheClient(momento, key.apiKey).get('cache', 'key'))).toBe('AUTHENTICATION_ERROR');
  expect((await apiKeysClient(momento, admin.apiKey).list()).body).toMatchObject({ key_info: [{ key_id: 'key-1' }] });
});

test('a new v2 key can take a number of reads before it is known', async () => {
  const momento = await momentoForTest({ behaviour: { newKeyKnownAfterCalls: 1 } });
  const admin = momento.issueV2Key({ roleId: 'owner' });
  const { body } = await apiKeysClient(momento, admin.apiKey).generate({ role_id: 'viewer', expiry: 'never' });
  const client = v2CacheClient(momento, body['api_key'] as string);
  expect(verdict(await client.get('cache', 'key'))).toBe('AUTHENTICATION_ERROR');
  expect(verdict(await client.get('cache', 'key'))).toBe('Miss');
});

test.each([
  { keysOfDeletedRole: 'denied', read: 'PERMISSION_ERROR', list: 403, isValid: true },
  { keysOfDeletedRole: 'revoked', read: 'AUTHENTICATION_ERROR', list: 401, isValid: false },
  { keysOfDeletedRole: 'kept', read: 'Miss', list: 200, isValid: true },
] as const)('with keysOfDeletedRole $keysOfDeletedRole, a key of such a role reads with $read', async (expected) => {
  const { keysOfDeletedRole, read, list, isValid } = expected;
  const momento = await momentoForTest({ behaviour: { keysOfDeletedRole } });
  const role = { roleId: 'mine', permissions: 'super-user', mayManageKeys: true } as const;
  momento.createRole(role);
  expect(() => momento.createRole(role)).toThrow('already exists');
  const { apiKey } = momento.issueV2Key({ roleId: 'mine' });
  const other = momento.issueV2Key();
  momento.deleteRole('mine');
  expect(() => momento.deleteRole('mine')).toThrow('no such role');
  // Another role of the same name does not bring the keys back.
  momento.createRole(role);

  expect(verdict(await v2CacheClient(momento, apiKey).get('cache', 'key'))).toBe(read);
  expect((await apiKeysClient(momento, apiKey).list()).status).toBe(list);
  expect(momento.isValid(apiKey)).toBe(isValid);
  expect(verdict(await v2CacheClient(momento, other.apiKey).get('cache', 'key'))).toBe('Miss');
});

test('neither the transcript nor what is told of keys holds a secret', async () => {
  const momento = await momentoForTest();
  const admin = momento.issueV2Key({ roleId: 'owner' });
  const api = apiKeysClient(momento, admin.apiKey);
  const { body } = await api.generate({ role_id: 'viewer', expiry: 'never' });
  const refused = [
    await api.revoke(admin.apiKey),
    await api.generate({ role_id: admin.apiKey, expiry: 'never' }),
    await api.list({ next_token: admin.apiKey }),
    await api.send('POST', '/api-keys', admin.apiKey),
  ];
  await v2CacheClient(momento, admin.apiKey).get('cache', 'key');
  await cacheClient(momento, momento.issueKey().apiKey).get('cache', 'key');

  const secrets = momento.secretsInPlay();
  expect(secrets).toHaveLength(5);
  expect(secrets).toEqual(expect.arrayContaining([admin.apiKey, body['api_key']]));
  const told = JSON.stringify([momento.calls, momento.issuedKeys(), momento.liveV2Keys(), refused]);
  expect(findLeaks(told, secrets)).toEqual([]);
});

test('an account generates, lists and revokes v2 keys in process', () => {
  const clock = standingClock();
  const account = createAccount({ now: clock.now });
  account.caches.create('cache');
  const admin = account.issueV2Key({ roleId: 'owner', description: 'admin' });
  const expiry = clock.epochSeconds() + 60;
  const key = account.generateApiKey(admin, { roleId: 'viewer', description: 'mine', expiry });
  expect(key).toMatchObject({ id: 'key-2', from: 'key-1', validUntil: expiry, v2: { description: 'mine' } });
  expect(account.get(key, 'cache', 'key')).toBeUndefined();
  expect(account.listApiKeys(admin)).toEqual({ keys: [admin, key] });
  account.revokeApiKey(admin, key.id);
  expect(() => account.get(key, 'cache', 'key')).toThrow(expect.objectContaining({ code: 'UNAUTHENTICATED' }));
  expect(account.keys.stateOf(key.apiKey)).toBe('revoked');
  for (const call of [
    () => account.generateApiKey(key, { roleId: 'viewer', expiry }),
    () => account.listApiKeys(key),
    () => account.revokeApiKey(key, admin.id),
  ]) {
    expect(call).toThrow(expect.objectContaining({ code: 'UNAUTHENTICATED' }));
  }
});
