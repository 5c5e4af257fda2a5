/** The HTTP API of an account's v2 keys: a thin door before {@link Account}. */
import type { IncomingMessage } from 'node:http';
import type { Faults } from '../faults.ts';
import type { Answer, Exchange } from '../http-server.ts';
import type { Account, Caller } from './account.ts';
import { keyInfo, readGenerateRequest, readListRequest } from './api-keys-messages.ts';
import type { Call, HttpError } from './calls.ts';
import { StatusError, type StatusName } from './status-error.ts';

export interface ApiKeysOptions {
  account: Account;
  faults: Faults<HttpError>;
  now(): Date;
  record(call: Call): void;
}

/** What a request asks for. */
interface Operation {
  /** As faults and the transcript know it. */
  name: string;
  /** The `key_id` in its path. */
  keyId?: string;
  /** Returns the answer's JSON. @throws {StatusError} if it is refused. */
  carryOut(account: Account, caller: Caller, body: string): unknown;
}

/** The statuses that Momento documents. Which `code` goes with each is assumed. */
const statuses: Partial<Record<StatusName, number>> = {
  INVALID_ARGUMENT: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
};

export function beginRequest(options: ApiKeysOptions, request: IncomingMessage): Exchange<HttpError> {
  const { account, faults, now, record } = options;
  const { name, keyId, carryOut } = readOperation(request);
  const caller: Caller = { apiKey: request.headers.authorization };
  const isIssued = account.keys.all().some(({ id }) => id === keyId);
  const arrival = {
    rpc: name,
    at: now(),
    keyId: caller.apiKey === undefined ? undefined : account.keys.find(caller.apiKey)?.id,
    cache: undefined,
    // Whatever else is in the path may be a secret.
    ...(keyId !== undefined && isIssued && { revokes: keyId }),
  };
  const fault = faults.strike(name);
  let status = 0;
  const answer = (made: Answer) => {
    status = made.status;
    return made;
  };
  return {
    fault,
    perform: (body) => answer(attempt(() => carryOut(account, caller, body))),
    fail: (error) => answer(failure(error)),
    finish(ending) {
      const outcomes = { answered: status, malformed: 'MALFORMED', unanswered: 'NOTHING' } as const;
      const suffered = fault && { fault: { at: fault.at ?? 'before', kind: fault.mishap.kind } };
      record({ ...arrival, outcome: outcomes[ending], ...suffered });
    },
  };
}

function readOperation({ method = '', url = '' }: IncomingMessage): Operation {
  const { pathname, searchParams } = new URL(`http://local${url}`);
  const keyId = /^\/api-keys\/([^/]+)$/.exec(pathname)?.[1];
  if (method === 'DELETE' && keyId !== undefined) return revokeApiKey(decoded(keyId));
  if (method === 'POST' && pathname === '/api-keys') return generateApiKey;
  if (method === 'GET' && pathname === '/api-keys') return listApiKeys(searchParams);
  return unknownOperation;
}

/** As it is if it is not well encoded: there is no such key then. */
function decoded(keyId: string): string {
  try {
    return decodeURIComponent(keyId);
  } catch {
    return keyId;
  }
}

// Each looks at the caller first: whoever may not call is told so, however senseless the rest of the request is.

const generateApiKey: Operation = {
  name: 'GenerateApiKey',
  carryOut(account, caller, body) {
    account.admitKeyManager(caller);
    const key = account.generateApiKey(caller, readGenerateRequest(body));
    return { api_key: key.apiKey, key_info: keyInfo(key) };
  },
};

const listApiKeys = (query: URLSearchParams): Operation => ({
  name: 'ListApiKeys',
  carryOut(account, caller) {
    account.admitKeyManager(caller);
    const { keys, nextToken } = account.listApiKeys(caller, readListRequest(query));
    return { key_info: keys.map(keyInfo), ...(nextToken !== undefined && { next_token: nextToken }) };
  },
});

const revokeApiKey = (keyId: string): Operation => ({
  name: 'RevokeApiKey',
  keyId,
  carryOut(account, caller) {
    account.revokeApiKey(caller, keyId);
    return {};
  },
});

const unknownOperation: Operation = {
  name: 'Unknown',
  carryOut() {
    throw new StatusError('NOT_FOUND', 'There is no such resource');
  },
};

function attempt(carryOut: () => unknown): Answer {
  try {
    return json(200, carryOut());
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return json(statuses[error.code] ?? 500, { code: error.code, message: error.message });
  }
}

function failure({ status, message = 'the stand-in was told to fail', retryAfter }: HttpError): Answer {
  const [code = 'UNKNOWN'] = Object.entries(statuses).find(([, known]) => known === status) ?? [];
  return json(status, { code, message }, retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) });
}

function json(status: number, content: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(content) };
}
