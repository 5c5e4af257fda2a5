import { once } from 'node:events';
import { constants, createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { auth, cache } from '@gomomento/generated-types';
import { nothing } from './nothing.ts';

const { _RefreshApiTokenResponse } = auth.auth;
const { _GetResponse, ECacheResult } = cache.cache_client;

/** Answers refreshes and reads, whatever the key, over gRPC without TLS. */
export interface UnrealMomento {
  host: string;
  /** Its host and port, which is the endpoint of the keys that it issues. */
  endpoint: string;
  /** Resolves when nothing of it is left. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const LIFETIME_SECONDS = 30 * 24 * 60 * 60;

export async function startUnrealMomento(): Promise<UnrealMomento> {
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer()
    .on('session', (session) => {
      sessions.add(session);
      session.on('error', nothing);
    })
    .on('stream', (stream, headers) => answer(stream, messageFor(String(headers[constants.HTTP2_HEADER_PATH]))));
  server.listen(0, HOST);
  await once(server, 'listening');
  const endpoint = `${HOST}:${(server.address() as AddressInfo).port}`;

  const messageFor = (path: string) =>
    path.endsWith('/Get')
      ? new _GetResponse({ result: ECacheResult.Miss })
      : new _RefreshApiTokenResponse({
          api_key: 'unreal',
          refresh_token: 'unreal',
          endpoint,
          valid_until: Math.floor(Date.now() / 1000) + LIFETIME_SECONDS,
        });

  return {
    host: HOST,
    endpoint,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}

/** Whoever asked may be gone, and what is done then throws where nobody would catch it. */
function whileItLasts(act: () => void): void {
  try {
    act();
  } catch {
    // It is given up, as what it answers is.
  }
}

/** gRPC over HTTP/2: a message has a byte for its compression and four for its length before it, and trailers have the status. */
function answer(stream: ServerHttp2Stream, message: { serialize(): Uint8Array }): void {
  const bytes = message.serialize();
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(bytes.length, 1);
  stream.on('error', nothing).resume();
  stream.on('wantTrailers', () => whileItLasts(() => stream.sendTrailers({ 'grpc-status': '0' })));
  whileItLasts(() => {
    // Without a date Node.js would take its own, and keep a timer with it.
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', date: '' }, { waitForTrailers: true });
    stream.end(Buffer.concat([prefix, bytes]));
  });
}
