import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LocalMomento, startMomento } from '../../src/local/momento/momento.ts';
import { momentoApiKey } from '../../src/momento/momento-api-key.ts';
import type { Succession } from '../../src/rotation/credential.ts';

let momento: LocalMomento;
beforeEach(async () => {
  momento = await startMomento();
});
afterEach(async () => {
  await momento.close();
});

test('a Momento API key is a kind of credential: read, succeeded and pinged at its own account', async () => {
  const kind = momentoApiKey({ pingCache: 'a-cache', hosts: ['127.0.0.1'] })('a/secret');
  const issuer = await kind.read(momento.issueKey().secretString).issuerFor({} as Succession);
  const issue = await issuer.issue(5000);

  if (issue.kind !== 'issued') throw new Error(`expected a key, got ${issue.kind}`);
  expect(await issue.successor.ping(5000)).toEqual({ kind: 'accepted' });
  expect(momento.calls).toMatchObject([{ rpc: 'RefreshApiToken' }, { rpc: 'Get', cache: 'a-cache' }]);
});

test('a ping reads from a cache whose name says what it is for, if no other is given', async () => {
  const kind = momentoApiKey({ hosts: ['127.0.0.1'] })('a/secret');
  await kind.read(momento.issueKey().secretString).ping(5000);
  expect(momento.calls).toMatchObject([{ rpc: 'Get', cache: 'momento-key-rotation-ping' }]);
});

test('it says whose keys they are, and how to make a fresh one', () => {
  expect(momentoApiKey()('a/secret').wording).toEqual({
    service: 'Momento',
    howToReplace: expect.stringMatching(/^Generate a new v1 API key .*"refreshToken"/),
  });
});
