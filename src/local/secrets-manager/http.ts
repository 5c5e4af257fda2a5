/** The AWS JSON 1.1 protocol: one action a POST, named by `X-Amz-Target`. Signatures are not verified. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { beginCall, type Call } from '../aws/call.ts';
import { formatBody, parseBody } from '../aws/json.ts';
import type { Faults } from '../faults.ts';
import type { Answer, Exchange } from '../http-server.ts';
import { type ActionName, actions } from './actions/actions.ts';
import { decodeRequest } from './requests.ts';
import { type AwsError, AwsServiceError } from './secrets-manager-errors.ts';
import type { SecretsManagerService } from './service.ts';

interface WireOptions {
  service: SecretsManagerService;
  faults: Faults<AwsError>;
  now: () => Date;
  /** Told of each request. @throws {AwsServiceError} if it is one too many */
  count: (action: ActionName) => void;
  onArrival: (call: Call) => void;
}

const CONTENT_TYPE = 'application/x-amz-json-1.1';
const CREDENTIAL_SCOPE = /\bCredential=[^/,]+\/\d{8}\/([^/,]+)\//;
const TARGET = /^secretsmanager\.(\w+)$/;

/** Errors of the service's model spell their member `Message`; those of the protocol around it, `message`. */
const PROTOCOL_ERRORS = new Set([
  'AccessDeniedException',
  'SerializationException',
  'ThrottlingException',
  'UnknownOperationException',
  'ValidationException',
]);

export function beginAction({ service, count, ...wire }: WireOptions, request: IncomingMessage): Exchange<AwsError> {
  const action = TARGET.exec(String(request.headers['x-amz-target'] ?? ''))?.[1] ?? '';
  return beginCall({
    ...wire,
    action,
    onEnd: (call) => service.events.publish({ type: 'call', call }),
    perform(body) {
      if (!isAction(action)) throw unknownOperation(action);
      count(action);
      return service.call(action, decodeRequest(action, parseBody(body)), regionOf(request));
    },
    write: { output: (output) => json(200, formatBody(output)), error: failure },
    internalError: 'InternalServiceError',
  });
}

/** Of the signature's credential scope, which is where a Region stands when the endpoint's name has none; undefined without a signature. */
const regionOf = (request: IncomingMessage): string | undefined =>
  CREDENTIAL_SCOPE.exec(request.headers.authorization ?? '')?.[1];

const isAction = (target: string): target is ActionName => Object.hasOwn(actions, target);

function unknownOperation(target: string): AwsServiceError {
  const supported = Object.keys(actions).sort().join(', ');
  return new AwsServiceError(
    'UnknownOperationException',
    `${target || 'A request without X-Amz-Target'} is not supported by this local Secrets Manager. Supported: ${supported}.`,
  );
}

function failure({ code, message, status = 400 }: AwsError): Answer {
  const member = PROTOCOL_ERRORS.has(code) ? 'message' : 'Message';
  return json(status, JSON.stringify({ __type: code, [member]: message }));
}

function json(status: number, body: string): Answer {
  return { status, headers: { 'Content-Type': CONTENT_TYPE, 'x-amzn-RequestId': randomUUID() }, body };
}
