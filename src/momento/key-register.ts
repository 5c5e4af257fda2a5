import type { Issue, Order, Register, RegisterDoor } from '../rotation/credential.ts';
import { InvalidValueError, RegisterError } from '../rotation/errors.ts';
import { type ApiKeysError, apiKeys, type GeneratedKey } from './api-keys.ts';
import type { Management } from './authority.ts';
import { expiryOf } from './lifetime.ts';
import { readIfValid, readSecretValue, type SecretValue } from './secret-value.ts';
import type { V2SecretValue } from './v2-secret-value.ts';

/** How v2 keys are managed. */
export interface KeyRegisterSettings {
  /** `MOMENTO_API_KEYS_ENDPOINT` */
  apiKeysEndpoint: string;
  /** `MOMENTO_KEY_LIFETIME_DAYS` */
  lifetimeDays?: number | undefined;
}

/**
 * The register of an account's v2 keys, for those who have a v2 key, or a v1 key that is to be succeeded by one.
 *
 * @param current one that manages itself is a v2 key
 */
export function keyRegisterOf(
  current: SecretValue,
  management: Management,
  settings: KeyRegisterSettings,
): RegisterDoor<SecretValue> {
  const { adminSecret, adminWording } = management;
  return {
    adminSecret,
    adminWording,
    open: (adminSecretString, now) => {
      const admin = adminSecretString === undefined ? (current as V2SecretValue) : readAdminKey(adminSecretString, now);
      return createKeyRegister({ current, admin, management, settings });
    },
  };
}

function readAdminKey(secretString: string, now: Date): V2SecretValue {
  const value = readSecretValue(secretString);
  if (value.version === 1) throw new InvalidValueError('It is a v1 API key, which cannot manage keys. Store a v2 key.');
  if (value.expiresAt !== undefined && value.expiresAt <= now) {
    throw new InvalidValueError(`It expired on ${value.expiresAt.toISOString()}. Store a fresh key.`);
  }
  return value;
}

interface KeyRegister {
  current: SecretValue;
  admin: V2SecretValue;
  management: Management;
  settings: KeyRegisterSettings;
}

function createKeyRegister({ current, admin, management, settings }: KeyRegister): Register<SecretValue> {
  const { roleId, adminWording } = management;
  const api = apiKeys(settings.apiKeysEndpoint, admin.apiKey.encoded);
  const explain = (error: ApiKeysError, ofRole?: string) => remedyFor(error, adminWording, ofRole);
  const registerError = (error: ApiKeysError) => new RegisterError('Momento', error.reason, explain(error));

  return {
    adminId: admin.id,

    async issue(order, timeoutMs) {
      const expiry = expiryOf(order, settings.lifetimeDays, current.expiresAt);
      if (Number.isNaN(expiry)) return UNREADABLE_EXPIRY;
      let generated: GeneratedKey;
      try {
        generated = await generate(order, expiry, timeoutMs);
      } catch (error) {
        const { reason, mayHaveWorked } = error as ApiKeysError;
        const remedy = explain(
          error as ApiKeysError,
          management.adminSecret === undefined ? 'field "roleId"' : 'MOMENTO_ROLES or MOMENTO_ROLE_ID',
        );
        if (remedy !== undefined) return { kind: 'refused', reason, remedy };
        return { kind: 'unavailable', reason, mayHaveIssued: mayHaveWorked };
      }
      return issued(generated, expiry) ?? (await refuse(generated, timeoutMs));
    },

    async list(pageToken, timeoutMs) {
      const { keys, nextToken } = await api.list(pageToken, timeoutMs).catch((error: ApiKeysError) => {
        throw registerError(error);
      });
      return { entries: keys.map(({ keyId: id, ...entry }) => ({ id, ...entry })), nextToken };
    },

    howToRevoke: (id) =>
      `curl --request DELETE --header "Authorization: $ADMIN_KEY" "${settings.apiKeysEndpoint}/api-keys/${encodeURIComponent(id)}"`,

    async revoke(id, timeoutMs) {
      await api.revoke(id, timeoutMs).catch((error: ApiKeysError) => {
        if (error.status !== 404) throw registerError(error);
      });
    },
  };

  async function generate(order: Order, expiry: number | undefined, timeoutMs: number): Promise<GeneratedKey> {
    const endsAt = performance.now() + timeoutMs;
    const generateAs = (description: string) =>
      api.generate({ roleId, description, expiry }, Math.max(1, Math.floor(endsAt - performance.now())));
    return generateAs(order.description).catch((error: ApiKeysError) => {
      const mayBeTooLong = TOO_LONG.includes(error.status ?? 0) && order.description !== order.shortDescription;
      if (!mayBeTooLong) throw error;
      return generateAs(order.shortDescription);
    });
  }

  /** @param expiry that it was asked for with, which counts where the answer does not say it in a way that can be read */
  function issued({ apiKey, info }: GeneratedKey, expiry: number | undefined): Issue<SecretValue> | undefined {
    const { keyId, expiresAt } = info;
    const told = (expiresAt?.getTime() ?? Number.NaN) / 1000;
    const validUntil = Number.isNaN(told) ? expiry : told;
    const secretString = current.withV2Key({ apiKey, keyId, roleId, validUntil });
    const successor = readIfValid(secretString);
    return successor?.version === 2 ? { kind: 'issued', successor, secretString } : undefined;
  }

  /** The next one would be no other. */
  async function refuse({ info }: GeneratedKey, timeoutMs: number): Promise<Issue<SecretValue>> {
    const isRevoked = await api.revoke(info.keyId, timeoutMs).then(
      () => true,
      () => false,
    );
    const fate = isRevoked ? 'was revoked' : 'the next rotation revokes';
    return {
      kind: 'refused',
      reason: 'MALFORMED_RESPONSE',
      remedy: `It generated a key of a kind that this function does not know, and which ${fate}. Look for a newer release of the function.`,
    };
  }
}

/** How long a description may be, and what may stand in it, is not documented, nor what is answered then. */
const TOO_LONG = [400, 413, 422];

/** A successor that never expires would be live for ever, where its predecessor was not meant to be. */
const UNREADABLE_EXPIRY: Issue<SecretValue> = {
  kind: 'refused',
  reason: 'MALFORMED_RESPONSE',
  remedy:
    'When the current key expires, its register says in a way that this function cannot read. Say it in field "validUntil" of the value, or set MOMENTO_KEY_LIFETIME_DAYS.',
};

const ANOTHER_SERVICE = 'Check MOMENTO_API_KEYS_ENDPOINT.';

/** What a human has to do about an answer; undefined: nothing, the same request may succeed later. */
function remedyFor(error: ApiKeysError, adminWording: string, ofRole = ''): string | undefined {
  if (!error.isRefusal) return undefined;
  const key = `the key in ${adminWording}`;
  switch (error.status) {
    case 400:
      return `It takes the request for an invalid one. Check ${ofRole === '' ? '' : `the role in ${ofRole}, MOMENTO_KEY_LIFETIME_DAYS, the description of the key before, and `}MOMENTO_API_KEYS_ENDPOINT.`;
    case 401:
      return `It does not accept ${key}, which manages keys: it has expired, was revoked, or is not known there yet. If this repeats, store a fresh key there.`;
    case 402:
      return 'It asks for a payment first. Look at the billing of the account in the Momento console.';
    case 403:
      return `It does not let ${key} manage keys. Give the right to manage keys (auth_management) to that key's role, or name another secret, with a key that has it, in MOMENTO_ADMIN_SECRET.`;
    case 404:
      if (ofRole === '') return ANOTHER_SERVICE;
      return `There is no such role as ${ofRole} says; it was probably deleted. Store a value with the id of a role that there is, or create a role and a key of it in the Momento console. If there is one, check MOMENTO_API_KEYS_ENDPOINT.`;
    case 405:
      return ANOTHER_SERVICE;
  }
  return 'Its documentation does not know this answer. If it repeats, look for a newer release of the function, or ask Momento.';
}
