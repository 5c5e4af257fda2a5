import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { CacheClient, Configurations, NoopMomentoLoggerFactory } from '@gomomento/sdk';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type LocalMomento, startMomento } from '../../src/local/momento/momento.ts';
import { credentialProvider, readApiKey } from '../../src/momento/api-key.ts';
import { ping } from '../../src/momento/ping.ts';

let momento: LocalMomento;
beforeEach(async () => {
  momento = await startMomento();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await momento.close();
});

const revokedKey = () => {
  const { apiKey } = momento.issueKey();
  momento.revokeKey(apiKey);
  return readApiKey(apiKey, 'apiKey');
};

async function countingConnections(work: () => Promise<unknown>): Promise<Socket[]> {
  const sockets: Socket[] = [];
  const count = (message: unknown) => sockets.push((message as { socket: Socket }).socket);
  subscribe('net.client.socket', count);
  await work();
  // What begins to connect behind a closed client does so before this.
  await setImmediate();
  await setImmediate();
  unsubscribe('net.client.socket', count);
  return sockets;
}

describe('a ping', () => {
  test('passes on a miss, on a hit and for a cache that does not exist', async () => {
    const key = readApiKey(momento.issueKey().apiKey, 'apiKey');
    expect(await ping(key, 'no-such-cache', 5000)).toEqual({ kind: 'accepted' });

    momento.createCache('a-cache');
    expect(await ping(key, 'a-cache', 5000)).toEqual({ kind: 'accepted' });

    const client = new CacheClient({
      credentialProvider: credentialProvider(key),
      configuration: Configurations.Laptop.latest(new NoopMomentoLoggerFactory()),
      defaultTtlSeconds: 60,
    });
    await client.set('a-cache', 'momento-key-rotation-ping', 'here');
    client.close();
    expect(await ping(key, 'a-cache', 5000)).toEqual({ kind: 'accepted' });
    expect(momento.calls.at(-1)).toMatchObject({ rpc: 'Get', outcome: 'OK' });
  });

  test('fails for a key that Momento refuses', async () => {
    expect(await ping(revokedKey(), 'a-cache', 5000)).toEqual({ kind: 'refused', reason: 'AUTHENTICATION_ERROR' });
  });

  test('tells a key that may not read from one that is refused', async () => {
    const { apiKey } = momento.issueKey({ permissions: [{ role: 'subscribeonly' }] });
    expect(await ping(readApiKey(apiKey, 'apiKey'), 'a-cache', 5000)).toEqual({
      kind: 'denied',
      reason: 'PERMISSION_ERROR',
    });
  });

  test('reads an item whose name says what it is for', async () => {
    const get = vi.spyOn(CacheClient.prototype, 'get');
    await ping(revokedKey(), 'a-cache', 5000);
    expect(get).toHaveBeenCalledExactlyOnceWith('a-cache', 'momento-key-rotation-ping');
  });

  test('of the SDK passes for it: CacheClient.ping() does not reach Momento, so that it must not be used here', async () => {
    const client = new CacheClient({
      credentialProvider: credentialProvider(revokedKey()),
      configuration: Configurations.Lambda.latest(new NoopMomentoLoggerFactory()),
      defaultTtlSeconds: 60,
    });
    await expect(client.ping()).resolves.toBeUndefined();
    client.close();
    expect(momento.calls).toEqual([]);
  });

  test('makes one call, and retries nothing by itself', async () => {
    momento.faults.add({ call: 'Get', mishap: { kind: 'error', error: { code: 'UNAVAILABLE' } } });
    const key = readApiKey(momento.issueKey().apiKey, 'apiKey');

    expect(await ping(key, 'a-cache', 5000)).toEqual({ kind: 'unavailable', reason: 'SERVER_UNAVAILABLE' });
    expect(momento.calls).toHaveLength(1);
  });

  test('closes the one connection that it opens', async () => {
    const connections = await countingConnections(() => ping(revokedKey(), 'a-cache', 5000));
    expect(connections).toHaveLength(1);
    await expect.poll(() => connections.every(({ destroyed }) => destroyed)).toBe(true);
  });

  test('waits as long as it is told to, which is longer than the SDK would', async () => {
    momento.faults.add({ call: 'Get', mishap: { kind: 'delay', ms: 1500 } });
    const key = readApiKey(momento.issueKey().apiKey, 'apiKey');
    expect(await ping(key, 'a-cache', 10_000)).toEqual({ kind: 'accepted' });
    expect(momento.calls).toHaveLength(1);
  });
});

test('nothing of the SDK is logged', async () => {
  const written = vi.spyOn(process.stdout, 'write');
  const consoles = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) => vi.spyOn(console, name));
  await ping(revokedKey(), 'a-cache', 5000);

  for (const spy of consoles) expect(spy).not.toHaveBeenCalled();
  expect(written).not.toHaveBeenCalled();
});
