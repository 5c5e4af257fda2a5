import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiKeys } from '../../src/momento/api-keys.ts';

/** A service that answers what its documentation does not say. */
let server: Server;
let endpoint: string;
let answer: { status: number; headers: Record<string, string>; body: string };
let requests: { method: string | undefined; url: string | undefined; authorization: string | undefined }[];

beforeEach(async () => {
  requests = [];
  answer = { status: 200, headers: {}, body: '{}' };
  server = createServer(({ method, url, headers }, response) => {
    requests.push({ method, url, authorization: headers.authorization });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const info = { key_id: 'key', issued_at_epoch_seconds: 1_800_000_000 };

describe('a list', () => {
  test('of keys without description is read', async () => {
    answer.body = JSON.stringify({ key_info: [info], next_token: '' });
    expect(await apiKeys(endpoint, 'key').list(undefined, 5000)).toEqual({
      keys: [
        {
          keyId: 'key',
          roleId: undefined,
          description: '',
          issuedAt: new Date(1_800_000_000_000),
          expiresAt: undefined,
        },
      ],
      nextToken: undefined,
    });
  });

  test.each([
    ['no object', '7'],
    ['nothing', 'null'],
    ['no list', '{}'],
  ])('that is %s is no answer', async (_, body) => {
    answer.body = body;
    await expect(apiKeys(endpoint, 'key').list(undefined, 5000)).rejects.toMatchObject({
      reason: 'MALFORMED_RESPONSE',
    });
  });
});

test.each<[unknown, Date | undefined]>([
  [1_900_000_000, new Date(1_900_000_000_000)],
  ['1900000000', new Date(1_900_000_000_000)],
  [undefined, undefined],
  [null, undefined],
  ['2030-03-17T17:46:40Z', new Date(Number.NaN)],
  ['', new Date(Number.NaN)],
  [{}, new Date(Number.NaN)],
  [1e300, new Date(Number.NaN)],
])('an expiry of %j is never "never", unless it is none', async (expires_at_epoch_seconds, expiresAt) => {
  answer.body = JSON.stringify({
    key_info: [{ ...info, issued_at_epoch_seconds: '1800000000', expires_at_epoch_seconds }],
  });
  expect((await apiKeys(endpoint, 'key').list(undefined, 5000)).keys).toMatchObject([
    { issuedAt: new Date(1_800_000_000_000), expiresAt },
  ]);
});

test('what cannot be read in a list does not keep the rest from being seen', async () => {
  answer.body = JSON.stringify({ key_info: [null, 7, { ...info, key_id: '' }, { key_id: 'key' }, info] });
  expect((await apiKeys(endpoint, 'key').list(undefined, 5000)).keys).toMatchObject([
    { keyId: 'key', description: '' },
  ]);
});

test.each([
  ['without a key', { key_info: info }],
  ['without its id', { api_key: 'x', key_info: {} }],
])('a key that is generated %s is no answer', async (_, body) => {
  answer.body = JSON.stringify(body);
  const request = { roleId: 'r', description: '', expiry: undefined };
  await expect(apiKeys(endpoint, 'key').generate(request, 5000)).rejects.toMatchObject({
    reason: 'MALFORMED_RESPONSE',
    mayHaveWorked: true,
  });
});

test('an error counts by its status, whatever its body', async () => {
  answer = { status: 502, headers: {}, body: '<html>Bad gateway</html>' };
  await expect(apiKeys(endpoint, 'key').list(undefined, 5000)).rejects.toMatchObject({ reason: 'HTTP 502' });
});

test('the key follows no redirection', async () => {
  answer = { status: 307, headers: { Location: `${endpoint}/elsewhere` }, body: '' };
  await expect(apiKeys(endpoint, 'key').list(undefined, 5000)).rejects.toMatchObject({ isRefusal: false });
  expect(requests).toEqual([{ method: 'GET', url: '/api-keys?limit=100', authorization: 'key' }]);
});

test('an answer without a body is no answer', async () => {
  answer.status = 204;
  await expect(apiKeys(endpoint, 'key').revoke('key', 5000)).rejects.toMatchObject({ reason: 'MALFORMED_RESPONSE' });
});

test('one connection does for all calls whose answers are complete', async () => {
  const connections = new Set<unknown>();
  server.on('connection', (socket) => connections.add(socket));
  for (let call = 0; call < 3; call += 1) await apiKeys(endpoint, 'key').revoke('key', 5000);
  expect(connections.size).toBe(1);
});

test('an answer that breaks off has an error of its own, and nothing else comes of it', async () => {
  server.removeAllListeners('request');
  server.on('request', (_, response) => {
    response.writeHead(200, { 'Content-Length': '100' }).write('{', () => response.socket?.resetAndDestroy());
  });
  await expect(apiKeys(endpoint, 'key').list(undefined, 5000)).rejects.toMatchObject({
    reason: 'ECONNRESET',
    mayHaveWorked: true,
  });
});

test.each([
  [2 ** 20, 'none'],
  [2 ** 20 + 1, 'RESPONSE_TOO_LARGE'],
])('of %i bytes an answer is taken in, or is none', async (size, reason) => {
  const body = JSON.stringify({ key_info: [], padding: '' });
  answer.body = body.replace('""', `"${'x'.repeat(size - body.length)}"`);
  const listed = await apiKeys(endpoint, 'key')
    .list(undefined, 5000)
    .catch((error: Error) => error);
  expect(listed).toMatchObject(reason === 'none' ? { keys: [] } : { reason, mayHaveWorked: true });
});

test('over TLS nobody is spoken to who does not speak it', async () => {
  const secure = apiKeys(endpoint.replace('http:', 'https:'), 'key');
  await expect(secure.list(undefined, 5000)).rejects.toMatchObject({ name: 'ApiKeysError', isRefusal: false });
  expect(requests).toEqual([]);
});
