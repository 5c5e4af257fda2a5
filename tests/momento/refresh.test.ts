import { AuthClient, ExpiresAt, RefreshApiKey } from '@gomomento/sdk';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Mishap } from '../../src/local/faults.ts';
import type { GrpcError } from '../../src/local/momento/calls.ts';
import { startMomento } from '../../src/local/momento/momento.ts';
import { createAuthConnection } from '../../src/momento/auth-connection.ts';
import { refresh } from '../../src/momento/refresh.ts';
import type { V1SecretValue } from '../../src/momento/v1-secret-value.ts';
import { readV1 } from './read-v1.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const apiKey = Buffer.from('{"endpoint":"127.0.0.1:1","api_key":"inner"}').toString('base64');
const value = readV1(JSON.stringify({ apiKey, refreshToken: 'refresh', validUntil: 1 }));
const refreshOnce = (current: V1SecretValue, timeoutMs: number) => refresh(createAuthConnection(), current, timeoutMs);
const inAnHour = () => ExpiresAt.fromEpoch(Math.floor(Date.now() / 1000) + 3600);

describe('an answer that does not hold a key that could be rotated again is no answer', () => {
  test.each([
    ['no refresh token', new RefreshApiKey.Success('inner', '', 'example.com', inAnHour())],
    ['no key', new RefreshApiKey.Success('', 'refresh', 'example.com', inAnHour())],
    ['no endpoint', new RefreshApiKey.Success('inner', 'refresh', '', inAnHour())],
    ['no expiry', new RefreshApiKey.Success('inner', 'refresh', 'example.com', ExpiresAt.fromEpoch(0))],
  ])('%s', async (_, answer) => {
    vi.spyOn(AuthClient.prototype, 'refreshApiKey').mockResolvedValue(answer);

    expect(await refreshOnce(value, 1000)).toEqual({
      kind: 'unavailable',
      reason: 'MALFORMED_RESPONSE',
    });
  });
});

test.each(['UNAUTHENTICATED', 'PERMISSION_DENIED', 'INVALID_ARGUMENT', 'NOT_FOUND', 'FAILED_PRECONDITION'] as const)(
  '%s is a refusal',
  async (code) => {
    const momento = await startMomento();
    momento.faults.add({ call: 'RefreshApiToken', mishap: { kind: 'error', error: { code } } });
    const answer = await refreshOnce(readV1(momento.issueKey().secretString), 5000);
    await momento.close();

    expect(answer.kind).toBe('refused');
  },
);

test.each<[string, Mishap<GrpcError>, string]>([
  ['silence', { kind: 'silence' }, 'TIMEOUT_ERROR'],
  ['a server that is not there', { kind: 'error', error: { code: 'UNAVAILABLE' } }, 'SERVER_UNAVAILABLE'],
])('after %s, asking again may succeed', async (_, mishap, reason) => {
  const momento = await startMomento();
  momento.faults.add({ call: 'RefreshApiToken', mishap });
  const answer = await refreshOnce(readV1(momento.issueKey().secretString), 1000);
  await momento.close();

  expect(answer).toEqual({ kind: 'unavailable', reason });
});

test('a request to slow down is told from that, and costs no new connection', async () => {
  const momento = await startMomento();
  onTestFinished(() => momento.close());
  const connection = createAuthConnection();
  onTestFinished(() => connection.close());
  const current = readV1(momento.issueKey().secretString);
  momento.faults.add({ call: 'RefreshApiToken', mishap: { kind: 'error', error: { code: 'RESOURCE_EXHAUSTED' } } });

  const client = connection.clientFor(current.apiKey);
  expect(await refresh(connection, current, 5000)).toEqual({ kind: 'throttled', reason: 'LIMIT_EXCEEDED_ERROR' });
  expect(connection.clientFor(current.apiKey)).toBe(client);
});

test("an expired key's refresh is refused, whichever way Momento says so", async () => {
  for (const expiredKeyRefreshError of ['UNAUTHENTICATED', 'INVALID_ARGUMENT'] as const) {
    let now = new Date();
    const momento = await startMomento({ now: () => now, behaviour: { expiredKeyRefreshError } });
    const seeded = readV1(momento.issueKey({ validForSeconds: 60 }).secretString);
    now = new Date(now.getTime() + 61_000);

    expect(await refreshOnce(seeded, 5000)).toMatchObject({ kind: 'refused' });
    await momento.close();
  }
});

test('the new value holds the new key, and is read back', async () => {
  const momento = await startMomento();
  const answer = await refreshOnce(readV1(momento.issueKey().secretString), 5000);
  await momento.close();

  if (answer.kind !== 'refreshed') throw new Error(`expected a key, got ${answer.kind}`);
  expect(answer.value).toMatchObject({ apiKey: { endpoint: momento.endpoint } });
  expect(momento.isValid(JSON.parse(answer.secretString).apiKey)).toBe(true);
});
