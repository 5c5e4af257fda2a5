/** The AWS JSON 1.1 protocol: one action a POST, named by `X-Amz-Target`. Signatures are not verified. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Faults } from '../faults.ts';
import type { Answer, Exchange } from '../http-server.ts';
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

type Result = { output: unknown } | { error: AwsError };

const CONTENT_TYPE = 'application/x-amz-json-1.1';
const TARGET = /^secretsmanager\.(\w+)$/;

/** Errors of the service's model spell their member `Message`; those of the protocol around it, `message`. */
const PROTOCOL_ERRORS = new Set([
  'AccessDeniedException',
  'SerializationException',
  'ThrottlingException',
  'UnknownOperationException',
  'ValidationException',
]);

export function beginCall(options: WireOptions, request: IncomingMessage): Exchange<AwsError> {
  const { service, faults, now, onArrival } = options;
  const target = TARGET.exec(String(request.headers['x-amz-target'] ?? ''))?.[1] ?? '';
  const call: Call = { action: target, at: now() };
  onArrival(call);
  const fault = faults.strike(target);
  if (fault) call.fault = fault;
  let outcome = '';
  const write = (result: Result): Answer => {
    outcome = 'output' in result ? 'ok' : result.error.code;
    return asAnswer(result);
  };
  return {
    fault,
    perform(body) {
      const result = perform(service, target, body);
      call.effective = 'output' in result;
      return write(result);
    },
    fail: (error) => write({ error }),
    finish(ending) {
      call.outcome = ending === 'answered' ? outcome : ending;
      call.effective ??= false;
      service.events.publish({ type: 'call', call });
    },
  };
}

function perform(service: SecretsManagerService, target: string, body: string): Result {
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

function asAnswer(result: Result): Answer {
  const headers = { 'Content-Type': CONTENT_TYPE, 'x-amzn-RequestId': randomUUID() };
  if ('output' in result) return { status: 200, headers, body: JSON.stringify(encode(result.output)) };
  const { code, message, status = 400 } = result.error;
  const body = JSON.stringify({ __type: code, [PROTOCOL_ERRORS.has(code) ? 'message' : 'Message']: message });
  return { status, headers, body };
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
