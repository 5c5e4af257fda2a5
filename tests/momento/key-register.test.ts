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
const order = { description: 'd', now: new Date(0), predecessor: undefined, storedAt: undefined };

async function issueAnswered(answer: unknown) {
  const server = createServer((_, response) => response.end(JSON.stringify(answer)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const apiKeysEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const register = keyRegisterOf(current, { apiKeysEndpoint })?.open(undefined, new Date());
  return register?.issue(order, 5000);
}

describe('an answer that does not hold a key that could be rotated again is no answer', () => {
  const key_info = { key_id: 'new', issued_at_epoch_seconds: 1 };
  const v1 = Buffer.from('{"endpoint":"cell-1.example.com","api_key":"inner"}').toString('base64');
  test.each([
    ['something else', { api_key: 'hunter2', key_info }],
    ['a v1 key', { api_key: v1, key_info }],
  ])('%s', async (_, answer) => {
    expect(await issueAnswered(answer)).toEqual({
      kind: 'unavailable',
      reason: 'MALFORMED_RESPONSE',
      mayHaveIssued: true,
    });
  });

  test('but a v2 key is', async () => {
    expect(await issueAnswered({ api_key: jwt, key_info })).toMatchObject({ kind: 'issued', successor: { id: 'new' } });
  });
});

describe('a successor expires', () => {
  const now = new Date(1_000_000_000);
  const predecessor = { id: 'id', description: '', issuedAt: new Date(100_000), expiresAt: new Date(160_000) };
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
