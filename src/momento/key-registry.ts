import {
  type IssueRequest,
  type Registry,
  type RegistryAccess,
  RegistryError,
  type RegistryIssue,
} from '../revocation/registry.ts';
import type { Credential } from '../rotation/credential.ts';
import { InvalidValueError } from '../rotation/errors.ts';
import { type ApiKeysError, apiKeys, type GeneratedKey } from './api-keys.ts';
import type { Management } from './authority.ts';
import { expiryOf } from './lifetime.ts';
import { readIfValid, readSecretValue, type SecretValue } from './secret-value.ts';
import type { V2SecretValue } from './v2-secret-value.ts';

/** How v2 keys are managed. */
export interface KeyRegistrySettings {
  /** `MOMENTO_API_KEYS_ENDPOINT` */
  apiKeysEndpoint: string;
  /** `MOMENTO_KEY_LIFETIME_DAYS` */
  lifetimeDays?: number | undefined;
}

interface KeyRegistry {
  /** A v2 key, or a v1 key that is to be succeeded by one. */
  current: SecretValue;
  management: Management;
  settings: KeyRegistrySettings;
  credentialOf(value: SecretValue): Credential;
}

/** The way into the registry of an account's v2 keys. */
export function keyRegistryAccess(registry: KeyRegistry): RegistryAccess {
  const { manager } = registry.management;
  if (manager.kind === 'itself') return { open: () => openKeyRegistry(registry, manager.key) };
  return {
    adminSecret: manager.adminSecret,
    adminWording: manager.wording,
    open: (adminSecretString, now) => openKeyRegistry(registry, readAdminKey(adminSecretString, now)),
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

function openKeyRegistry({ current, management, settings, credentialOf }: KeyRegistry, admin: V2SecretValue): Registry {
  const { roleId, manager } = management;
  const api = apiKeys(settings.apiKeysEndpoint, admin.apiKey.encoded);
  const adminWording = manager.kind === 'itself' ? 'this secret' : manager.wording;
  const explain = (error: ApiKeysError, ofRole?: string) => remedyFor(error, adminWording, ofRole);
  const registryError = (error: ApiKeysError) => new RegistryError('Momento', error.reason, explain(error));

  return {
    adminId: admin.id,

    async issue(request, timeoutMs) {
      const expiry = expiryOf(request, settings.lifetimeDays, current.expiresAt);
      if (Number.isNaN(expiry)) return UNREADABLE_EXPIRY;
      let generated: GeneratedKey;
      try {
        generated = await generate(request, expiry, timeoutMs);
      } catch (error) {
        const { reason, status, mayHaveWorked } = error as ApiKeysError;
        const remedy = explain(
          error as ApiKeysError,
          manager.kind === 'itself' ? 'field "roleId"' : 'MOMENTO_ROLES or MOMENTO_ROLE_ID',
        );
        if (remedy !== undefined) return { kind: 'refused', reason, remedy };
        if (status === TOO_MANY_REQUESTS) return { kind: 'throttled', reason };
        return { kind: 'unavailable', reason, mayHaveIssued: mayHaveWorked };
      }
      return issued(generated, expiry) ?? (await refuse(generated, timeoutMs));
    },

    async list(pageToken, timeoutMs) {
      const { keys, nextToken } = await api.list(pageToken, timeoutMs).catch((error: ApiKeysError) => {
        throw registryError(error);
      });
      return { records: keys.map(({ keyId: id, ...record }) => ({ id, ...record })), nextToken };
    },

    howToRevoke: (id) =>
      `curl --request DELETE --header "Authorization: $ADMIN_KEY" "${settings.apiKeysEndpoint}/api-keys/${encodeURIComponent(id)}"`,

    async revoke(id, timeoutMs) {
      await api.revoke(id, timeoutMs).catch((error: ApiKeysError) => {
        if (error.status !== 404) throw registryError(error);
      });
    },
  };

  async function generate(request: IssueRequest, expiry: number | undefined, timeoutMs: number): Promise<GeneratedKey> {
    const endsAt = performance.now() + timeoutMs;
    const generateAs = (description: string) =>
      api.generate({ roleId, description, expiry }, Math.max(1, Math.floor(endsAt - performance.now())));
    return generateAs(request.description).catch((error: ApiKeysError) => {
      const mayBeTooLong = TOO_LONG.includes(error.status ?? 0) && request.description !== request.shortDescription;
      if (!mayBeTooLong) throw error;
      return generateAs(request.shortDescription);
    });
  }

  /** @param expiry that it was asked for with, which counts where the answer does not say it in a way that can be read */
  function issued({ apiKey, info }: GeneratedKey, expiry: number | undefined): RegistryIssue | undefined {
    const { keyId, expiresAt } = info;
    const told = (expiresAt?.getTime() ?? Number.NaN) / 1000;
    const validUntil = Number.isNaN(told) ? expiry : told;
    const secretString = current.withV2Key({ apiKey, keyId, roleId, validUntil });
    const successor = readIfValid(secretString);
    if (successor?.version !== 2) return undefined;
    return { kind: 'issued', secretString, successor: credentialOf(successor), id: keyId };
  }

  /** The next one would be no other. */
  async function refuse({ info }: GeneratedKey, timeoutMs: number): Promise<RegistryIssue> {
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

const TOO_MANY_REQUESTS = 429;

/** How long a description may be, and what may stand in it, is not documented, nor what is answered then. */
const TOO_LONG = [400, 413, 422];

/** A successor that never expires would be live for ever, where its predecessor was not meant to be. */
const UNREADABLE_EXPIRY: RegistryIssue = {
  kind: 'refused',
  reason: 'MALFORMED_RESPONSE',
  remedy:
    'The registry of keys says in a way that this function cannot read when the current key expires. Say it in field "validUntil" of the value, or set MOMENTO_KEY_LIFETIME_DAYS.',
};

const ANOTHER_SERVICE = 'Check MOMENTO_API_KEYS_ENDPOINT.';

/** What a human has to do about an answer; undefined: nothing, the same request may succeed later. */
function remedyFor(error: ApiKeysError, adminWording: string, ofRole = ''): string | undefined {
  if (!error.isRefusal) return undefined;
  const key = `the key in ${adminWording}`;
  switch (error.status) {
    case 400:
      return `It calls the request invalid. Check ${ofRole === '' ? '' : `the role in ${ofRole}, MOMENTO_KEY_LIFETIME_DAYS, the description of the key before, and `}MOMENTO_API_KEYS_ENDPOINT.`;
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
  return 'This answer is not documented. If it repeats, look for a newer release of the function, or ask Momento.';
}
