import { type Cache, type Caches, createCaches } from './caches.ts';
import type { KeyPage, ListRequest } from './key-list.ts';
import { createKeyManagement, type GenerateRequest } from './key-management.ts';
import { createKeys, type Key, type Keys } from './keys.ts';
import { type Behaviour, likeliestBehaviour } from './momento-behaviour.ts';
import { type Access, type Permissions, permits } from './permissions.ts';
import { createRoles, type Role } from './roles.ts';
import { StatusError } from './status-error.ts';

/** Who asks: the inner `api_key` of a v1 key, or a v2 key. */
export interface Caller {
  apiKey: string | undefined;
}

/**
 * A Momento account: its keys, its roles, its caches, and the calls on them, without any network, so that it can be used in
 * process and on any clock. A call that is refused throws a {@link StatusError}: `UNAUTHENTICATED` if the key is not good,
 * `PERMISSION_DENIED` if it may not, `NOT_FOUND` for an unknown cache, role or v2 key.
 */
export interface Account {
  readonly keys: Keys;
  readonly caches: Caches;
  refreshApiToken(apiKey: string, refreshToken: string): Key;
  /**
   * Only for a super user, and not for another super user's key: those come from the console (integration tests of
   * Momento's JavaScript SDK).
   * @param lifetime seconds; without it the key never expires and has no refresh token.
   */
  generateApiToken(caller: Caller, permissions: Permissions, lifetime?: number): Key;
  /**
   * Only for a super user (assumed).
   * @param lifetime seconds, at most an hour.
   */
  generateDisposableToken(caller: Caller, permissions: Permissions, lifetime: number): Key;
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
}

export interface NewV2Key {
  roleId: string;
  description: string;
  /** Seconds; a key without one never expires. */
  lifetime?: number;
}

const LONGEST_DISPOSABLE_LIFETIME = 60 * 60;

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
  const caches = createCaches(now);

  const roles = createRoles();
  const management = createKeyManagement({ keys, roles, behaviour, now });

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

  function admit({ apiKey }: Caller, access: Access, name: string, items: readonly string[]): Cache {
    if (behaviour.firstCheck === 'cache') caches.open(name);
    const { permissions } = rightsOf(keys.authenticate(apiKey, 'data'));
    if (!items.every((item) => permits(permissions, access, name, item))) throw denied();
    return caches.open(name);
  }

  return {
    keys,
    caches,
    refreshApiToken: (apiKey, refreshToken) => keys.refresh(apiKey, refreshToken),
    generateApiToken(caller, permissions, lifetime) {
      const { id } = superUser(caller);
      if (permissions === 'super-user') throw denied();
      const expiry = lifetime === undefined ? {} : { lifetime };
      return keys.issue({ origin: 'GenerateApiToken', from: id, permissions, refreshable: true, ...expiry });
    },
    generateDisposableToken(caller, permissions, lifetime) {
      const { id } = superUser(caller);
      if (permissions === 'super-user') throw denied();
      if (lifetime > LONGEST_DISPOSABLE_LIFETIME) {
        throw new StatusError('INVALID_ARGUMENT', `valid_for_seconds must not exceed ${LONGEST_DISPOSABLE_LIFETIME}`);
      }
      return keys.issue({ origin: 'GenerateDisposableToken', from: id, permissions, lifetime });
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
  };
}
