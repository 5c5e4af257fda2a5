import type { Issue, Register, RegisterDoor } from '../rotation/credential.ts';
import { InvalidValueError, RegisterError } from '../rotation/errors.ts';
import { type ApiKeysError, apiKeys, type GeneratedKey } from './api-keys.ts';
import { expiryOf } from './lifetime.ts';
import { readIfValid, readSecretValue, type SecretValue } from './secret-value.ts';
import type { V2SecretValue } from './v2-secret-value.ts';

/** How v2 keys are managed. */
export interface KeyRegisterSettings {
  /** `MOMENTO_API_KEYS_ENDPOINT` */
  apiKeysEndpoint: string;
  /** `MOMENTO_ADMIN_SECRET`: name or ARN of the secret with the key that manages the others. */
  adminSecret?: string | undefined;
  /** `MOMENTO_ROLE_ID`: the role of the v2 keys that succeed v1 keys. */
  roleId?: string | undefined;
  /** `MOMENTO_KEY_LIFETIME_DAYS` */
  lifetimeDays?: number | undefined;
}

/**
 * The register of an account's v2 keys, for those who have a v2 key, or a v1 key that is to be succeeded by one: that takes
 * a role, and a secret with a key that manages others. What a secret says itself goes before what is configured for all.
 */
export function keyRegisterOf(
  current: SecretValue,
  settings: KeyRegisterSettings,
): RegisterDoor<SecretValue> | undefined {
  if (current.version === 1 && !current.isBroughtOver) return undefined;
  const adminSecret = current.adminSecret ?? settings.adminSecret;
  // Configured, where the secret does not say it.
  const roleId = (current.roleId ?? settings.roleId) as string;
  return {
    adminSecret,
    open: (adminSecretString, now) => {
      const ownKey = current.version === 2 && adminSecretString === undefined ? current : undefined;
      const admin = ownKey ?? readAdminKey(adminSecretString as string, now);
      return createKeyRegister({ current, admin, roleId, adminSecret, settings });
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
  roleId: string;
  adminSecret: string | undefined;
  settings: KeyRegisterSettings;
}

function createKeyRegister({ current, admin, roleId, adminSecret, settings }: KeyRegister): Register<SecretValue> {
  const api = apiKeys(settings.apiKeysEndpoint, admin.apiKey.encoded);
  const explain = (error: ApiKeysError, ofRole?: string) => remedyFor(error, adminSecret, ofRole);
  const registerError = (error: ApiKeysError) => new RegisterError('Momento', error.reason, explain(error));

  return {
    adminId: admin.id,

    async issue(order, timeoutMs) {
      const expiry = expiryOf(order, settings.lifetimeDays, current.expiresAt);
      if (Number.isNaN(expiry)) return UNREADABLE_EXPIRY;
      let generated: GeneratedKey;
      try {
        generated = await api.generate({ roleId, description: order.description, expiry }, timeoutMs);
      } catch (error) {
        const { reason, mayHaveWorked } = error as ApiKeysError;
        const remedy = explain(
          error as ApiKeysError,
          current.version === 2 ? 'field "roleId"' : 'field "roleId" or MOMENTO_ROLE_ID',
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

    async revoke(id, timeoutMs) {
      await api.revoke(id, timeoutMs).catch((error: ApiKeysError) => {
        if (error.status !== 404) throw registerError(error);
      });
    },
  };

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

/** A successor that never expires would be live for ever, where its predecessor was not meant to be. */
const UNREADABLE_EXPIRY: Issue<SecretValue> = {
  kind: 'refused',
  reason: 'MALFORMED_RESPONSE',
  remedy:
    'When the current key expires, its register says in a way that this function cannot read. Say it in field "validUntil" of the value, or set MOMENTO_KEY_LIFETIME_DAYS.',
};

const ANOTHER_SERVICE = 'Check MOMENTO_API_KEYS_ENDPOINT.';

/** What a human has to do about an answer; undefined: nothing, the same request may succeed later. */
function remedyFor(error: ApiKeysError, adminSecret: string | undefined, ofRole = ''): string | undefined {
  if (!error.isRefusal) return undefined;
  const key = adminSecret === undefined ? 'the key in this secret' : `the key in secret ${adminSecret}`;
  switch (error.status) {
    case 400:
      return `It takes the request for an invalid one. Check ${ofRole === '' ? '' : `the role in ${ofRole}, MOMENTO_KEY_LIFETIME_DAYS, the description of the key before, and `}MOMENTO_API_KEYS_ENDPOINT.`;
    case 401:
      return `It does not accept ${key}, which manages keys: it has expired, was revoked, or is not known there yet. If this repeats, store a fresh key there.`;
    case 402:
      return 'It asks for a payment first. Look at the billing of the account in the Momento console.';
    case 403:
      return `It does not let ${key} manage keys. Give the right to manage keys (auth_management) to that key's role, or name another secret, with a key that has it, in field "adminSecret" or in MOMENTO_ADMIN_SECRET.`;
    case 404:
      if (ofRole === '') return ANOTHER_SERVICE;
      return `There is no such role as ${ofRole} says; it was probably deleted. Store a value with the id of a role that there is, or create a role and a key of it in the Momento console.`;
    case 405:
      return ANOTHER_SERVICE;
  }
  return 'Its documentation does not know this answer. If it repeats, look for a newer release of the function, or ask Momento.';
}
