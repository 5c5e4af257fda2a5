import { randomBytes } from 'node:crypto';
import type { Behaviour } from './momento-behaviour.ts';
import { checkPermissions, type Permissions } from './permissions.ts';
import type { Role } from './roles.ts';
import { createSessionToken } from './session-token.ts';
import { StatusError } from './status-error.ts';
import { createV2ApiKey } from './v2-key.ts';

/** How a key came to be: by the name of the call that issued it, or `seed` if the stand-in was given it. */
export type Origin =
  | 'seed'
  | 'RefreshApiToken'
  | 'GenerateApiToken'
  | 'GenerateDisposableToken'
  | 'GenerateApiKey'
  | 'Login';

/**
 * Everything that travels in the `authorization` metadata: API keys of either generation, the disposable tokens that they vend, and
 * the session token of somebody who has logged in.
 */
export type KeyKind = 'v1' | 'v2' | 'disposable' | 'session';

/** What a v2 key has and a v1 key has not. */
export interface V2Facts {
  readonly role: Role;
  readonly description: string;
}

export type KeyState = 'good' | 'expired' | 'revoked' | 'unknown';

export interface Key {
  /** A name to talk about the key by, in the order of issue: `key-1`, `key-2`; of a v2 key also its `key_id`. Not a secret. */
  readonly id: string;
  readonly origin: Origin;
  /** The `id` of the key whose holder asked for this one. */
  readonly from: string | undefined;
  readonly kind: KeyKind;
  /** What travels in the `authorization` metadata: what is inside a v1 key or a disposable token, the whole of the others. */
  readonly apiKey: string;
  /** Only of a v1 key that expires. */
  readonly refreshToken: string | undefined;
  /** Of a v2 key, its role's. */
  readonly permissions: Permissions;
  readonly v2: V2Facts | undefined;
  /** Of a disposable token, if it was given one: subscribers see it on what is published with the token. */
  readonly tokenId: string | undefined;
  /** Epoch seconds. */
  readonly issuedAt: number;
  /** Seconds; undefined for a key that never expires. */
  readonly lifetime: number | undefined;
  /** Epoch seconds at which the key is no longer valid; undefined for a key that never expires. */
  readonly validUntil: number | undefined;
}

export interface NewKey {
  origin: Origin;
  from?: string;
  permissions: Permissions;
  /** Seconds; a key without one never expires. */
  lifetime?: number;
  /** @default 'v1', or 'v2' with {@link v2} */
  kind?: Exclude<KeyKind, 'v2'>;
  /** @default false */
  refreshable?: boolean;
  v2?: V2Facts;
  tokenId?: string;
}

/** Every key that was ever issued, what it may do, and whether it still does. */
export interface Keys {
  /** @throws {StatusError} `INVALID_ARGUMENT` for a lifetime that is not a positive whole number, or senseless permissions. */
  issue(key: NewKey): Key;
  /**
   * The successor of a key: same permissions, and the same lifetime counted from now. The key itself goes on working until its own
   * expiry (`AuthClient.refreshApiKey` of `@gomomento/sdk`).
   * @throws {StatusError} `UNAUTHENTICATED` for a key that is unknown or revoked, and for a refresh token that is not this key's;
   *   for an expired key see {@link Behaviour.expiredKeyRefreshError}.
   */
  refresh(apiKey: string, refreshToken: string): Key;
  /**
   * The key of that name, if it is good for a call on that plane.
   * @throws {StatusError} `UNAUTHENTICATED` for a key that is missing, unknown, revoked, expired, or not known everywhere yet.
   */
  authenticate(apiKey: string | undefined, plane: 'control' | 'data'): Key;
  /** A key that was revoked stays so when it expires. */
  stateOf(apiKey: string): KeyState;
  /** Neither unknown, nor revoked, nor expired. */
  isValid(apiKey: string): boolean;
  /**
   * From now on the key is refused. Revoking an unknown key has no effect.
   * @throws {StatusError} `FAILED_PRECONDITION` for a disposable token: those cannot be revoked (docs.momentohq.com, "Tokens").
   */
  revoke(apiKey: string): void;
  find(apiKey: string): Key | undefined;
  /** Every key ever issued, in order. */
  all(): readonly Key[];
}

/** What changes about a key after it was issued. */
interface State {
  key: Key;
  revoked: boolean;
  refreshed: boolean;
  refusalsLeft: number;
}

export function createKeys(now: () => Date, behaviour: Behaviour): Keys {
  const states = new Map<string, State>();
  const statesById = new Map<string, State>();
  const epochSeconds = () => Math.floor(now().getTime() / 1000);
  const hasExpired = ({ validUntil }: Key) => validUntil !== undefined && epochSeconds() >= validUntil;
  const unauthenticated = (details: string) => new StatusError('UNAUTHENTICATED', details);

  function conditionOf({ key, revoked }: State): Exclude<KeyState, 'unknown'> {
    if (revoked) return 'revoked';
    if (hasExpired(key)) return 'expired';
    const parent =
      key.kind === 'disposable' && !behaviour.tokensOutliveKey ? statesById.get(key.from ?? '') : undefined;
    return parent ? conditionOf(parent) : 'good';
  }

  const keys: Keys = {
    issue({ origin, from, permissions, lifetime, v2, kind = 'v1', refreshable = false, tokenId }) {
      if (!v2) checkPermissions(permissions);
      if (lifetime !== undefined && !(Number.isSafeInteger(lifetime) && lifetime > 0)) {
        throw new StatusError('INVALID_ARGUMENT', 'valid_for_seconds must be a positive whole number');
      }
      const issuedAt = epochSeconds();
      const key: Key = {
        id: `key-${states.size + 1}`,
        origin,
        from,
        kind: v2 ? 'v2' : kind,
        apiKey: createApiKey(v2 ? 'v2' : kind),
        refreshToken: refreshable && lifetime !== undefined ? randomBytes(48).toString('base64url') : undefined,
        permissions,
        v2,
        tokenId,
        issuedAt,
        lifetime,
        validUntil: lifetime === undefined ? undefined : issuedAt + lifetime,
      };
      const refusalsLeft = origin === 'seed' ? 0 : behaviour.newKeyKnownAfterCalls;
      const state = { key, revoked: false, refreshed: false, refusalsLeft };
      states.set(key.apiKey, state);
      statesById.set(key.id, state);
      return key;
    },

    refresh(apiKey, refreshToken) {
      const state = states.get(apiKey);
      if (!state || state.revoked) throw unauthenticated('the API key is not valid');
      const { key } = state;
      if (hasExpired(key)) throw new StatusError(behaviour.expiredKeyRefreshError, 'the API key has expired');
      if (key.refreshToken === undefined || key.refreshToken !== refreshToken) {
        throw unauthenticated('the refresh token does not belong to the API key');
      }
      if (state.refreshed && behaviour.refreshTokenReuse === 'refused') {
        throw unauthenticated('the refresh token has been used already');
      }
      state.refreshed = true;
      const { id, permissions, lifetime } = key;
      return keys.issue({
        origin: 'RefreshApiToken',
        from: id,
        permissions,
        refreshable: true,
        ...(lifetime !== undefined && { lifetime }),
      });
    },

    authenticate(apiKey, plane) {
      const state = apiKey === undefined ? undefined : states.get(apiKey);
      const condition = state ? conditionOf(state) : 'unknown';
      if (!state || condition === 'revoked') throw unauthenticated('the API key is not valid');
      if (condition === 'expired') throw unauthenticated('the API key has expired');
      if (plane === 'data' && state.refusalsLeft > 0) {
        state.refusalsLeft -= 1;
        throw unauthenticated('the API key is not valid');
      }
      return state.key;
    },

    stateOf(apiKey) {
      const state = states.get(apiKey);
      return state ? conditionOf(state) : 'unknown';
    },

    isValid: (apiKey) => keys.stateOf(apiKey) === 'good',

    revoke(apiKey) {
      const state = states.get(apiKey);
      if (state?.key.kind === 'disposable') {
        throw new StatusError('FAILED_PRECONDITION', 'a disposable token cannot be revoked');
      }
      if (state) state.revoked = true;
    },

    find: (apiKey) => states.get(apiKey)?.key,
    all: () => [...states.values()].map(({ key }) => key),
  };
  return keys;
}

function createApiKey(kind: KeyKind): string {
  if (kind === 'v2') return createV2ApiKey();
  return kind === 'session' ? createSessionToken() : randomBytes(48).toString('base64url');
}
