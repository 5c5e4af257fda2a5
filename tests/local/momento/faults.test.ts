import { describe, expect, test } from 'vitest';
import type { Call } from '../../../src/local/momento/calls.ts';
import type { LocalMomento } from '../../../src/local/momento/momento.ts';
import { authClient, cacheClient, momentoForTest, verdict } from './sdk.ts';

const LONG = 10 * 60 * 1000;

/** Resolves with the next call that is decided. */
function nextCall(momento: LocalMomento): Promise<Call> {
  return new Promise((resolve) => {
    const unsubscribe = momento.subscribe((call) => {
      unsubscribe();
      resolve(call);
    });
  });
}

describe.each([
  { at: 'before', issued: 1 },
  { at: 'after', issued: 2 },
] as const)('a fault $at the effect of a refresh', ({ at, issued }) => {
  test('error: answers with its status', async () => {
    const momento = await momentoForTest();
    const key = momento.issueKey();
    momento.faults.add({
      call: 'RefreshApiToken',
      at,
      mishap: { kind: 'error', error: { code: 'RESOURCE_EXHAUSTED', details: 'slow down' } },
    });
    const response = await authClient(momento, key.apiKey).refreshApiKey(key.refreshToken ?? '');
    expect(verdict(response)).toBe('LIMIT_EXCEEDED_ERROR');
    expect(response.toString()).toContain('slow down');
    expect(momento.issuedKeys()).toHaveLength(issued);
    expect(momento.calls).toMatchObject([
      { rpc: 'RefreshApiToken', keyId: 'key-1', outcome: 'RESOURCE_EXHAUSTED', fault: { at, kind: 'error' } },
    ]);
  });

  test('delay: answers as usual', async () => {
    const momento = await momentoForTest();
    const key = momento.issueKey();
    momento.faults.add({ call: 'RefreshApiToken', at, mishap: { kind: 'delay', ms: 10 } });
    const response = await authClient(momento, key.apiKey).refreshApiKey(key.refreshToken ?? '');
    expect(verdict(response)).toBe('Success');
    expect(momento.issuedKeys()).toHaveLength(2);
    expect(momento.calls).toMatchObject([{ outcome: 'OK', fault: { at, kind: 'delay' } }]);
  });

  test('delay: the effect waits, or only the answer', async () => {
    const momento = await momentoForTest();
    const key = momento.issueKey();
    const client = authClient(momento, key.apiKey);
    momento.faults.add({ call: 'RefreshApiToken', at, mishap: { kind: 'delay', ms: LONG } });
    const late = client.refreshApiKey(key.refreshToken ?? '');
    // The second call follows the first on the same connection: when it is answered, the first has arrived.
    expect(verdict(await client.refreshApiKey('wrong'))).toBe('AUTHENTICATION_ERROR');
    expect(momento.issuedKeys()).toHaveLength(issued);
    await momento.close();
    expect(verdict(await late)).toBe('SERVER_UNAVAILABLE');
    expect(momento.issuedKeys()).toHaveLength(issued);
  });

  test('silence: no answer, until the connection is closed', async () => {
    const momento = await momentoForTest();
    const key = momento.issueKey();
    const client = authClient(momento, key.apiKey);
    momento.faults.add({ call: 'RefreshApiToken', at, mishap: { kind: 'silence' } });
    let answered = false;
    const silent = client.refreshApiKey(key.refreshToken ?? '').finally(() => {
      answered = true;
    });
    expect(verdict(await client.refreshApiKey('wrong'))).toBe('AUTHENTICATION_ERROR');
    expect(answered).toBe(false);
    expect(momento.calls[0]).toMatchObject({ outcome: 'NOTHING', fault: { at, kind: 'silence' } });
    expect(momento.issuedKeys()).toHaveLength(issued);
    await momento.close();
    expect(verdict(await silent)).toBe('SERVER_UNAVAILABLE');
  });

  test('disconnect: the connection is reset, and the next call makes a new one', async () => {
    const momento = await momentoForTest();
    const key = momento.issueKey();
    const client = authClient(momento, key.apiKey);
    momento.faults.add({ call: 'RefreshApiToken', at, mishap: { kind: 'disconnect' } });
    expect(verdict(await client.refreshApiKey(key.refreshToken ?? ''))).toBe('SERVER_UNAVAILABLE');
    expect(momento.issuedKeys()).toHaveLength(issued);
    expect(momento.calls).toMatchObject([{ outcome: 'NOTHING', fault: { at, kind: 'disconnect' } }]);
    expect(verdict(await client.refreshApiKey(key.refreshToken ?? ''))).toBe('Success');
  });

  test('malformed: the caller cannot parse the answer', async () => {
    const momento = await momentoForTest();
    const key = momento.issueKey();
    momento.faults.add({ call: 'RefreshApiToken', at, mishap: { kind: 'malformed' } });
    const response = await authClient(momento, key.apiKey).refreshApiKey(key.refreshToken ?? '');
    expect(verdict(response)).toBe('INTERNAL_SERVER_ERROR');
    expect(momento.issuedKeys()).toHaveLength(issued);
    expect(momento.calls).toMatchObject([{ outcome: 'MALFORMED', fault: { at, kind: 'malformed' } }]);
  });
});

test.each([
  { code: 'UNAUTHENTICATED', error: 'AUTHENTICATION_ERROR' },
  { code: 'PERMISSION_DENIED', error: 'PERMISSION_ERROR' },
  { code: 'NOT_FOUND', error: 'NOT_FOUND_ERROR' },
  { code: 'RESOURCE_EXHAUSTED', error: 'LIMIT_EXCEEDED_ERROR' },
  { code: 'UNAVAILABLE', error: 'SERVER_UNAVAILABLE' },
  { code: 'DEADLINE_EXCEEDED', error: 'TIMEOUT_ERROR' },
  { code: 'INTERNAL', error: 'INTERNAL_SERVER_ERROR' },
  { code: 'INVALID_ARGUMENT', error: 'INVALID_ARGUMENT_ERROR' },
] as const)('a read that fails with $code is $error to the SDK', async ({ code, error }) => {
  const momento = await momentoForTest();
  const client = cacheClient(momento, momento.issueKey().apiKey);
  momento.faults.add({ call: 'Get', times: Number.POSITIVE_INFINITY, mishap: { kind: 'error', error: { code } } });
  expect(verdict(await client.get('cache', 'key'))).toBe(error);
});

test('a read that is not answered times out', async () => {
  const momento = await momentoForTest();
  const client = cacheClient(momento, momento.issueKey().apiKey);
  momento.faults.add({ call: 'Get', mishap: { kind: 'silence' }, times: Number.POSITIVE_INFINITY });
  expect(verdict(await client.get('cache', 'key'))).toBe('TIMEOUT_ERROR');
});

test('a write whose answer is lost has happened', async () => {
  const momento = await momentoForTest();
  const client = cacheClient(momento, momento.issueKey().apiKey);
  momento.faults.add({ call: 'Set', at: 'after', mishap: { kind: 'error', error: { code: 'DEADLINE_EXCEEDED' } } });
  expect(verdict(await client.set('cache', 'key', 'value'))).toBe('TIMEOUT_ERROR');
  expect(verdict(await client.get('cache', 'key'))).toBe('Hit');
});

test('a listener hears of each call until it stops listening', async () => {
  const momento = await momentoForTest();
  const client = cacheClient(momento, momento.issueKey().apiKey);
  const heard = nextCall(momento);
  await client.get('cache', 'key');
  await client.set('cache', 'key', 'value');
  expect(await heard).toMatchObject({ rpc: 'Get', keyId: 'key-1', cache: 'cache', outcome: 'OK' });
  expect(momento.calls.map(({ rpc }) => rpc)).toEqual(['Get', 'Set']);
});

test('neither the transcript nor the list of keys holds a secret', async () => {
  const momento = await momentoForTest();
  const key = momento.issueKey();
  const client = authClient(momento, key.apiKey);
  await client.refreshApiKey(key.refreshToken ?? '');
  await client.refreshApiKey('wrong');
  await cacheClient(momento, key.apiKey).get('cache', 'key');

  const secrets = momento.secretsInPlay();
  const inner = JSON.parse(Buffer.from(key.apiKey, 'base64').toString()).api_key;
  expect(secrets).toHaveLength(6);
  expect(secrets).toEqual(expect.arrayContaining([key.apiKey, inner, key.refreshToken]));
  const told = JSON.stringify([momento.calls, momento.issuedKeys()]);
  for (const secret of secrets) expect(told).not.toContain(secret);
});

test('a port that is taken is refused', async () => {
  const momento = await momentoForTest();
  const port = Number(momento.endpoint.split(':')[1]);
  await expect(momentoForTest({ port })).rejects.toThrow('EADDRINUSE');
});
