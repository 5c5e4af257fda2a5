import { createKeyList, type KeyPage, type ListRequest } from './key-list.ts';
import type { Key, Keys } from './keys.ts';
import type { Behaviour } from './momento-behaviour.ts';
import type { Roles } from './roles.ts';
import { StatusError } from './status-error.ts';

export interface GenerateRequest {
  roleId: string;
  /** @default '' */
  description?: string;
  /** Epoch seconds. */
  expiry: 'never' | number;
}

/** What the HTTP API does with v2 keys, for a caller who may. */
export interface KeyManagement {
  /**
   * @throws {StatusError} `INVALID_ARGUMENT` for a description that is too long and an expiry that is not in the future
   *   (assumed), `NOT_FOUND` for an unknown role.
   */
  generate(caller: Key, request: GenerateRequest): Key;
  /** @throws {StatusError} `INVALID_ARGUMENT` */
  list(request: ListRequest): KeyPage;
  /** Effective at once. @throws {StatusError} `NOT_FOUND`, also for a v1 key. */
  revoke(keyId: string): void;
}

interface KeyManagementOptions {
  keys: Keys;
  roles: Roles;
  behaviour: Behaviour;
  now(): Date;
}

export function createKeyManagement({ keys, roles, behaviour, now }: KeyManagementOptions): KeyManagement {
  const list = createKeyList(keys, behaviour, now);
  const notFound = () => new StatusError('NOT_FOUND', 'key_id: there is no such key');

  function lifetimeUntil(expiry: 'never' | number): { lifetime?: number } {
    if (expiry === 'never') return {};
    const lifetime = expiry - Math.floor(now().getTime() / 1000);
    if (Number.isSafeInteger(expiry) && lifetime > 0) return { lifetime };
    throw new StatusError('INVALID_ARGUMENT', 'expiry must be "never" or epoch seconds in the future');
  }

  return {
    generate(caller, { roleId, description = '', expiry }) {
      if (description.length > behaviour.longestDescription) {
        throw new StatusError(
          'INVALID_ARGUMENT',
          `description must not exceed ${behaviour.longestDescription} characters`,
        );
      }
      const lifetime = lifetimeUntil(expiry);
      const role = roles.open(roleId);
      const { permissions } = role;
      const v2 = { role, description };
      const key = keys.issue({ origin: 'GenerateApiKey', from: caller.id, permissions, v2, ...lifetime });
      list.generated(key);
      return key;
    },
    list: list.page,
    revoke(keyId) {
      const key = keys.all().find(({ id, v2 }) => v2 && id === keyId);
      if (!key) throw notFound();
      const state = keys.stateOf(key.apiKey);
      if (state === 'expired' && behaviour.expiredKeys === 'forgotten') throw notFound();
      if (state !== 'revoked') {
        keys.revoke(key.apiKey);
        list.revoked(key);
      } else if (behaviour.secondRevocation === 'NOT_FOUND') throw notFound();
    },
  };
}
