import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { keyRegisterOf } from '../../src/momento/key-register.ts';
import { expiryOf } from '../../src/momento/lifetime.ts';
import { readSecretValue } from '../../src/momento/secret-value.ts';

const jwt = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"t":"g"}').toString('base64url')}.c2ln`;
const current = readSecretValue(
  JSON.stringify({ apiKey: jwt, endpoint: 'cell-1.example.com', keyId: 'id', roleId: 'role' }),
);
const management = { adminSecret: undefined, adminWording: 'this secret', roleId: 'role' };
const order = {
  description: 'd',
  shortDescription: 'd',
  now: new Date(0),
  predecessor: undefined,
  storedAt: undefined,
};

async function issueAnswered(answer: unknown, isRevocable = true) {
  const requests: string[] = [];
  const server = createServer(({ method, url }, response) => {
    requests.push(`${method} ${url}`);
    if (method === 'DELETE' && !isRevocable) response.statusCode = 500;
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const apiKeysEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const register = keyRegisterOf(current, management, { apiKeysEndpoint }).open(undefined, new Date());
  return { issue: await register.issue(order, 5000), requests };
}

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
    ['after the days that are configured', expiryOf({ ...order, now, predecessor }, 2, new Date(5)), 1_172_800],
    [
      'after the lifetime that the register tells',
      expiryOf({ ...order, now, predecessor }, undefined, new Date(5)),
      1_000_060,
    ],
    [
      'after what the secret tells, where the register tells no end',
      expiryOf({ ...order, now, predecessor: { ...predecessor, expiresAt: undefined } }, undefined, new Date(170_000)),
      1_000_070,
    ],
    [
      'counted from the date of the value',
      expiryOf({ ...order, now, storedAt: new Date(100_000) }, undefined, new Date(190_000)),
      1_000_090,
    ],
    [
      'when its predecessor does, where no date is known',
      expiryOf({ ...order, now }, undefined, new Date(1_000_050_000)),
      1_000_050,
    ],
    ['never, as its predecessor', expiryOf({ ...order, now }, undefined, undefined), undefined],
  ])('%s', (_, expiry, seconds) => {
    expect(expiry).toBe(seconds);
  });
});
