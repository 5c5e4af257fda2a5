import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Mishap } from '../../src/local/faults.ts';
import type { HttpError } from '../../src/local/momento/calls.ts';
import { type IssuedV2Key, type LocalMomento, startMomento } from '../../src/local/momento/momento.ts';
import { type ApiKeys, apiKeys } from '../../src/momento/api-keys.ts';

let momento: LocalMomento;
let admin: IssuedV2Key;
let api: ApiKeys;

beforeEach(async () => {
  momento = await startMomento();
  admin = momento.issueV2Key({ roleId: 'owner', description: 'admin', validForSeconds: 'never' });
  api = apiKeys(momento.apiKeysEndpoint, admin.apiKey);
});
afterEach(() => momento.close());

const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;
const viewer = (expiry: number | undefined) => ({ roleId: 'viewer', description: 'é "quoted"', expiry });

describe('a key', () => {
  test('is generated with a role, a description and an expiry', async () => {
    const expiry = inAnHour();
    const { apiKey, info } = await api.generate(viewer(expiry), 5000);

    expect(momento.isValid(apiKey)).toBe(true);
    expect(info).toEqual({
      keyId: momento.idOf(apiKey),
      roleId: 'viewer',
      description: 'é "quoted"',
      issuedAt: expect.any(Date),
      expiresAt: new Date(expiry * 1000),
    });
    expect(momento.liveV2Keys().at(-1)).toMatchObject({ roleId: 'viewer', description: 'é "quoted"' });
  });

  test('may never expire', async () => {
    const { info } = await api.generate(viewer(undefined), 5000);
    expect(info.expiresAt).toBeUndefined();
  });

  test('is revoked', async () => {
    const { apiKey, info } = await api.generate(viewer(undefined), 5000);
    await api.revoke(info.keyId, 5000);
    expect(momento.isValid(apiKey)).toBe(false);
  });

  test('whose id has a meaning in addresses cannot lead elsewhere', async () => {
    await expect(api.revoke('../x?y=#z', 5000)).rejects.toMatchObject({ status: 404, isRefusal: true });
    expect(momento.calls.at(-1)?.rpc).toBe('RevokeApiKey');
  });
});

test('keys are listed in pages', async () => {
  for (let key = 0; key < 150; key += 1) momento.issueV2Key({ validForSeconds: key === 0 ? 60 : 'never' });
  const first = await api.list(undefined, 5000);
  const second = await api.list(first.nextToken, 5000);

  expect(first.keys).toHaveLength(100);
  expect(second).toMatchObject({ nextToken: undefined });
  expect([...first.keys, ...second.keys].map(({ keyId }) => keyId)).toEqual(
    momento.liveV2Keys().map(({ keyId }) => keyId),
  );
  expect(first.keys[0]).toEqual({
    keyId: admin.keyId,
    roleId: 'owner',
    description: 'admin',
    issuedAt: expect.any(Date),
    expiresAt: undefined,
  });
  expect(first.keys[1]?.expiresAt).toEqual(expect.any(Date));
});

const operations: Record<string, [call: string, perform: (timeoutMs: number) => Promise<unknown>]> = {
  generate: ['GenerateApiKey', (timeoutMs) => api.generate(viewer(undefined), timeoutMs)],
  list: ['ListApiKeys', (timeoutMs) => api.list(undefined, timeoutMs)],
  revoke: ['RevokeApiKey', (timeoutMs) => api.revoke(momento.issueV2Key().keyId, timeoutMs)],
};

describe.each(Object.entries(operations))('%s fails', (_, [call, perform]) => {
  test.each<[string, Mishap<HttpError>, object]>([
    [
      'for good',
      { kind: 'error', error: { status: 403 } },
      { reason: 'HTTP 403', isRefusal: true, mayHaveWorked: false },
    ],
    [
      'throttled',
      { kind: 'error', error: { status: 429 } },
      { reason: 'HTTP 429', isRefusal: false, mayHaveWorked: false },
    ],
    ['too slow a request', { kind: 'error', error: { status: 408 } }, { isRefusal: false, mayHaveWorked: true }],
    ['by an error of the server', { kind: 'error', error: { status: 500 } }, { isRefusal: false, mayHaveWorked: true }],
    ['by a broken connection', { kind: 'disconnect' }, { isRefusal: false, mayHaveWorked: true, status: undefined }],
    ['by an answer that is no JSON', { kind: 'malformed' }, { reason: 'MALFORMED_RESPONSE', mayHaveWorked: true }],
    ['without an answer', { kind: 'silence' }, { reason: 'TimeoutError', isRefusal: false, mayHaveWorked: true }],
  ])('%s', async (__, mishap, error) => {
    momento.apiKeysFaults.add({ call, at: 'after', mishap });
    await expect(perform(mishap.kind === 'silence' ? 50 : 5000)).rejects.toMatchObject({
      name: 'ApiKeysError',
      ...error,
    });
  });
});

test('a service that is not there has done nothing', async () => {
  await momento.close();
  await expect(operations['generate']?.[1](5000)).rejects.toMatchObject({
    reason: 'ECONNREFUSED',
    isRefusal: false,
    mayHaveWorked: false,
  });
});

test('no error quotes the key', async () => {
  const strange = apiKeys(momento.apiKeysEndpoint, 'hunter2\n');
  const error = await strange.list(undefined, 5000).catch((failure: Error) => failure);
  expect(error).toMatchObject({ name: 'ApiKeysError' });
  expect(JSON.stringify([error, (error as Error).message, (error as Error).stack])).not.toContain('hunter2');
  expect((error as Error).cause).toBeUndefined();
});
