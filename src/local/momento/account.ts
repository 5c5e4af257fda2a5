import { createAuthOperations } from './auth-operations.ts';
import { type Cache, type Caches, createCaches } from './caches.ts';
import type { KeyPage, ListRequest } from './key-list.ts';
import { createKeyManagement, type GenerateRequest } from './key-management.ts';
import { createKeys, type Key, type Keys } from './keys.ts';
import { type Behaviour, likeliestBehaviour } from './momento-behaviour.ts';
import { type Access, type Permissions, permits, permitsTopic, type TopicAccess } from './permissions.ts';
import { createRoles, type Role } from './roles.ts';
import { StatusError } from './status-error.ts';
import { createSubscriptions, type Subscriptions } from './subscriptions.ts';
import { type Position, type Subscriber, type TopicValue, topicFactory } from './topics.ts';

/** Who asks: what travels of a key, see {@link Key.apiKey}. */
export interface Caller {
  apiKey: string | undefined;
}

/**
 * A Momento account: its keys, its roles, its caches with their topics, and the calls on them, without any network, so that it can be
 * used in process and on any clock. A call that is refused throws a {@link StatusError}: `UNAUTHENTICATED` if the key is not good,
 * `PERMISSION_DENIED` if it may not, `NOT_FOUND` for an unknown cache, role or v2 key, `RESOURCE_EXHAUSTED` for more than
 * {@link Behaviour.authOperationsPerSecond}.
 */
export interface Account {
  readonly keys: Keys;
  readonly caches: Caches;
  readonly subscriptions: Subscriptions;
  refreshApiToken(apiKey: string, refreshToken: string): Key;
  /** The session token of somebody who has logged in, and may do everything but manage v2 keys (assumed). */
  login(): Key;
  /**
   * Only for a super user; and another super user's key only with a session token (integration tests of Momento's JavaScript SDK).
   * @param lifetime seconds; without it the key never expires and has no refresh token.
   */
  generateApiToken(caller: Caller, permissions: Permissions, lifetime?: number): Key;
  /**
   * Only for a super user, {@link Behaviour.v2KeysVend} permitting.
   * @throws {StatusError} `INVALID_ARGUMENT` for more than the limits in {@link Behaviour}.
   */
  generateDisposableToken(caller: Caller, token: NewToken): Key;
  /**
   * Passes for a v2 key whose role may manage keys, and for no v1 key (assumed). The three calls of the HTTP API, which
   * follow, begin with it.
   */
  admitKeyManager(caller: Caller): Key;
  generateApiKey(caller: Caller, request: GenerateRequest): Key;
  listApiKeys(caller: Caller, request?: ListRequest): KeyPage;
  revokeApiKey(caller: Caller, keyId: string): void;
  /** As in the console: a v2 key out of nothing. @throws {StatusError} `NOT_FOUND` for an unknown role. */
  issueV2Key(key: NewV2Key): Key;
  /** Besides `owner`, `operator` and `viewer`, which every account has. @throws {StatusError} `ALREADY_EXISTS` */
  createRole(role: Role): void;
  /** What becomes of its keys: {@link Behaviour.keysOfDeletedRole}. @throws {StatusError} `NOT_FOUND` */
  deleteRole(roleId: string): void;
  createCache(caller: Caller, name: string): void;
  deleteCache(caller: Caller, name: string): void;
  flushCache(caller: Caller, name: string): void;
  listCaches(caller: Caller): string[];
  get(caller: Caller, cache: string, key: string): Uint8Array | undefined;
  set(caller: Caller, cache: string, key: string, value: Uint8Array, ttlMilliseconds: number): void;
  delete(caller: Caller, cache: string, key: string): void;
  keysExist(caller: Caller, cache: string, keys: readonly string[]): boolean[];
  publish(caller: Caller, cache: string, topic: string, value: TopicValue): void;
  /** @returns the way to end the subscription. */
  subscribe(caller: Caller, request: SubscribeRequest, subscriber: Subscriber): () => void;
}

export interface NewToken {
  permissions: Permissions;
  /** Seconds. */
  lifetime: number;
  /** @default none */
  tokenId?: string;
}

export interface SubscribeRequest {
  cache: string;
  topic: string;
  /** @default only what is published from now on */
  position?: Position;
}

export interface NewV2Key {
  roleId: string;
  description: string;
  /** Seconds; a key without one never expires. */
  lifetime?: number;
}

export interface AccountOptions {
  /** @default the system's clock */
  now?: () => Date;
  /** @default {@link likeliestBehaviour} */
  behaviour?: Partial<Behaviour>;
}

export function createAccount(options: AccountOptions = {}): Account {
  const now = options.now ?? (() => new Date());
  const behaviour: Behaviour = { ...likeliestBehaviour, ...options.behaviour };
  const keys = createKeys(now, behaviour);
  const caches = createCaches(now, topicFactory(behaviour.keptTopicItems, now));
  const subscriptions = createSubscriptions(keys, behaviour);
  const countAuthOperation = createAuthOperations(behaviour, now);

  const roles = createRoles();
  const management = createKeyManagement({ keys, roles, behaviour, now });

  const invalid = (details: string) => new StatusError('INVALID_ARGUMENT', details);
  const denied = () => new StatusError('PERMISSION_DENIED', 'Insufficient permissions');

  function rightsOf({ permissions, v2 }: Key): Pick<Role, 'permissions' | 'mayManageKeys'> {
    if (!v2) return { permissions, mayManageKeys: false };
    const isDeleted = roles.find(v2.role.roleId) !== v2.role;
    return isDeleted && behaviour.keysOfDeletedRole === 'denied' ? { permissions: [], mayManageKeys: false } : v2.role;
  }

  function superUser({ apiKey }: Caller): Key {
    const key = keys.authenticate(apiKey, 'control');
    if (rightsOf(key).permissions !== 'super-user') throw denied();
    return key;
  }

  function keyManager({ apiKey }: Caller): Key {
    const key = keys.authenticate(apiKey, 'control');
    if (!rightsOf(key).mayManageKeys) throw denied();
    return key;
  }

  /** Of an auth operation, before anything else: it counts for the account that issued the key, whether or not the key is good. */
  function count({ apiKey }: Caller): void {
    if (apiKey !== undefined && keys.find(apiKey)) countAuthOperation();
  }

  function letIn({ apiKey }: Caller, name: string, allow: (permissions: Permissions) => boolean) {
    if (behaviour.firstCheck === 'cache') caches.open(name);
    const key = keys.authenticate(apiKey, 'data');
    if (!allow(rightsOf(key).permissions)) throw denied();
    return { key, cache: caches.open(name) };
  }

  function admit(caller: Caller, access: Access, name: string, items: readonly string[]): Cache {
    return letIn(caller, name, (permissions) => items.every((item) => permits(permissions, access, name, item))).cache;
  }

  function admitToTopic(caller: Caller, access: TopicAccess, name: string, topicName: string) {
    if (topicName === '') throw invalid('topic must not be empty');
    const { key, cache } = letIn(caller, name, (permissions) => permitsTopic(permissions, access, name, topicName));
    return { key, topic: cache.topic(topicName) };
  }

  function checkToken({ permissions, lifetime, tokenId = '' }: NewToken): void {
    const { longestTokenLifetime, mostTokenPermissions, longestTokenId } = behaviour;
    if (lifetime > longestTokenLifetime) throw invalid(`valid_for_seconds must not exceed ${longestTokenLifetime}`);
    if (permissions.length > mostTokenPermissions) {
      throw invalid(`permissions must not be more than ${mostTokenPermissions}`);
    }
    if (tokenId.length > longestTokenId) throw invalid(`token_id must not exceed ${longestTokenId} characters`);
  }

  return {
    keys,
    caches,
    subscriptions,
    refreshApiToken(apiKey, refreshToken) {
      if (behaviour.refreshesCount) count({ apiKey });
      return keys.refresh(apiKey, refreshToken);
    },
    login() {
      const { sessionLifetime: lifetime } = behaviour;
      return keys.issue({ origin: 'Login', kind: 'session', permissions: 'super-user', lifetime });
    },
    generateApiToken(caller, permissions, lifetime) {
      count(caller);
      const { id, kind } = superUser(caller);
      if (permissions === 'super-user' && kind !== 'session') throw denied();
      const expiry = lifetime === undefined ? {} : { lifetime };
      return keys.issue({ origin: 'GenerateApiToken', from: id, permissions, refreshable: true, ...expiry });
    },
    generateDisposableToken(caller, token) {
      count(caller);
      const { id, kind } = superUser(caller);
      if (token.permissions === 'super-user' || (kind === 'v2' && !behaviour.v2KeysVend)) throw denied();
      checkToken(token);
      return keys.issue({ origin: 'GenerateDisposableToken', kind: 'disposable', from: id, ...token });
    },
    admitKeyManager: keyManager,
    generateApiKey: (caller, request) => management.generate(keyManager(caller), request),
    listApiKeys(caller, request = {}) {
      keyManager(caller);
      return management.list(request);
    },
    revokeApiKey(caller, keyId) {
      keyManager(caller);
      management.revoke(keyId);
    },
    issueV2Key({ roleId, description, ...lifetime }) {
      const role = roles.open(roleId);
      return keys.issue({ origin: 'seed', permissions: role.permissions, v2: { role, description }, ...lifetime });
    },
    createRole: roles.create,
    deleteRole(roleId) {
      const role = roles.delete(roleId);
      if (behaviour.keysOfDeletedRole !== 'revoked') return;
      for (const { v2, apiKey } of keys.all()) if (v2?.role === role) keys.revoke(apiKey);
    },
    createCache(caller, name) {
      superUser(caller);
      caches.create(name);
    },
    deleteCache(caller, name) {
      superUser(caller);
      caches.delete(name);
    },
    flushCache(caller, name) {
      superUser(caller);
      caches.open(name).flush();
    },
    listCaches(caller) {
      superUser(caller);
      return caches.names();
    },
    get: (caller, cache, key) => admit(caller, 'read', cache, [key]).get(key),
    set: (caller, cache, key, value, ttlMilliseconds) =>
      admit(caller, 'write', cache, [key]).set(key, value, ttlMilliseconds),
    delete: (caller, cache, key) => admit(caller, 'write', cache, [key]).delete(key),
    keysExist(caller, cache, wanted) {
      const opened = admit(caller, 'read', cache, wanted);
      return wanted.map((key) => opened.get(key) !== undefined);
    },
    publish(caller, cache, topicName, value) {
      const { key, topic } = admitToTopic(caller, 'publish', cache, topicName);
      topic.publish(value, key.tokenId);
    },
    subscribe(caller, request, subscriber) {
      const { key, topic } = admitToTopic(caller, 'subscribe', request.cache, request.topic);
      return subscriptions.begin({ ...request, key }, topic, subscriber);
    },
  };
}
