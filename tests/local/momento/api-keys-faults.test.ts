import { describe, expect, test, vi } from 'vitest';
import { apiKeysClient } from './api-keys.ts';
import { momentoForTest } from './sdk.ts';

const REQUEST = { role_id: 'viewer', description: 'mine', expiry: 'never' };
const LONG = 10 * 60 * 1000;

async function withAdmin() {
  const momento = await momentoForTest();
  const api = apiKeysClient(momento, momento.issueV2Key({ roleId: 'owner' }).apiKey);
  return { momento, api };
}

describe.each([
  { at: 'before', live: 1 },
  { at: 'after', live: 2 },
] as const)('a fault $at the effect', ({ at, live }) => {
  test.each([
    { status: 400, code: 'INVALID_ARGUMENT' },
    { status: 401, code: 'UNAUTHENTICATED' },
    { status: 403, code: 'PERMISSION_DENIED' },
    { status: 404, code: 'NOT_FOUND' },
    { status: 429, code: 'RESOURCE_EXHAUSTED' },
    { status: 500, code: 'INTERNAL' },
    { status: 503, code: 'UNKNOWN' },
  ])('error: answers $status', async ({ status, code }) => {
    const { momento, api } = await withAdmin();
    const error = { status, message: 'slow down', retryAfter: 3 };
    momento.apiKeysFaults.add({ call: 'GenerateApiKey', at, mishap: { kind: 'error', error } });
    const answer = await api.generate(REQUEST);
    expect(answer).toMatchObject({ status, body: { code, message: 'slow down' } });
    expect(answer.headers.get('retry-after')).toBe('3');
    expect(momento.liveV2Keys()).toHaveLength(live);
    expect(momento.calls).toMatchObject([
      { rpc: 'GenerateApiKey', keyId: 'key-1', outcome: status, fault: { at, kind: 'error' } },
    ]);
  });

  test('delay: answers as usual', async () => {
    const { momento, api } = await withAdmin();
    momento.apiKeysFaults.add({ call: 'GenerateApiKey', at, mishap: { kind: 'delay', ms: 10 } });
    expect(await api.generate(REQUEST)).toMatchObject({ status: 200, body: { key_info: { key_id: 'key-2' } } });
    expect(momento.calls).toMatchObject([{ outcome: 200, fault: { at, kind: 'delay' } }]);
  });

  test('delay and silence do not keep the stand-in from closing', async () => {
    const { momento, api } = await withAdmin();
    momento.apiKeysFaults.add(
      { call: 'GenerateApiKey', at, mishap: { kind: 'delay', ms: LONG } },
      { call: 'GenerateApiKey', at, mishap: { kind: 'silence' } },
    );
    const failures = [api.generate(REQUEST), api.generate(REQUEST)].map((answer) =>
      answer.catch((error: Error) => error),
    );
    await vi.waitFor(() => expect(momento.calls).toMatchObject([{ fault: { kind: 'silence' } }]));
    if (at === 'after') await vi.waitFor(() => expect(momento.liveV2Keys()).toHaveLength(3));
    else expect(momento.liveV2Keys()).toHaveLength(1);
    await momento.close();
    for (const failure of await Promise.all(failures)) expect(failure).toBeInstanceOf(TypeError);
    await vi.waitFor(() => expect(momento.calls.map(({ outcome }) => outcome)).toEqual(['NOTHING', 'NOTHING']));
  });

  test('silence: no answer, until the caller gives up', async () => {
    const { momento, api } = await withAdmin();
    momento.apiKeysFaults.add({ call: 'GenerateApiKey', at, mishap: { kind: 'silence' } });
    const decided = new Promise((resolve) => momento.subscribe(resolve));
    const caller = new AbortController();
    const answer = api.generate(REQUEST, caller.signal);
    expect(await decided).toMatchObject({ outcome: 'NOTHING', fault: { at, kind: 'silence' } });
    caller.abort();
    await expect(answer).rejects.toThrow();
    expect(momento.liveV2Keys()).toHaveLength(live);
  });

  test('disconnect: the connection is reset, and the next call makes a new one', async () => {
    const { momento, api } = await withAdmin();
    momento.apiKeysFaults.add({ call: 'GenerateApiKey', at, mishap: { kind: 'disconnect' } });
    await expect(api.generate(REQUEST)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    expect(momento.liveV2Keys()).toHaveLength(live);
    expect(momento.calls).toMatchObject([{ outcome: 'NOTHING', fault: { at, kind: 'disconnect' } }]);
    expect(await api.generate(REQUEST)).toMatchObject({ status: 200 });
  });

  test('malformed: the caller cannot parse the answer', async () => {
    const { momento, api } = await withAdmin();
    momento.apiKeysFaults.add({ call: 'GenerateApiKey', at, mishap: { kind: 'malformed' } });
    await expect(api.generate(REQUEST)).rejects.toThrow(SyntaxError);
    expect(momento.liveV2Keys()).toHaveLength(live);
    expect(momento.calls).toMatchObject([{ outcome: 'MALFORMED', fault: { at, kind: 'malformed' } }]);
  });
});

test('a fault strikes the call that it names', async () => {
  const { momento, api } = await withAdmin();
  for (const call of ['GenerateApiKey', 'ListApiKeys', 'RevokeApiKey']) {
    momento.apiKeysFaults.add({ call, mishap: { kind: 'error', error: { status: 429 } } });
  }
  const calls = () => Promise.all([api.generate(REQUEST), api.list(), api.revoke('key-1')]);
  expect(await calls()).toMatchObject([{ status: 429 }, { status: 429 }, { status: 429 }]);
  expect(await calls()).toMatchObject([{ status: 200 }, { status: 200 }, { status: 200 }]);
});

test('a revocation whose answer is lost has happened', async () => {
  const { momento, api } = await withAdmin();
  const { apiKey, keyId } = momento.issueV2Key();
  momento.apiKeysFaults.add({ call: 'RevokeApiKey', at: 'after', mishap: { kind: 'error', error: { status: 500 } } });
  expect(await api.revoke(keyId)).toMatchObject({ status: 500 });
  expect(momento.isValid(apiKey)).toBe(false);
});
