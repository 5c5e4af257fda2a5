import {
  DescribeSecretCommand,
  type SecretsManagerClient,
  SecretsManagerServiceException,
} from '@aws-sdk/client-secrets-manager';
import { secretsManagerStore } from '../../src/aws/secrets-manager.ts';
import type { StatusName } from '../../src/local/momento/status-error.ts';
import { wrapV1Key } from '../../src/local/momento/v1-key.ts';
import type { ActionName } from '../../src/local/secrets-manager/local-secrets-manager.ts';
import { type MomentoCalls, type MomentoKind, momentoKind } from '../../src/momento/kind.ts';
import type { Refresh } from '../../src/momento/refresh.ts';
import { readSecretValue, type SecretValue } from '../../src/momento/secret-value.ts';
import type { Ping } from '../../src/rotation/credential.ts';
import type { SecretStore } from '../../src/rotation/secret-store.ts';
import { configuredFor } from './kind.ts';
import { attempt, type Link, request } from './link.ts';
import type { Symptom } from './mishaps.ts';
import { type ChangeRegistry, simulatedRegistry } from './registry.ts';
import { onTheWire } from './stand-ins.ts';

/** The function's own adapter, over a client whose transport is the simulation. */
export function simulatedStore(link: Link): SecretStore {
  // Real time plays no part: a call that takes too long is ended by the simulation.
  const never = 3_600_000;
  const over = (timeoutMs: number) => secretsManagerStore(simulatedClient(link, timeoutMs));
  return {
    describe: (id, ms) => over(ms).describe(id, never),
    getCurrent: (id, ms) => over(ms).getCurrent(id, never),
    getVersion: (id, version, ms) => over(ms).getVersion(id, version, never),
    putPending: (id, version, ms) => over(ms).putPending(id, version, never),
    moveCurrent: (id, move, ms) => over(ms).moveCurrent(id, move, never),
    removePending: (id, version, ms) => over(ms).removePending(id, version, never),
    rotate: (id, version, ms) => over(ms).rotate(id, version, never),
  };
}

interface Command {
  input: { VersionStage?: string; VersionId?: string };
  constructor: { name: string };
}

/** The SDK's client, as far as the adapter uses it. */
export function simulatedClient(
  { invocation, simulation, standIns, witness }: Link,
  timeoutMs: number,
): SecretsManagerClient {
  const send = (command: Command) =>
    new Promise((resolve, reject) => {
      const action = command.constructor.name.replace('Command', '') as ActionName;
      const about = command.input.VersionStage;
      witness.onCall(invocation, action, about);
      simulation.send({
        caller: invocation,
        action,
        timeoutMs,
        perform() {
          const answer = attempt(() => standIns.service.call(action, command.input as never));
          const look = { seen: standIns.snapshot(), seenAt: simulation.now };
          witness.onEffect(invocation, action);
          return () => {
            if ('failure' in answer) {
              witness.onAnswer(invocation, action, 'denied', about);
              invocation.failures.add(`${action} ${answer.failure.name}`);
              return reject(asException(answer.failure));
            }
            if (action === 'GetSecretValue' && command.input.VersionId === invocation.versionId)
              invocation.read = stagesIn(answer.result as object);
            if (command instanceof DescribeSecretCommand) Object.assign(invocation, look);
            witness.onAnswer(invocation, action, 'good', about);
            resolve(answer.result);
          };
        },
        fail(symptom) {
          witness.onAnswer(invocation, action, symptom, about);
          const error = secretsManagerError(symptom);
          invocation.failures.add(`${action} ${codeOf(error)}`);
          reject(error);
        },
      });
    });
  return { send } as unknown as SecretsManagerClient;
}

/** As the SDK throws what the service answers. */
function asException({ name, message }: { name: string; message: string }, httpStatusCode = 400): Error {
  return new SecretsManagerServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode } });
}

function secretsManagerError(symptom: Symptom): Error {
  switch (symptom) {
    case 'throttled':
      return asException({ name: 'ThrottlingException', message: 'Rate exceeded' });
    case 'serverError':
      return asException({ name: 'InternalServiceError', message: 'An error occurred on the server side.' }, 500);
    case 'denied':
      return asException({ name: 'AccessDeniedException', message: 'Not authorized' });
    case 'refused':
      return Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    case 'reset':
      return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    case 'timeout':
      return new DOMException('', 'TimeoutError');
    case 'malformed':
      return new SyntaxError('Unexpected token');
  }
}

/** The code of the connection's error, or the name of the service's. */
function codeOf(error: Error & { code?: unknown }): string {
  return typeof error.code === 'string' ? error.code : error.name;
}

function stagesIn(answer: { VersionStages?: string[] }): string[] {
  return answer.VersionStages ?? [];
}

/** As src/momento maps the answers of Momento's SDK. */
const REASONS: Record<Symptom, string> = {
  throttled: 'LIMIT_EXCEEDED_ERROR',
  serverError: 'INTERNAL_SERVER_ERROR',
  refused: 'SERVER_UNAVAILABLE',
  reset: 'SERVER_UNAVAILABLE',
  timeout: 'TIMEOUT_ERROR',
  malformed: 'INTERNAL_SERVER_ERROR',
  denied: 'UNKNOWN_ERROR',
};

const SDK_CODES: Partial<Record<StatusName, string>> = {
  UNAUTHENTICATED: 'AUTHENTICATION_ERROR',
  PERMISSION_DENIED: 'PERMISSION_ERROR',
  INVALID_ARGUMENT: 'INVALID_ARGUMENT_ERROR',
};

const PING_CACHE = 'ping';

/**
 * Momento's keys, issued and pinged at the account in this process. What may be done for which secret, the function itself says.
 *
 * @param secretId name or ARN
 */
export function simulatedKind(link: Link, secretId: string, change: ChangeRegistry = () => ({})): MomentoKind {
  const { invocation, witness, standIns } = link;
  const { authority, readText } = configuredFor(standIns.configuration, secretId);
  const idOf = (value: SecretValue) => standIns.account.keys.find(onTheWire(value))?.id;
  const send = (value: SecretValue) =>
    witness.onSent(invocation, idOf(value) ?? 'what nobody issued', value.apiKey.endpoint);
  const calls: MomentoCalls = {
    registryAccess: (current, management, credentialOf) =>
      simulatedRegistry(link, { current, management, credentialOf, change }),
    refresh: (current, timeoutMs) =>
      request<Refresh>(link, 'RefreshApiToken', idOf(current), timeoutMs, {
        perform: ({ account }) => {
          send(current);
          const { refreshToken, withKey, apiKey } = current;
          const key = account.refreshApiToken(onTheWire(current), refreshToken);
          witness.onIssued(invocation, key, key.from);
          const secretString = withKey({
            apiKey: wrapV1Key(apiKey.endpoint, key.apiKey),
            refreshToken: key.refreshToken ?? '',
            validUntil: key.validUntil ?? 0,
          });
          return () => ({ kind: 'refreshed', secretString, value: readSecretValue(secretString) });
        },
        refusal: (code) => ({ kind: 'refused', reason: SDK_CODES[code] ?? code }),
        mishap: (symptom) => ({
          kind: symptom === 'throttled' ? 'throttled' : 'unavailable',
          reason: REASONS[symptom],
        }),
      }),
    ping: (value, timeoutMs) =>
      request<Ping>(link, 'Get', idOf(value), timeoutMs, {
        perform: ({ account }) => {
          send(value);
          const apiKey = onTheWire(value);
          account.get({ apiKey }, PING_CACHE, 'ping');
          return () => accepted(link, apiKey, true);
        },
        refusal: (code, standIns) => {
          const apiKey = onTheWire(value);
          if (code === 'NOT_FOUND') return accepted({ ...link, standIns }, apiKey, true);
          if (code !== 'PERMISSION_DENIED') return { kind: 'refused', reason: SDK_CODES[code] ?? code };
          accepted({ ...link, standIns }, apiKey, false);
          return { kind: 'denied', reason: 'PERMISSION_ERROR' };
        },
        mishap: (symptom) => ({ kind: 'unavailable', reason: REASONS[symptom] }),
      }),
  };
  return momentoKind(authority, calls, readText);
}

function accepted({ invocation, standIns, witness }: Link, apiKey: string, mayPing: boolean): Ping {
  witness.onAccepted(invocation, standIns.account.keys.find(apiKey)?.id ?? '', mayPing);
  return { kind: 'accepted' };
}
