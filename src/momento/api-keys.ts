import { exchange, type Request } from './exchange.ts';

/**
 * Momento's HTTP API of an account's v2 API keys (docs.momentohq.com, "API keys"): `POST /api-keys`, `GET /api-keys` and
 * `DELETE /api-keys/{key_id}`, each with a key in the header `Authorization` whose role may manage keys.
 */
export interface ApiKeys {
  generate(request: GenerateRequest, timeoutMs: number): Promise<GeneratedKey>;
  /** One page of the account's keys, up to 100. */
  list(nextToken: string | undefined, timeoutMs: number): Promise<KeyPage>;
  /** Takes effect at once. An unknown key, or one that is revoked already, is `HTTP 404`. */
  revoke(keyId: string, timeoutMs: number): Promise<void>;
}

export interface GenerateRequest {
  roleId: string;
  description: string;
  /** Epoch in seconds. Undefined: never. */
  expiry: number | undefined;
}

/** Sensitive. */
export interface GeneratedKey {
  apiKey: string;
  info: KeyInfo;
}

/** What the API tells of a key. */
export interface KeyInfo {
  keyId: string;
  /** Undefined: the answer does not say. */
  roleId: string | undefined;
  description: string;
  issuedAt: Date;
  /** Undefined: never. An invalid date: it cannot be read. */
  expiresAt: Date | undefined;
}

export interface KeyPage {
  keys: KeyInfo[];
  /** Of the page after this one. */
  nextToken: string | undefined;
}

/** A call that did not succeed. It quotes nothing of the request or the answer. */
export class ApiKeysError extends Error {
  override readonly name = 'ApiKeysError';
  /** `HTTP 403`, or the code or name of the error that kept an answer from arriving. */
  readonly reason: string;
  /** Of an answer that was an error. */
  readonly status: number | undefined;
  /** The call may have had its effect all the same. */
  readonly mayHaveWorked: boolean;

  constructor(reason: string, options: { status?: number; mayHaveWorked: boolean }) {
    super(`The API of Momento's keys did not do what it was asked for (${reason}).`);
    this.reason = reason;
    this.status = options.status;
    this.mayHaveWorked = options.mayHaveWorked;
  }

  /** The service said no: the same request would be refused again. */
  get isRefusal(): boolean {
    const { status = 500 } = this;
    return status >= 400 && status < 500 && !ASK_AGAIN.includes(status);
  }
}

/** Statuses below 500 after which the same request may succeed: request timeout, too many requests. */
const ASK_AGAIN = [408, 429];

/** The request did not leave. */
const NOT_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];

/** The most that a page may hold. */
const PAGE_SIZE = 100;

/**
 * The API, as the holder of `apiKey` may use it. One attempt a call, which rejects with an {@link ApiKeysError} only, and gives
 * up after `timeoutMs` milliseconds.
 */
export function apiKeys(endpoint: string, apiKey: string): ApiKeys {
  async function call<T>(
    method: string,
    path: string,
    timeoutMs: number,
    body: object | undefined,
    read: Read<T>,
  ): Promise<T> {
    const request: Request = {
      method,
      headers: { Authorization: apiKey, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
      body: body && JSON.stringify(body),
    };
    const result = read(await send(`${endpoint}${path}`, request, timeoutMs));
    if (result === undefined) throw malformed();
    return result;
  }

  return {
    generate({ roleId, description, expiry = 'never' }, timeoutMs) {
      return call('POST', '/api-keys', timeoutMs, { role_id: roleId, description, expiry }, readGenerated);
    },
    list(nextToken, timeoutMs) {
      const query = new URLSearchParams({
        limit: String(PAGE_SIZE),
        ...(nextToken !== undefined && { next_token: nextToken }),
      });
      return call('GET', `/api-keys?${query}`, timeoutMs, undefined, readPage);
    },
    async revoke(keyId, timeoutMs) {
      await call('DELETE', `/api-keys/${encodeURIComponent(keyId)}`, timeoutMs, undefined, (answer) => answer);
    },
  };
}

type Answer = Record<string, unknown>;
/** Undefined: it does not say what it should. */
type Read<T> = (answer: Answer) => T | undefined;

async function send(url: string, request: Request, timeoutMs: number): Promise<Answer> {
  const answered = await exchange(url, request, timeoutMs).catch((error: Error) => {
    throw unanswered(error);
  });
  if (answered === undefined) throw new ApiKeysError('TimeoutError', { mayHaveWorked: true });
  const { status, body } = answered;
  if (body === undefined) throw errorWith(status);
  const answer = parse(body);
  if (!isObject(answer)) throw malformed();
  return answer;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const errorWith = (status: number) =>
  new ApiKeysError(`HTTP ${status}`, { status, mayHaveWorked: status >= 500 || status === 408 });
const malformed = () => new ApiKeysError('MALFORMED_RESPONSE', { mayHaveWorked: true });

/** The error's message is not passed on: it may quote the request. */
function unanswered(error: Error): ApiKeysError {
  const { name, code = name } = error as Error & { code?: string };
  return new ApiKeysError(code, { mayHaveWorked: !NOT_SENT.includes(code) });
}

function readGenerated({ api_key: apiKey, key_info: keyInfo }: Answer): GeneratedKey | undefined {
  const info = readKeyInfo(keyInfo);
  return typeof apiKey === 'string' && info !== undefined ? { apiKey, info } : undefined;
}

function readPage({ key_info: keyInfo, next_token: nextToken }: Answer): KeyPage | undefined {
  if (!Array.isArray(keyInfo)) return undefined;
  // What cannot be read may be somebody else's, and must not keep the others from being seen.
  const keys = keyInfo.map(readKeyInfo).filter((info) => info !== undefined);
  return { keys, nextToken: typeof nextToken === 'string' && nextToken !== '' ? nextToken : undefined };
}

function readKeyInfo(info: unknown): KeyInfo | undefined {
  if (!isObject(info)) return undefined;
  const {
    key_id: keyId,
    role_id: roleId,
    description,
    issued_at_epoch_seconds: issued,
    expires_at_epoch_seconds: expires,
  } = info;
  const issuedAt = epochSeconds(issued);
  if (typeof keyId !== 'string' || keyId === '' || Number.isNaN(issuedAt.getTime())) return undefined;
  return {
    keyId,
    roleId: typeof roleId === 'string' ? roleId : undefined,
    description: typeof description === 'string' ? description : '',
    issuedAt,
    // What cannot be read is not "never".
    expiresAt: expires === undefined || expires === null ? undefined : epochSeconds(expires),
  };
}

/** A number, or one in a text. Anything else is an invalid date. */
function epochSeconds(value: unknown): Date {
  const isNumber = typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value));
  return new Date(isNumber ? Number(value) * 1000 : Number.NaN);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
