import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { LocalMomentoOptions } from '../../../src/local/momento/momento.ts';
import { apiKeysClient, keyIds } from './api-keys.ts';
import { momentoForTest, standingClock, v2CacheClient, verdict } from './sdk.ts';

/** A Momento with an admin key, which is `key-1`, and its client. */
async function withAdmin(options?: LocalMomentoOptions) {
  const momento = await momentoForTest(options);
  const admin = momento.issueV2Key({ roleId: 'owner', description: 'admin' });
  return { momento, admin, api: apiKeysClient(momento, admin.apiKey) };
}

describe('generate', () => {
  test('issues a key that is bound to its role, and tells of it', async () => {
    const clock = standingClock();
    const { momento, api } = await withAdmin({ now: clock.now });
    const expiry = clock.epochSeconds() + 60;
    const { status, headers, body } = await api.generate({ role_id: 'viewer', description: 'mine', expiry });
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(body).toEqual({
      api_key: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      key_info: {
        key_id: 'key-2',
        account_id: 'local',
        description: 'mine',
        role_id: 'viewer',
        expires_at_epoch_seconds: expiry,
        issued_at_epoch_seconds: clock.epochSeconds(),
      },
    });
    expect(momento.issuedKeys()[1]).toEqual({
      id: 'key-2',
      origin: 'GenerateApiKey',
      from: 'key-1',
      validUntil: expiry,
    });
    const client = v2CacheClient(momento, body['api_key'] as string);
    expect(verdict(await client.get('cache', 'key'))).toBe('Miss');
    expect(verdict(await client.set('cache', 'key', 'value'))).toBe('PERMISSION_ERROR');
  });

  test('issues a key that never expires, with no date, and needs no description', async () => {
    const { api } = await withAdmin();
    const { body } = await api.generate({ role_id: 'viewer', expiry: 'never' });
    expect(body['key_info']).toEqual({
      key_id: 'key-2',
      account_id: 'local',
      description: '',
      role_id: 'viewer',
      issued_at_epoch_seconds: expect.any(Number),
    });
  });

  const now = standingClock().epochSeconds();
  test.each([
    ['no JSON', '{', /^the body/],
    ['nothing', '', /^the body/],
    ['null', 'null', /^the body/],
    ['a body that is too long', `{"a":"${'x'.repeat(20_000)}"}`, /^the body/],
    ['no role', { expiry: 'never' }, /^role_id/],
    ['a role of another type', { role_id: 7, expiry: 'never' }, /^role_id/],
    ['a description of another type', { role_id: 'viewer', description: 7, expiry: 'never' }, /^description/],
    ['a description that is too long', { role_id: 'viewer', description: 'x'.repeat(257), expiry: 'never' }, /^desc/],
    ['no expiry', { role_id: 'viewer' }, /^expiry/],
    ['another word for expiry', { role_id: 'viewer', expiry: 'soon' }, /^expiry/],
    ['an expiry as text', { role_id: 'viewer', expiry: String(now + 60) }, /^expiry/],
    ['an expiry with fractions', { role_id: 'viewer', expiry: now + 0.5 }, /^expiry/],
    ['an expiry in milliseconds', { role_id: 'viewer', expiry: Number.MAX_SAFE_INTEGER + 1 }, /^expiry/],
    ['an expiry that is not in the future', { role_id: 'viewer', expiry: now }, /^expiry/],
  ])('refuses %s', async (_, content, message) => {
    const { momento, api } = await withAdmin({ now: standingClock().now });
    const body = typeof content === 'string' ? content : JSON.stringify(content);
    expect(await api.send('POST', '/api-keys', body)).toMatchObject({
      status: 400,
      body: { code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) },
    });
    expect(momento.liveV2Keys()).toHaveLength(1);
  });

  test('refuses a role that does not exist, or no longer', async () => {
    const { momento, api } = await withAdmin();
    momento.createRole({ roleId: 'mine', permissions: 'super-user', mayManageKeys: false });
    expect(await api.generate({ role_id: 'mine', expiry: 'never' })).toMatchObject({ status: 200 });
    momento.deleteRole('mine');
    for (const role_id of ['mine', 'none']) {
      expect(await api.generate({ role_id, expiry: 'never' })).toMatchObject({
        status: 404,
        body: { code: 'NOT_FOUND' },
      });
    }
  });

  test('breaks off a body without end', async () => {
    const { momento, admin } = await withAdmin();
    const headers = { authorization: admin.apiKey };
    const sent = request(`${momento.apiKeysEndpoint}/api-keys`, { method: 'POST', headers });
    const failed = new Promise<Error>((resolve) => sent.once('error', resolve));
    sent.write(Buffer.alloc(2_000_000));
    expect(await failed).toBeInstanceOf(Error);
    expect(momento.calls).toMatchObject([{ rpc: 'GenerateApiKey', outcome: 'NOTHING' }]);
  });
});

describe('list', () => {
  test('tells of every v2 key, page by page, and never the key itself', async () => {
    const { momento, admin, api } = await withAdmin();
    momento.issueKey();
    for (const description of ['a', 'b', 'c']) momento.issueV2Key({ description });

    const first = await api.list({ limit: '2' });
    const second = await api.list({ limit: '2', next_token: first.body['next_token'] as string });
    expect([first, second].map(keyIds)).toEqual([
      ['key-1', 'key-3'],
      ['key-4', 'key-5'],
    ]);
    expect(second.body).not.toHaveProperty('next_token');
    expect(JSON.stringify([first, second])).not.toContain(admin.apiKey);
    expect((await api.list()).body['key_info']).toMatchObject([
      { role_id: 'owner', description: 'admin' },
      { role_id: 'operator', description: 'a' },
      { description: 'b' },
      { description: 'c' },
    ]);
  });

  test('gives a token that has to be encoded in a URL', async () => {
    const { momento, api } = await withAdmin();
    momento.issueV2Key();
    const { body } = await api.list({ limit: '1' });
    expect(await api.send('GET', `/api-keys?next_token=${body['next_token']}`)).toMatchObject({ status: 400 });
  });

  test.each([
    'limit=0',
    'limit=101',
    'limit=-1',
    'limit=1.5',
    'limit=',
    'limit=many',
    'next_token=',
    'next_token=none',
    `next_token=${encodeURIComponent(Buffer.from('\xfbkey-7', 'latin1').toString('base64'))}`,
  ])('refuses %s', async (query) => {
    const { api } = await withAdmin();
    expect(await api.send('GET', `/api-keys?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'INVALID_ARGUMENT' },
    });
  });

  test('takes up to a hundred', async () => {
    const { momento, api } = await withAdmin();
    for (let count = 0; count < 100; count += 1) momento.issueV2Key();
    expect(keyIds(await api.list({ limit: '100' }))).toHaveLength(100);
  });
});

describe('revoke', () => {
  test('is effective at once, for reads, for the API and for the list', async () => {
    const { momento, api } = await withAdmin();
    const key = momento.issueV2Key({ roleId: 'owner' });
    const client = v2CacheClient(momento, key.apiKey);
    expect(verdict(await client.get('cache', 'key'))).toBe('Miss');

    expect(await api.revoke(key.keyId)).toMatchObject({ status: 200, body: {} });

    expect(verdict(await client.get('cache', 'key'))).toBe('AUTHENTICATION_ERROR');
    expect(await apiKeysClient(momento, key.apiKey).list()).toMatchObject({ status: 401 });
    expect(keyIds(await api.list())).toEqual(['key-1']);
    expect(momento.isValid(key.apiKey)).toBe(false);
    expect(momento.liveV2Keys()).toEqual([{ keyId: 'key-1', roleId: 'owner', description: 'admin' }]);
    expect(momento.calls).toContainEqual(
      expect.objectContaining({ rpc: 'RevokeApiKey', keyId: 'key-1', revokes: 'key-2', outcome: 200 }),
    );
  });

  test('takes a key id in any encoding of a URL', async () => {
    const { momento, api } = await withAdmin();
    momento.issueV2Key();
    expect(await api.send('DELETE', '/api-keys/%6bey%2D2')).toMatchObject({ status: 200 });
    expect(momento.liveV2Keys()).toHaveLength(1);
  });

  test('finds neither an unknown key, nor a v1 key, nor what is no id', async () => {
    const { momento, api } = await withAdmin();
    const v1 = momento.issueKey();
    for (const keyId of [v1.id, 'key-99', 'a/b', '%']) {
      expect(await api.revoke(keyId)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    }
    expect(await api.send('DELETE', '/api-keys/%')).toMatchObject({ status: 404 });
    expect(momento.isValid(v1.apiKey)).toBe(true);
  });
});

describe('only a key that may manage keys is let in', () => {
  test.each([
    ['no key', () => undefined, 401],
    ['what is no key', () => 'none', 401],
    ['another scheme', (_, admin) => `Bearer ${admin}`, 401],
    ['a role that may not', (momento) => momento.issueV2Key({ roleId: 'operator' }).apiKey, 403],
    ['a v1 super user', (momento) => inner(momento.issueKey().apiKey), 403],
    [
      'a key whose role was deleted',
      (momento) => {
        momento.createRole({ roleId: 'mine', permissions: [], mayManageKeys: true });
        const { apiKey } = momento.issueV2Key({ roleId: 'mine' });
        momento.deleteRole('mine');
        return apiKey;
      },
      403,
    ],
  ] as [string, (momento: Awaited<ReturnType<typeof momentoForTest>>, admin: string) => string | undefined, number][])(
    'not %s, however senseless the request',
    async (_, apiKey, status) => {
      const { momento, admin } = await withAdmin();
      const api = apiKeysClient(momento, apiKey(momento, admin.apiKey));
      const before = momento.liveV2Keys();
      for (const answer of [
        await api.send('POST', '/api-keys', '{'),
        await api.list({ limit: 'many' }),
        await api.revoke(admin.keyId),
      ]) {
        const code = status === 401 ? 'UNAUTHENTICATED' : 'PERMISSION_DENIED';
        expect(answer).toMatchObject({ status, body: { code, message: expect.any(String) } });
      }
      expect(momento.liveV2Keys()).toEqual(before);
    },
  );

  test('not when it has expired', async () => {
    const clock = standingClock();
    const momento = await momentoForTest({ now: clock.now });
    const api = apiKeysClient(momento, momento.issueV2Key({ roleId: 'owner', validForSeconds: 60 }).apiKey);
    expect(await api.list()).toMatchObject({ status: 200 });
    clock.forward(60);
    expect(await api.list()).toMatchObject({ status: 401 });
  });

  test('one that may do nothing else will do', async () => {
    const momento = await momentoForTest();
    momento.createRole({ roleId: 'keys only', permissions: [], mayManageKeys: true });
    const { apiKey } = momento.issueV2Key({ roleId: 'keys only' });
    expect(await apiKeysClient(momento, apiKey).list()).toMatchObject({ status: 200 });
    expect(verdict(await v2CacheClient(momento, apiKey).get('cache', 'key'))).toBe('PERMISSION_ERROR');
  });
});

test.each([
  ['GET', '/'],
  ['PUT', '/api-keys'],
  ['DELETE', '/api-keys'],
  ['GET', '/api-keys/key-1'],
  ['DELETE', '/api-keys/key-1/more'],
])('%s %s is nothing that there is', async (method, path) => {
  const { momento, api } = await withAdmin();
  expect(await api.send(method, path)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  expect(momento.calls).toMatchObject([{ rpc: 'Unknown', outcome: 404 }]);
});

test('the API listens on loopback only', async () => {
  const { momento } = await withAdmin();
  expect(momento.apiKeysEndpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

const inner = (v1Key: string): string => JSON.parse(Buffer.from(v1Key, 'base64').toString()).api_key;
