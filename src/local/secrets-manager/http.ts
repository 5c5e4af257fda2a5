/** The AWS JSON 1.1 protocol: one action a POST, named by `X-Amz-Target`. Signatures are not verified. */
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, Faults, Mishap } from '../faults.ts';
import { type ActionName, actions } from './actions/index.ts';
import { type AwsError, SecretsManagerError } from './errors.ts';
import type { Call } from './events.ts';
import { decodeRequest } from './requests.ts';
import type { SecretsManagerService } from './service.ts';

interface WireOptions {
  service: SecretsManagerService;
  faults: Faults<AwsError>;
  now: () => Date;
  /** Told of a call when it arrives; the call changes until its outcome is known. */
  onArrival: (call: Call) => void;
}

type Answer = { output: unknown } | { error: AwsError };

const CONTENT_TYPE = 'application/x-amz-json-1.1';
const TARGET = /^secretsmanager\.(\w+)$/;
/** More than the largest request that the service takes. */
const MAX_BODY_BYTES = 1_048_576;

/** Errors of the service's model spell their member `Message`; those of the protocol around it, `message`. */
const PROTOCOL_ERRORS = new Set([
  'AccessDeniedException',
  'SerializationException',
  'ThrottlingException',
  'UnknownOperationException',
  'ValidationException',
]);

export function createWire(options: WireOptions): { server: Server; close(): Promise<void> } {
  const closing = new AbortController();
  // Each delayed answer listens to it.
  setMaxListeners(Number.POSITIVE_INFINITY, closing.signal);
  const server = createServer((request, response) => {
    void serve(options, closing.signal, request, response).catch((error: unknown) => response.destroy(asError(error)));
  });
  return {
    server,
    async close() {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(
  options: WireOptions,
  closing: AbortSignal,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { service, faults, now, onArrival } = options;
  const target = TARGET.exec(String(request.headers['x-amz-target'] ?? ''))?.[1] ?? '';
  const call: Call = { action: target, at: now() };
  onArrival(call);
  const fault = faults.strike(target);
  if (fault) call.fault = fault;
  const finish = (outcome: string) => {
    call.outcome = outcome;
    call.effective ??= false;
    service.events.publish({ type: 'call', call });
  };

  const body = await readBody(request);
  if (body === undefined) {
    response.destroy();
    finish('unanswered');
    return;
  }
  if (fault && fault.at !== 'after' && !(await passes(fault, closing, response, finish))) return;
  const answer = perform(service, target, body);
  call.effective = 'output' in answer;
  if (fault?.at === 'after' && !(await passes(fault, closing, response, finish))) return;
  send(response, answer);
  finish('output' in answer ? 'ok' : answer.error.code);
}

/** Lets the fault do its work; false if the call is over with that. */
async function passes(
  { mishap }: Fault<AwsError>,
  closing: AbortSignal,
  response: ServerResponse,
  finish: (outcome: string) => void,
): Promise<boolean> {
  if (mishap.kind === 'delay') {
    await delay(mishap.ms, undefined, { signal: closing }).catch(() => undefined);
    if (closing.aborted) finish('unanswered');
    return !closing.aborted;
  }
  finish(suffer(mishap, response));
  return false;
}

/** @returns the outcome for the caller. */
function suffer(mishap: Exclude<Mishap<AwsError>, { kind: 'delay' }>, response: ServerResponse): string {
  switch (mishap.kind) {
    case 'error':
      send(response, { error: mishap.error });
      return mishap.error.code;
    case 'malformed':
      writeHead(response, 200);
      response.end('<this is no JSON>');
      return 'malformed';
    case 'disconnect':
      response.socket?.resetAndDestroy();
      return 'unanswered';
    case 'silence':
      return 'unanswered';
  }
}

function perform(service: SecretsManagerService, target: string, body: string): Answer {
  try {
    if (!isAction(target)) throw unknownOperation(target);
    return { output: service.call(target, decodeRequest(target, parse(body))) };
  } catch (error) {
    if (error instanceof SecretsManagerError) return { error };
    return { error: { code: 'InternalServiceError', message: asError(error).message, status: 500 } };
  }
}

const isAction = (target: string): target is ActionName => Object.hasOwn(actions, target);

function unknownOperation(target: string): SecretsManagerError {
  const supported = Object.keys(actions).sort().join(', ');
  return new SecretsManagerError(
    'UnknownOperationException',
    `${target || 'A request without X-Amz-Target'} is not supported by this local Secrets Manager. Supported: ${supported}.`,
  );
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body === '' ? '{}' : body);
  } catch {
    throw new SecretsManagerError('SerializationException', 'The request is not valid JSON.');
  }
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

function writeHead(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Type': CONTENT_TYPE, 'x-amzn-RequestId': randomUUID() });
}

function send(response: ServerResponse, answer: Answer): void {
  if ('output' in answer) {
    writeHead(response, 200);
    response.end(JSON.stringify(encode(answer.output)));
    return;
  }
  const { code, message, status = 400 } = answer.error;
  writeHead(response, status);
  response.end(JSON.stringify({ __type: code, [PROTOCOL_ERRORS.has(code) ? 'message' : 'Message']: message }));
}

/** Dates are seconds since 1970 with fractions, binary values base64. */
function encode(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, encode(member)]));
}

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));
