import type { StatusName } from '../../src/local/momento/status-error.ts';
import type { Management } from '../../src/momento/authority.ts';
import { expiryOf } from '../../src/momento/lifetime.ts';
import { readSecretValue, type SecretValue } from '../../src/momento/secret-value.ts';
import type { Entry, Issue, RegisterDoor, RegisterPage } from '../../src/rotation/credential.ts';
import { RegisterError } from '../../src/rotation/errors.ts';
import { kindFor } from './kind.ts';
import type { Symptom } from './mishaps.ts';
import { type Link, request } from './ports.ts';
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

/** After which nothing was issued. */
const WITHOUT_EFFECT: Symptom[] = ['throttled', 'refused', 'denied'];

/** As there, of a key that is not let in, and of one that may not manage keys. */
const STORE_FRESH =
  'It does not accept the key, which manages keys: it has expired or was revoked. Store a fresh key there.';
const GIVE_RIGHT = "Give the right to manage keys (auth_management) to that key's role.";

const remedyFor = (code: StatusName) => (code === 'UNAUTHENTICATED' ? STORE_FRESH : GIVE_RIGHT);

/** The register of v2 keys, at the account in this process, as `src/momento/key-register.ts` has it. */
export function simulatedRegister(
  link: Link,
  current: SecretValue,
  { adminSecret, adminWording, roleId }: Management,
): RegisterDoor<SecretValue> {
  const { invocation, standIns, witness } = link;
  const { account, configuration, name } = standIns;
  const idOf = (value: SecretValue) => account.keys.find(onTheWire(value))?.id;

  return {
    adminSecret,
    adminWording,
    open(adminSecretString) {
      const admin = adminSecretString === undefined ? current : kindFor(configuration, name).inspect(adminSecretString);
      const caller = { apiKey: onTheWire(admin) };
      const adminId = idOf(admin);
      return {
        adminId: adminId ?? '',
        issue: (order, timeoutMs) =>
          request<Issue<SecretValue>>(link, 'GenerateApiKey', adminId, timeoutMs, {
            perform() {
              const expiry = expiryOf(order, undefined, current.expiresAt) ?? 'never';
              const key = account.generateApiKey(caller, { roleId, description: order.description, expiry });
              witness.onIssued(invocation, key, idOf(current));
              const { apiKey, id: keyId, validUntil } = key;
              const secretString = current.withV2Key({ apiKey, keyId, roleId, validUntil });
              return () => ({ kind: 'issued', secretString, successor: readSecretValue(secretString) });
            },
            refusal: (code) => ({ kind: 'refused', reason: code, remedy: remedyFor(code) }),
            mishap: (symptom) =>
              symptom === 'denied'
                ? { kind: 'refused', reason: REASONS[symptom], remedy: GIVE_RIGHT }
                : {
                    kind: 'unavailable',
                    reason: REASONS[symptom],
                    mayHaveIssued: !WITHOUT_EFFECT.includes(symptom),
                  },
          }),
        list: (pageToken, timeoutMs) =>
          request<RegisterPage>(link, 'ListApiKeys', adminId, timeoutMs, {
            perform() {
              // As many a page as the switch says.
              const page = account.listApiKeys(caller, pageToken === undefined ? {} : { nextToken: pageToken });
              const entries = page.keys.map(
                ({ id, v2, issuedAt, validUntil }): Entry => ({
                  id,
                  roleId: v2?.role.roleId,
                  description: v2?.description ?? '',
                  issuedAt: new Date(issuedAt * 1000),
                  expiresAt: validUntil === undefined ? undefined : new Date(validUntil * 1000),
                }),
              );
              return () => ({ entries, nextToken: page.nextToken });
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
              return () => undefined;
            },
            refusal: (code) => (code === 'NOT_FOUND' ? undefined : refuse(code)),
            mishap: disturb,
          }),
      };
    },
  };
}

function refuse(code: StatusName): never {
  throw new RegisterError('Momento', code, remedyFor(code));
}

function disturb(symptom: Symptom): never {
  throw new RegisterError('Momento', REASONS[symptom], symptom === 'denied' ? GIVE_RIGHT : undefined);
}
