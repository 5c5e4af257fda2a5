import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LocalMomento, startMomento } from '../../src/local/momento/momento.ts';
import { createAuthConnection } from '../../src/momento/auth-connection.ts';
import { refresh } from '../../src/momento/refresh.ts';
import { readV1 } from './read-v1.ts';

let momento: LocalMomento;
let connected = 0;
const count = () => {
  connected += 1;
};

beforeEach(async () => {
  momento = await startMomento();
  connected = 0;
  subscribe('net.server.socket', count);
});

afterEach(async () => {
  unsubscribe('net.server.socket', count);
  await momento.close();
});

const aKey = () => readV1(momento.issueKey().secretString);

test('the keys of one endpoint are refreshed over one connection, each by its own right', async () => {
  const connection = createAuthConnection();
  for (const value of [aKey(), aKey(), aKey()]) {
    expect(await refresh(connection, value, 5000)).toMatchObject({ kind: 'refreshed' });
  }
  connection.close();

  expect(connected).toBe(1);
});

test('a key of another endpoint gets a connection of its own', async () => {
  const elsewhere = await startMomento();
  const connection = createAuthConnection();
  expect(await refresh(connection, aKey(), 5000)).toMatchObject({ kind: 'refreshed' });
  const value = readV1(elsewhere.issueKey().secretString);
  expect(await refresh(connection, value, 5000)).toMatchObject({ kind: 'refreshed' });
  connection.close();
  await elsewhere.close();

  expect(connected).toBe(2);
});

test('a connection that was not used for a while is not trusted', async () => {
  let now = 0;
  const connection = createAuthConnection(() => now);
  await refresh(connection, aKey(), 5000);
  now += 30_000;
  await refresh(connection, aKey(), 5000);
  expect(connected).toBe(1);

  now += 30_001;
  await refresh(connection, aKey(), 5000);
  connection.close();

  expect(connected).toBe(2);
});

test('after an answer that did not come, the next refresh has a new connection', async () => {
  const connection = createAuthConnection();
  momento.faults.add({ call: 'RefreshApiToken', mishap: { kind: 'silence' } });
  // Long enough for the request to arrive, however busy the machine is: it is for the first one, and not for the next.
  expect(await refresh(connection, aKey(), 2000)).toMatchObject({ kind: 'unavailable' });
  momento.faults.clear();
  expect(await refresh(connection, aKey(), 60_000)).toMatchObject({ kind: 'refreshed' });
  connection.close();

  expect(connected).toBe(2);
});
