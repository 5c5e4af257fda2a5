import type { StatusName } from '../../src/local/momento/status-error.ts';
import type { Management } from '../../src/momento/authority.ts';
import { expiryOf } from '../../src/momento/lifetime.ts';
import { readSecretValue, type SecretValue } from '../../src/momento/secret-value.ts';
import {
  type KeyRecord,
  type Registry,
  type RegistryAccess,
  RegistryError,
  type RegistryIssue,
  type RegistryPage,
} from '../../src/revocation/registry.ts';
import type { Credential } from '../../src/rotation/credential.ts';
import { configuredFor } from './kind.ts';
import { type Link, request } from './link.ts';
import type { Symptom } from './mishaps.ts';
import { onTheWire } from './stand-ins.ts';

/** As src/momento names the answers of Momento's HTTP API. */
const REASONS: Record<Symptom, string> = {
  throttled: 'HTTP 429',
  serverError: 'HTTP 500',
  refused: 'ECONNREFUSED',
  reset: 'ECONNRESET',
  timeout: 'TimeoutError',
  malformed: 'MALFORMED_RESPONSE',
  denied: 'HTTP 403',
};

/** As there, of a key that is not let in, and of one that may not manage keys. */
const STORE_FRESH =
  'It does not accept the key, which manages keys: it has expired or was revoked. Store a fresh key there.';
const GIVE_RIGHT = "Give the right to manage keys (auth_management) to that key's role.";

const remedyFor = (code: StatusName) => (code === 'UNAUTHENTICATED' ? STORE_FRESH : GIVE_RIGHT);

/** A registry that does something else. */
export type ChangeRegistry = (registry: Registry, current: SecretValue) => Partial<Registry>;

interface SimulatedRegistry {
  current: SecretValue;
  management: Management;
  credentialOf(value: SecretValue): Credential;
  change: ChangeRegistry;
}

/** The registry of v2 keys, at the account in this process, as `src/momento/key-registry.ts` has it. */
export function simulatedRegistry(
  link: Link,
  { current, management, credentialOf, change }: SimulatedRegistry,
): RegistryAccess {
  const { invocation, standIns, witness } = link;
  const { account, configuration, name } = standIns;
  const { manager, roleId } = management;
  const idOf = (value: SecretValue) => account.keys.find(onTheWire(value))?.id;
  const openAs = (admin: SecretValue): Registry => {
    const registry = open(admin);
    return { ...registry, ...change(registry, current) };
  };
  if (manager.kind === 'itself') return { open: () => openAs(manager.key) };
  return {
    adminSecret: manager.adminSecret,
    adminWording: manager.wording,
    open: (adminSecretString) => openAs(configuredFor(configuration, name).readText(adminSecretString)),
  };

  function done(): void {
    invocation.revoked += 1;
  }

  function open(admin: SecretValue): Registry {
    const caller = { apiKey: onTheWire(admin) };
    const adminId = idOf(admin);
    return {
      adminId: adminId ?? '',
      issue: (issueRequest, timeoutMs) =>
        request<RegistryIssue>(link, 'GenerateApiKey', adminId, timeoutMs, {
          perform() {
            const expiry = expiryOf(issueRequest, undefined, current.expiresAt) ?? 'never';
            const key = account.generateApiKey(caller, { roleId, description: issueRequest.description, expiry });
            witness.onIssued(invocation, key, idOf(current));
            const { apiKey, id: keyId, validUntil } = key;
            const secretString = current.withV2Key({ apiKey, keyId, roleId, validUntil });
            return () => ({
              kind: 'issued',
              secretString,
              id: keyId,
              successor: credentialOf(readSecretValue(secretString)),
            });
          },
          refusal: (code) => ({ kind: 'refused', reason: code, remedy: remedyFor(code) }),
          mishap: failedIssue,
        }),
      list: (pageToken, timeoutMs) =>
        request<RegistryPage>(link, 'ListApiKeys', adminId, timeoutMs, {
          perform() {
            // As many a page as the switch says.
            const page = account.listApiKeys(caller, pageToken === undefined ? {} : { nextToken: pageToken });
            const records = page.keys.map(
              ({ id, v2, issuedAt, validUntil }): KeyRecord => ({
                id,
                roleId: v2?.role.roleId,
                description: v2?.description ?? '',
                issuedAt: new Date(issuedAt * 1000),
                expiresAt: validUntil === undefined ? undefined : new Date(validUntil * 1000),
              }),
            );
            return () => ({ records, nextToken: page.nextToken });
          },
          refusal: refuse,
          mishap: disturb,
        }),
      howToRevoke: (id) => `curl -X DELETE https://momento.example/api-keys/${id}`,
      revoke: (id, timeoutMs) =>
        request<void>(link, 'RevokeApiKey', id, timeoutMs, {
          perform() {
            const isLive = account.keys.all().some((key) => key.id === id && account.keys.isValid(key.apiKey));
            account.revokeApiKey(caller, id);
            if (isLive) witness.onRevoked(invocation, id);
            return done;
          },
          refusal: (code) => (code === 'NOT_FOUND' ? done() : refuse(code)),
          mishap: disturb,
        }),
    };
  }
}

function failedIssue(symptom: Symptom): RegistryIssue {
  const reason = REASONS[symptom];
  switch (symptom) {
    case 'denied':
      return { kind: 'refused', reason, remedy: GIVE_RIGHT };
    case 'throttled':
      return { kind: 'throttled', reason };
    default:
      return { kind: 'unavailable', reason, mayHaveIssued: symptom !== 'refused' };
  }
}

function refuse(code: StatusName): never {
  throw new RegistryError('Momento', code, remedyFor(code));
}

function disturb(symptom: Symptom): never {
  throw new RegistryError('Momento', REASONS[symptom], symptom === 'denied' ? GIVE_RIGHT : undefined);
}
