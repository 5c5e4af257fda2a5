import {
  DescribeSecretCommand,
  type SecretsManagerClient,
  SecretsManagerServiceException,
} from '@aws-sdk/client-secrets-manager';
import { StatusError, type StatusName } from '../../src/local/momento/status-error.ts';
import { unwrapV1Key, wrapV1Key } from '../../src/local/momento/v1-key.ts';
import type { ActionName } from '../../src/local/secrets-manager/index.ts';
import type { V1SecretValue } from '../../src/momento/v1-secret-value.ts';
import type { CredentialKind, Issue, Ping } from '../../src/rotation/credential.ts';
import type { SecretStore } from '../../src/rotation/secret-store.ts';
import { secretsManagerStore } from '../../src/rotation/secrets-manager.ts';
import { readV1 } from '../momento/read-v1.ts';
import type { Invocation } from './invocation.ts';
import type { Symptom } from './mishaps.ts';
import type { Simulation } from './simulation.ts';
import type { StandIns } from './stand-ins.ts';

/** What the world wants to know of the function's calls. */
export interface Witness {
  /** A call has arrived, and has had its effect or was refused. */
  onEffect(invocation: Invocation, action: string): void;
  onIssued(invocation: Invocation, keyId: string): void;
  /** The service let the key in, and the function was told. `mayPing`: it may do what the ping does. */
  onAccepted(invocation: Invocation, keyId: string, mayPing: boolean): void;
  /** The function makes a call. `about`: the label that it moves or takes off, or the key that it is made with. */
  onCall(invocation: Invocation, action: string, about?: string): void;
  onAnswer(invocation: Invocation, action: string, answer: 'good' | Symptom): void;
}

export type Link = { invocation: Invocation; simulation: Simulation<Invocation>; standIns: StandIns; witness: Witness };

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
      witness.onCall(invocation, action, command.input.VersionStage);
      simulation.send({
        caller: invocation,
        action,
        timeoutMs,
        perform() {
          const answer = attempt(() => standIns.service.call(action, command.input as never));
          witness.onEffect(invocation, action);
          return () => {
            if ('failure' in answer) {
              witness.onAnswer(invocation, action, 'denied');
              invocation.failures.add(`${action} ${answer.failure.name}`);
              return reject(asException(answer.failure));
            }
            if (action === 'GetSecretValue' && command.input.VersionId)
              invocation.read = stagesIn(answer.result as object);
            if (command instanceof DescribeSecretCommand) invocation.seen = standIns.snapshot();
            witness.onAnswer(invocation, action, 'good');
            resolve(answer.result);
          };
        },
        fail(symptom) {
          witness.onAnswer(invocation, action, symptom);
          const error = secretsManagerError(symptom);
          invocation.failures.add(`${action} ${codeOf(error)}`);
          reject(error);
        },
      });
    });
  return { send } as unknown as SecretsManagerClient;
}

function attempt<T>(work: () => T): { result: T } | { failure: Error } {
  try {
    return { result: work() };
  } catch (error) {
    return { failure: error as Error };
  }
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

/** Momento's keys, issued and pinged at the account in this process. */
export function simulatedKind(link: Link): CredentialKind<V1SecretValue> {
  const { invocation, witness } = link;
  return {
    wording: {
      service: 'Momento',
      howToReplace: 'Generate a new v1 API key with an expiry, and save it.',
    },
    read: readV1,
    issueSuccessor: (current, timeoutMs) =>
      request<Issue<V1SecretValue>>(link, 'RefreshApiToken', current, timeoutMs, {
        perform: ({ account }) => {
          const key = account.refreshApiToken(innerKey(current), current.refreshToken);
          witness.onIssued(invocation, key.id);
          const secretString = current.withKey({
            apiKey: wrapV1Key(current.apiKey.endpoint, key.apiKey),
            refreshToken: key.refreshToken ?? '',
            validUntil: key.validUntil ?? 0,
          });
          return () => ({ kind: 'issued', secretString, successor: readV1(secretString) });
        },
        refusal: (code) => ({ kind: 'refused', reason: SDK_CODES[code] ?? code }),
        mishap: (symptom) => ({
          kind: 'unavailable',
          reason: REASONS[symptom],
          mayHaveIssued: symptom !== 'throttled',
        }),
      }),
    ping: (credential, timeoutMs) =>
      request<Ping>(link, 'Get', credential, timeoutMs, {
        perform: ({ account }) => {
          const apiKey = innerKey(credential);
          account.get({ apiKey }, PING_CACHE, 'ping');
          return () => accepted(link, apiKey, true);
        },
        refusal: (code, standIns) => {
          const apiKey = innerKey(credential);
          if (code === 'NOT_FOUND') return accepted({ ...link, standIns }, apiKey, true);
          if (code !== 'PERMISSION_DENIED') return { kind: 'refused', reason: SDK_CODES[code] ?? code };
          accepted({ ...link, standIns }, apiKey, false);
          return { kind: 'denied', reason: 'PERMISSION_ERROR' };
        },
        mishap: (symptom) => ({ kind: 'unavailable', reason: REASONS[symptom] }),
      }),
  };
}

function accepted({ invocation, standIns, witness }: Link, apiKey: string, mayPing: boolean): Ping {
  witness.onAccepted(invocation, standIns.account.keys.find(apiKey)?.id ?? '', mayPing);
  return { kind: 'accepted' };
}

const innerKey = ({ apiKey }: V1SecretValue) => unwrapV1Key(apiKey.encoded) ?? '';

interface Exchange<T> {
  perform(standIns: StandIns): () => T;
  refusal(code: StatusName, standIns: StandIns): T;
  mishap(symptom: Symptom): T;
}

function request<T>(
  { invocation, simulation, standIns, witness }: Link,
  action: string,
  credential: V1SecretValue,
  timeoutMs: number,
  exchange: Exchange<T>,
): Promise<T> {
  return new Promise((resolve) => {
    witness.onCall(invocation, action, standIns.account.keys.find(innerKey(credential))?.id);
    simulation.send({
      caller: invocation,
      action,
      timeoutMs,
      perform() {
        const answer = attempt(() => exchange.perform(standIns));
        witness.onEffect(invocation, action);
        return () => {
          witness.onAnswer(invocation, action, 'failure' in answer ? 'denied' : 'good');
          if (!('failure' in answer)) return resolve(answer.result());
          const { failure } = answer;
          resolve(exchange.refusal(failure instanceof StatusError ? failure.code : 'UNKNOWN', standIns));
        };
      },
      fail(symptom) {
        witness.onAnswer(invocation, action, symptom);
        resolve(exchange.mishap(symptom));
      },
    });
  });
}
