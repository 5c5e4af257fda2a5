import { Faults } from '../faults.ts';
import { type AccountOptions, createAccount } from './account.ts';
import { type Call, createTranscript, type GrpcError } from './calls.ts';
import { listen } from './grpc-server.ts';
import type { Key, Origin } from './keys.ts';
import type { Permissions } from './permissions.ts';
import { createServices } from './services.ts';
import { unwrapV1Key, wrapV1Key } from './v1-key.ts';

export interface LocalMomentoOptions extends AccountOptions {
  /** @default 0 one that is free */
  port?: number;
}

/**
 * A Momento on loopback that speaks Momento's own plaintext gRPC, so that `@gomomento/sdk` talks to it unchanged, with all three
 * endpoints being {@link LocalMomento.endpoint} and `secureConnection: false`.
 */
export interface LocalMomento {
  /** `127.0.0.1:PORT`, which is also the endpoint in the keys that are issued here. */
  readonly endpoint: string;
  /** By the names on the wire: `RefreshApiToken`, `Get`, `ListCaches` and so on. */
  readonly faults: Faults<GrpcError>;
  /** Every call that was decided so far. */
  readonly calls: readonly Call[];
  /** `listener` is called for each call from now on. Returns the way to stop it. */
  subscribe(listener: (call: Call) => void): () => void;
  issueKey(options?: IssueKeyOptions): IssuedKey;
  /** `apiKey` as applications hold it. From now on it is refused. */
  revokeKey(apiKey: string): void;
  /** Whether `apiKey`, as applications hold it, was issued here, has not been revoked and has not expired. */
  isValid(apiKey: string): boolean;
  /** The id of `apiKey`, as applications hold it, if it was issued here. */
  idOf(apiKey: string): string | undefined;
  /** Every key issued so far, in order, and how it came to be. */
  issuedKeys(): IssuedKeyFacts[];
  /** @throws {StatusError} `ALREADY_EXISTS` */
  createCache(name: string): void;
  /** Every API key, wrapped and not, and every refresh token ever issued: what must not be found in any output. */
  secretsInPlay(): string[];
  /** Breaks off every call and closes every connection. */
  close(): Promise<void>;
}

export interface IssueKeyOptions {
  /** @default 30 days */
  validForSeconds?: number | 'never';
  /** @default 'super-user' */
  permissions?: Permissions;
}

export interface IssuedKey {
  id: string;
  /** As applications hold it: base64 of `{"endpoint","api_key"}`. */
  apiKey: string;
  /** None if the key never expires. */
  refreshToken?: string;
  /** Epoch seconds; none if the key never expires. */
  validUntil?: number;
  /** As Momento's console downloads it: `{"apiKey","refreshToken","validUntil"}`, the last a string. */
  secretString: string;
}

export interface IssuedKeyFacts {
  id: string;
  origin: Origin;
  /** The id of the key whose holder asked for this one. */
  from?: string;
  /** Epoch seconds; none if the key never expires. */
  validUntil?: number;
}

const THIRTY_DAYS = 30 * 24 * 60 * 60;

/** @throws if the port is taken. */
export async function startMomento(options: LocalMomentoOptions = {}): Promise<LocalMomento> {
  const { port = 0, now = () => new Date() } = options;
  const account = createAccount({ ...options, now });
  const faults = new Faults<GrpcError>();
  const transcript = createTranscript();
  const server = await listen(port);
  const { endpoint } = server;
  server.serve(createServices(account, endpoint), {
    faults,
    now,
    idOf: (apiKey) => account.keys.find(apiKey)?.id,
    record: transcript.record,
  });

  return {
    endpoint,
    faults,
    calls: transcript.calls,
    subscribe: transcript.subscribe,
    issueKey({ validForSeconds = THIRTY_DAYS, permissions = 'super-user' } = {}) {
      const expiry = validForSeconds === 'never' ? {} : { lifetime: validForSeconds };
      return asIssued(account.keys.issue({ origin: 'seed', permissions, refreshable: true, ...expiry }), endpoint);
    },
    revokeKey: (apiKey) => account.keys.revoke(unwrapV1Key(apiKey) ?? ''),
    isValid: (apiKey) => account.keys.isValid(unwrapV1Key(apiKey) ?? ''),
    idOf: (apiKey) => account.keys.find(unwrapV1Key(apiKey) ?? '')?.id,
    issuedKeys: () =>
      account.keys.all().map(({ id, origin, from, validUntil }) => ({
        id,
        origin,
        ...(from !== undefined && { from }),
        ...(validUntil !== undefined && { validUntil }),
      })),
    createCache: account.caches.create,
    secretsInPlay: () =>
      account.keys
        .all()
        .flatMap(({ apiKey, refreshToken }) => [apiKey, wrapV1Key(endpoint, apiKey), refreshToken ?? []].flat()),
    close: server.close,
  };
}

function asIssued({ id, apiKey: inner, refreshToken, validUntil }: Key, endpoint: string): IssuedKey {
  const apiKey = wrapV1Key(endpoint, inner);
  if (refreshToken === undefined || validUntil === undefined) {
    return { id, apiKey, secretString: JSON.stringify({ apiKey }) };
  }
  const secretString = JSON.stringify({ apiKey, refreshToken, validUntil: String(validUntil) });
  return { id, apiKey, refreshToken, validUntil, secretString };
}
