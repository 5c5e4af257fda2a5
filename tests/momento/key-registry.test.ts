import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { keyRegistryAccess } from '../../src/momento/key-registry.ts';
import { expiryOf } from '../../src/momento/lifetime.ts';
import { readSecretValue, type SecretValue } from '../../src/momento/secret-value.ts';
import type { V2SecretValue } from '../../src/momento/v2-secret-value.ts';
import type { IssueRequest } from '../../src/revocation/registry.ts';
import type { Credential } from '../../src/rotation/credential.ts';

const jwt = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"t":"g"}').toString('base64url')}.c2ln`;
const current = readSecretValue(
  JSON.stringify({ apiKey: jwt, endpoint: 'cell-1.example.com', keyId: 'id', roleId: 'role' }),
) as V2SecretValue;
const management = { roleId: 'role', manager: { kind: 'itself', key: current } } as const;
/** What was generated, as it is read. */
const credentialOf = (value: SecretValue) => value as unknown as Credential;
const request: IssueRequest = {
  description: 'd',
  shortDescription: 'd',
  now: new Date(0),
  predecessor: undefined,
  storedAt: undefined,
};

async function issueAnswered(answer: unknown, isRevocable = true, asked = request, status = 200) {
  const requests: string[] = [];
  const server = createServer(({ method, url }, response) => {
    requests.push(`${method} ${url}`);
    response.statusCode = method === 'DELETE' && !isRevocable ? 500 : status;
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const apiKeysEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const access = keyRegistryAccess({ current, management, settings: { apiKeysEndpoint }, credentialOf });
  if (access.adminSecret !== undefined) throw new Error('Its key manages itself.');
  return { issue: await access.open().issue(asked, 5000), requests };
}

test('a request to slow down is no refusal, and nothing was generated', async () => {
  const { issue, requests } = await issueAnswered({}, true, request, 429);
  expect(issue).toEqual({ kind: 'throttled', reason: 'HTTP 429' });
  expect(requests).toEqual(['POST /api-keys']);
});

describe('an answer that does not hold a key that could be rotated again', () => {
  const key_info = { key_id: 'new', issued_at_epoch_seconds: 1 };
  const v1 = Buffer.from('{"endpoint":"cell-1.example.com","api_key":"inner"}').toString('base64');
  test.each([
    ['something else', { api_key: 'hunter2', key_info }, true, 'which was revoked'],
    ['a v1 key', { api_key: v1, key_info }, false, 'which the next rotation revokes'],
  ])('is not asked for again: %s', async (_, answer, isRevocable, fate) => {
    const { issue, requests } = await issueAnswered(answer, isRevocable);
    expect(issue).toEqual({
      kind: 'refused',
      reason: 'MALFORMED_RESPONSE',
      remedy: expect.stringContaining(fate),
    });
    expect(requests).toEqual(['POST /api-keys', 'DELETE /api-keys/new']);
  });

  test('but a v2 key does', async () => {
    const { issue } = await issueAnswered({ api_key: jwt, key_info });
    expect(issue).toMatchObject({ kind: 'issued', successor: { id: 'new' } });
  });
});

describe('a successor of a key that expires does so, too', () => {
  const predecessor = { id: 'id', roleId: 'role', description: '', issuedAt: new Date(0) };
  const key_info = { key_id: 'new', issued_at_epoch_seconds: 1 };
  const asked = { ...request, predecessor: { ...predecessor, expiresAt: new Date(7200_000) } };
  test.each([
    ['by the answer', 5000, 5000],
    ['by the answer, as text', '5000', 5000],
    ['as it was asked for, where the answer cannot be read', 'tomorrow', 7200],
    ['as it was asked for, where the answer does not say', undefined, 7200],
  ])('%s', async (_, expires_at_epoch_seconds, validUntil) => {
    const { issue } = await issueAnswered(
      { api_key: jwt, key_info: { ...key_info, expires_at_epoch_seconds } },
      true,
      asked,
    );
    expect(issue).toMatchObject({ successor: { expiresAt: new Date(validUntil * 1000) } });
  });

  test('or there is none, where it cannot be read when', async () => {
    const unreadable = { ...request, predecessor: { ...predecessor, expiresAt: new Date(Number.NaN) } };
    const { issue, requests } = await issueAnswered({}, true, unreadable);
    expect(issue).toMatchObject({
      kind: 'refused',
      remedy: expect.stringMatching(/field "validUntil" .* MOMENTO_KEY_LIFETIME_DAYS/),
    });
    expect(requests).toEqual([]);
  });
});

describe('a refusal', () => {
  test.each([
    [400, /role in field "roleId", MOMENTO_KEY_LIFETIME_DAYS, .* MOMENTO_API_KEYS_ENDPOINT\.$/],
    [402, /^It asks for a payment first\. Look at the billing .* console\.$/],
    [409, /^This answer is not documented\./],
    [418, /^This answer is not documented\./],
  ])('by HTTP %i says what to do about that', async (status, remedy) => {
    const { issue } = await issueAnswered({}, true, request, status);
    expect(issue).toEqual({ kind: 'refused', reason: `HTTP ${status}`, remedy: expect.stringMatching(remedy) });
    if (status !== 400) expect(JSON.stringify(issue)).not.toContain('ENDPOINT');
  });
});

describe('a successor expires', () => {
  const now = new Date(1_000_000_000);
  const predecessor = {
    id: 'id',
    roleId: 'role',
    description: '',
    issuedAt: new Date(100_000),
    expiresAt: new Date(160_000),
  };
  test.each<[string, number | undefined, ReturnType<typeof expiryOf>]>([
    ['after the days that are configured', expiryOf({ ...request, now, predecessor }, 2, new Date(5)), 1_172_800],
    [
      'after the lifetime that the registry tells',
      expiryOf({ ...request, now, predecessor }, undefined, new Date(5)),
      1_000_060,
    ],
    [
      'after what the secret tells, where the registry tells no end',
      expiryOf(
        { ...request, now, predecessor: { ...predecessor, expiresAt: undefined } },
        undefined,
        new Date(170_000),
      ),
      1_000_070,
    ],
    [
      'counted from the date of the value',
      expiryOf({ ...request, now, storedAt: new Date(100_000) }, undefined, new Date(190_000)),
      1_000_090,
    ],
    [
      'when its predecessor does, where no date is known',
      expiryOf({ ...request, now }, undefined, new Date(1_000_050_000)),
      1_000_050,
    ],
    ['never, as its predecessor', expiryOf({ ...request, now }, undefined, undefined), undefined],
  ])('%s', (_, expiry, seconds) => {
    expect(expiry).toBe(seconds);
  });
});
