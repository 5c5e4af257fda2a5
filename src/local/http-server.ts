import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Certificate } from './certificate.ts';
import type { Fault, Mishap } from './faults.ts';

/** What a request is answered. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** How a request ended for the caller: `malformed` with bytes that are no JSON, `unanswered` with silence or a broken connection. */
export type Ending = 'answered' | 'malformed' | 'unanswered';

/** One request and what becomes of it, as the service sees it. */
export interface Exchange<E> {
  /** What the request is to suffer. */
  fault: Fault<E> | undefined;
  /** Does what the request asks for. Not called if the fault prevents it. */
  perform(body: string): Answer;
  /** The error that a fault answers with. */
  fail(error: E): Answer;
  /** Told once, when the request is over. */
  finish(ending: Ending): void;
}

export interface HttpServerOptions<E> {
  /** On 127.0.0.1; 0 for one that is free. */
  port: number;
  /** @default none, in plaintext */
  certificate?: Certificate | undefined;
  /** Called for each request when it arrives. */
  begin(request: IncomingMessage): Exchange<E>;
}

export interface HttpServer {
  /** `http://127.0.0.1:PORT`, or `https://…` with a certificate. */
  endpoint: string;
  /** Serves a connection that did not come over loopback. */
  accept(connection: Duplex): void;
  /** Ends open connections and delayed answers. */
  close(): Promise<void>;
}

/** More than the largest request that any service here takes. A larger one is broken off. */
const MAX_BODY_BYTES = 1_048_576;

/**
 * An HTTP server on loopback that lets faults strike.
 *
 * @throws if the port is taken.
 */
export async function startHttpServer<E>(options: HttpServerOptions<E>): Promise<HttpServer> {
  const closing = new AbortController();
  // Each delayed answer listens to it.
  setMaxListeners(Number.POSITIVE_INFINITY, closing.signal);
  const answer: RequestListener = (request, response) => {
    void serve(options, closing.signal, request, response).catch((error: unknown) => response.destroy(error as Error));
  };
  const { certificate } = options;
  // Whoever was stopped for a while, or lives on another clock, is no slow client.
  const patient = { headersTimeout: 0, requestTimeout: 0 };
  const server =
    certificate === undefined
      ? createServer(patient, answer)
      : createSecureServer({ ...patient, ...certificate }, answer);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    endpoint: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accept: (connection) => void server.emit('connection', connection),
    async close() {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve<E>(
  { begin }: HttpServerOptions<E>,
  closing: AbortSignal,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const exchange = begin(request);
  const { fault } = exchange;
  const body = await readBody(request);
  if (body === undefined) {
    response.destroy();
    exchange.finish('unanswered');
    return;
  }
  if (fault && fault.at !== 'after' && !(await passes(exchange, fault.mishap, closing, response))) return;
  const answer = exchange.perform(body);
  if (fault?.at === 'after' && !(await passes(exchange, fault.mishap, closing, response))) return;
  send(response, answer);
  exchange.finish('answered');
}

/** Lets the fault do its work; false if the request is over with that. */
async function passes<E>(
  exchange: Exchange<E>,
  mishap: Mishap<E>,
  closing: AbortSignal,
  response: ServerResponse,
): Promise<boolean> {
  if (mishap.kind === 'delay') {
    await delay(mishap.ms, undefined, { signal: closing }).catch(() => undefined);
    if (closing.aborted) exchange.finish('unanswered');
    return !closing.aborted;
  }
  exchange.finish(suffer(exchange, mishap, response));
  return false;
}

function suffer<E>(
  exchange: Exchange<E>,
  mishap: Exclude<Mishap<E>, { kind: 'delay' }>,
  response: ServerResponse,
): Ending {
  switch (mishap.kind) {
    case 'error':
      send(response, exchange.fail(mishap.error));
      return 'answered';
    case 'malformed':
      send(response, { status: 200, headers: {}, body: '<this is no JSON>' });
      return 'malformed';
    case 'disconnect':
      response.socket?.resetAndDestroy();
      return 'unanswered';
    case 'silence':
      return 'unanswered';
  }
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers);
  response.end(body);
}

/** Undefined if the request is too large, or broke off. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}
