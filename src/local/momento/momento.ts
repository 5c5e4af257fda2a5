import type { Duplex } from 'node:stream';
import type { Certificate } from '../certificate.ts';
import { Faults } from '../faults.ts';
import { startHttpServer } from '../http-server.ts';
import { type AccountOptions, createAccount } from './account.ts';
import { beginRequest } from './api-keys-http.ts';
import { type Call, createTranscript, type GrpcError, type HttpError } from './calls.ts';
import { listen } from './grpc-server.ts';
import type { Key, Origin } from './keys.ts';
import { likeliestBehaviour } from './momento-behaviour.ts';
import type { Permissions } from './permissions.ts';
import type { Role } from './roles.ts';
import { createServices } from './services.ts';
import { StatusError } from './status-error.ts';
import type { SubscriptionFacts } from './subscriptions.ts';
import { unwrapV1Key, wrapV1Key } from './v1-key.ts';

export interface LocalMomentoOptions extends AccountOptions {
  /** @default 0 one that is free */
  port?: number;
  /** Of the HTTP API of v2 keys. @default 0 one that is free */
  apiKeysPort?: number;
  /**
   * Speaks TLS, and issues keys for `domain`, as `cell-1-us-east-1-1.prod.a.momentohq.com`. Its hosts have to become the {@link
   * LocalMomento.address} for whoever uses such a key. The HTTP API stays in plaintext.
   * @default none: plaintext, and keys for the address
   */
  tls?: Certificate & { domain: string };
}

/**
 * A Momento on loopback that speaks Momento's own gRPC, in plaintext unless it is told otherwise, so that `@gomomento/sdk` talks to it
 * unchanged, with all three endpoints being {@link LocalMomento.endpoint} and `secureConnection: false`; and, at an address of its own,
 * the account's HTTP API of v2 keys.
 */
export interface LocalMomento {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** In, or beside, the keys that are issued here: the address, unless it speaks TLS. */
  readonly endpoint: string;
  /** `http://127.0.0.1:PORT`, where v2 keys are generated, listed and revoked. */
  readonly apiKeysEndpoint: string;
  /**
   * By the names on the wire: `RefreshApiToken`, `Get`, `ListCaches` and so on. Of `Subscribe` and `Login`, which are answered by a
   * stream, a fault strikes before the stream begins, or after it has; what runs already, {@link endSubscriptions} ends.
   */
  readonly faults: Faults<GrpcError>;
  /** Of the HTTP API: `GenerateApiKey`, `ListApiKeys`, `RevokeApiKey`. */
  readonly apiKeysFaults: Faults<HttpError>;
  /** Every call that was decided so far, over gRPC and HTTP. */
  readonly calls: readonly Call[];
  /** `listener` is called for each call from now on. Returns the way to stop it. */
  subscribe(listener: (call: Call) => void): () => void;
  /** A v1 key. */
  issueKey(options?: IssueKeyOptions): IssuedKey;
  /** @throws {StatusError} `NOT_FOUND` for an unknown role. */
  issueV2Key(options?: IssueV2KeyOptions): IssuedV2Key;
  /** As a login ends with one. It names no endpoint. */
  issueSessionToken(options?: IssueSessionTokenOptions): IssuedSessionToken;
  /** Every v2 key that is neither revoked nor expired, in order of issue. */
  liveV2Keys(): V2KeyFacts[];
  /** Besides `owner`, `operator` and `viewer`. @throws {StatusError} `ALREADY_EXISTS` */
  createRole(role: Role): void;
  /** What becomes of its keys: {@link Behaviour.keysOfDeletedRole}. @throws {StatusError} `NOT_FOUND` */
  deleteRole(roleId: string): void;
  /**
   * `apiKey` as applications hold it. From now on it is refused.
   * @throws {StatusError} `FAILED_PRECONDITION` for a disposable token, which cannot be revoked.
   */
  revokeKey(apiKey: string): void;
  /** Whether `apiKey`, as applications hold it, was issued here, has not been revoked and has not expired. */
  isValid(apiKey: string): boolean;
  /** The id of `apiKey`, as applications hold it, if it was issued here. */
  idOf(apiKey: string): string | undefined;
  /** Every key issued so far, in order, and how it came to be. */
  issuedKeys(): IssuedKeyFacts[];
  /** @throws {StatusError} `ALREADY_EXISTS` */
  createCache(name: string): void;
  /** Every running subscription, in the order in which they began. */
  subscriptions(): SubscriptionFacts[];
  /** Now, besides those that come by themselves. Ends the subscriptions whose key is not good any more. */
  sendHeartbeats(): void;
  /** Ends every running subscription so, or those of the key with that id. */
  endSubscriptions(error: GrpcError, keyId?: string): void;
  /** The topic's numbers begin anew, on another page, as when Momento lost them. @throws {StatusError} `NOT_FOUND` */
  resetTopic(cache: string, topic: string): void;
  /** Every API key and token, wrapped and not, and every refresh token ever issued: what must not be found in any output. */
  secretsInPlay(): string[];
  /** Serves a gRPC connection that did not come over loopback. */
  accept(connection: Duplex): void;
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

export interface IssueV2KeyOptions {
  /** @default 30 days */
  validForSeconds?: number | 'never';
  /** `owner` for a key that may manage keys. @default 'operator' */
  roleId?: string;
  /** @default '' */
  description?: string;
}

export interface IssuedV2Key {
  keyId: string;
  apiKey: string;
  roleId: string;
  /** Epoch seconds; none if the key never expires. */
  validUntil?: number;
  /** As a secret holds it: `{"apiKey","endpoint","keyId","roleId","validUntil"}`, the last a string, or left out. */
  secretString: string;
}

export interface IssueSessionTokenOptions {
  /** @default a day */
  validForSeconds?: number;
}

export interface IssuedSessionToken {
  id: string;
  sessionToken: string;
  /** Epoch seconds. */
  validUntil: number;
}

export interface V2KeyFacts {
  keyId: string;
  roleId: string;
  description: string;
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

/** Milliseconds; Node.js takes more for none at all. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** @throws if a port is taken. */
export async function startMomento(options: LocalMomentoOptions = {}): Promise<LocalMomento> {
  const { port = 0, apiKeysPort = 0, now = () => new Date(), tls } = options;
  const behaviour = { ...likeliestBehaviour, ...options.behaviour };
  const account = createAccount({ now, behaviour });
  const faults = new Faults<GrpcError>();
  const apiKeysFaults = new Faults<HttpError>();
  const transcript = createTranscript();
  const server = await listen(port, tls);
  const { address } = server;
  const endpoint = tls?.domain ?? address;
  server.serve(createServices(account, endpoint), {
    faults,
    now,
    idOf: (apiKey) => account.keys.find(apiKey)?.id,
    record: transcript.record,
  });
  const door = { account, faults: apiKeysFaults, now, record: transcript.record };
  const httpServer = await startHttpServer({
    port: apiKeysPort,
    begin: (request) => beginRequest(door, request),
  }).catch(async (error) => {
    await server.close();
    throw error;
  });
  const heart = setInterval(
    account.subscriptions.heartbeat,
    Math.min(1000 * behaviour.heartbeatSeconds, LONGEST_TIMER),
  ).unref();

  return {
    address,
    endpoint,
    apiKeysEndpoint: httpServer.endpoint,
    faults,
    apiKeysFaults,
    calls: transcript.calls,
    subscribe: transcript.subscribe,
    issueKey({ validForSeconds = THIRTY_DAYS, permissions = 'super-user' } = {}) {
      const key = { origin: 'seed', permissions, refreshable: true, ...lifetimeOf(validForSeconds) } as const;
      return asIssued(account.keys.issue(key), endpoint);
    },
    issueV2Key({ validForSeconds = THIRTY_DAYS, roleId = 'operator', description = '' } = {}) {
      return asIssuedV2(account.issueV2Key({ roleId, description, ...lifetimeOf(validForSeconds) }), roleId, endpoint);
    },
    issueSessionToken({ validForSeconds: lifetime = behaviour.sessionLifetime } = {}) {
      const key = account.keys.issue({ origin: 'seed', kind: 'session', permissions: 'super-user', lifetime });
      return { id: key.id, sessionToken: key.apiKey, validUntil: key.issuedAt + lifetime };
    },
    liveV2Keys: () =>
      account.keys
        .all()
        .flatMap(({ id, apiKey, v2 }) =>
          v2 && account.keys.isValid(apiKey) ? { keyId: id, roleId: v2.role.roleId, description: v2.description } : [],
        ),
    createRole: account.createRole,
    deleteRole: account.deleteRole,
    revokeKey: (apiKey) => account.keys.revoke(onTheWire(apiKey)),
    isValid: (apiKey) => account.keys.isValid(onTheWire(apiKey)),
    idOf: (apiKey) => account.keys.find(onTheWire(apiKey))?.id,
    issuedKeys: () =>
      account.keys.all().map(({ id, origin, from, validUntil }) => ({
        id,
        origin,
        ...(from !== undefined && { from }),
        ...(validUntil !== undefined && { validUntil }),
      })),
    createCache: account.caches.create,
    subscriptions: account.subscriptions.running,
    sendHeartbeats: account.subscriptions.heartbeat,
    endSubscriptions: ({ code, details = 'the stand-in was told to fail' }, keyId) =>
      account.subscriptions.end(new StatusError(code, details), keyId),
    resetTopic: (cache, topic) => account.caches.open(cache).topic(topic).reset(),
    secretsInPlay: () =>
      account.keys
        .all()
        .flatMap(({ kind, apiKey, refreshToken }) => [
          apiKey,
          ...(kind === 'v1' || kind === 'disposable' ? [wrapV1Key(endpoint, apiKey)] : []),
          ...(refreshToken === undefined ? [] : [refreshToken]),
        ]),
    accept: server.accept,
    async close() {
      clearInterval(heart);
      await Promise.all([server.close(), httpServer.close()]);
    },
  };
}

/** What travels of a key that an application holds. */
const onTheWire = (apiKey: string) => unwrapV1Key(apiKey) ?? apiKey;

const lifetimeOf = (validForSeconds: number | 'never') =>
  validForSeconds === 'never' ? {} : { lifetime: validForSeconds };

function asIssued({ id, apiKey: inner, refreshToken, validUntil }: Key, endpoint: string): IssuedKey {
  const apiKey = wrapV1Key(endpoint, inner);
  if (refreshToken === undefined || validUntil === undefined) {
    return { id, apiKey, secretString: JSON.stringify({ apiKey }) };
  }
  const secretString = JSON.stringify({ apiKey, refreshToken, validUntil: String(validUntil) });
  return { id, apiKey, refreshToken, validUntil, secretString };
}

function asIssuedV2({ id: keyId, apiKey, validUntil }: Key, roleId: string, endpoint: string): IssuedV2Key {
  const secret = { apiKey, endpoint, keyId, roleId };
  if (validUntil === undefined) return { keyId, apiKey, roleId, secretString: JSON.stringify(secret) };
  const secretString = JSON.stringify({ ...secret, validUntil: String(validUntil) });
  return { keyId, apiKey, roleId, validUntil, secretString };
}
