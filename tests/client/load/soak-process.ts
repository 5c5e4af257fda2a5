import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AuthClientConfigurations,
  Configurations,
  ExpiresIn,
  NoopMomentoLoggerFactory,
  PermissionScopes,
} from '@gomomento/sdk';
import { authClient, cacheClient } from '../../../src/client/index.ts';
import { SECRET_NAME } from '../../../src/local/stand-ins.ts';
import { collectGarbage } from './garbage.ts';
import { CACHE } from './services.ts';

/** An application that does what it is told, until it is told to close what it has: then nothing is to keep it. */
export type Order = 'use' | 'measure' | 'close';

export interface Measurement {
  /** In bytes. */
  heapUsed: number;
  /** That are open to whatever service. */
  sockets: number;
}

/** Longer than the clients of old keys stay open. */
const CLOSED_AFTER_MS = 12_000;

/** Also those that keep no process alive. */
const sockets = new Set<Socket>();
subscribe('net.client.socket', (message) => {
  const { socket } = message as { socket: Socket };
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
});

const quiet = new NoopMomentoLoggerFactory();
const configuration = Configurations.InRegion.Default.latest(quiet).withClientTimeoutMillis(30_000);
const cache = cacheClient(SECRET_NAME, { configuration, defaultTtlSeconds: 60 });
const auth = authClient(SECRET_NAME, { configuration: AuthClientConfigurations.Default.latest(quiet) });

async function use(): Promise<string[]> {
  const answers = await Promise.all([
    cache.get(CACHE, 'key'),
    cache.set(CACHE, 'key', 'value'),
    cache.listCaches(),
    auth.generateDisposableToken(PermissionScopes.cacheReadOnly(CACHE), ExpiresIn.minutes(5)),
  ]);
  return answers.map(({ type }) => type);
}

async function measure(): Promise<Measurement> {
  await sleep(CLOSED_AFTER_MS);
  await use();
  collectGarbage();
  return { heapUsed: process.memoryUsage().heapUsed, sockets: sockets.size };
}

for (;;) {
  const [order] = (await once(process, 'message')) as [Order];
  if (order === 'close') break;
  process.send?.(order === 'use' ? await use() : await measure());
}
cache.close();
auth.close();
process.disconnect();
