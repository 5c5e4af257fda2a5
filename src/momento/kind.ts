import type { RegistryAccess, RevocableKind } from '../revocation/registry.ts';
import { registryIssuer } from '../revocation/registry-issuer.ts';
import type { Credential, CredentialKind, Ping } from '../rotation/credential.ts';
import type { Authority, Management } from './authority.ts';
import type { Refresh } from './refresh.ts';
import { refreshIssuer } from './refresh-issuer.ts';
import { readSecretValue, type SecretValue } from './secret-value.ts';
import type { V1SecretValue } from './v1-secret-value.ts';

/** What is asked of Momento: one attempt a call. */
export interface MomentoCalls {
  /** Never rejects. */
  refresh(key: V1SecretValue, timeoutMs: number): Promise<Refresh>;
  /** Never rejects. */
  ping(value: SecretValue, timeoutMs: number): Promise<Ping>;
  /** @param credentialOf what a generated key becomes */
  registryAccess(
    current: SecretValue,
    management: Management,
    credentialOf: (value: SecretValue) => Credential,
  ): RegistryAccess;
}

/** A kind of credential: v1 keys are refreshed, v2 keys are generated over a registry, from which they can be revoked. */
export interface MomentoKind extends CredentialKind, RevocableKind {}

/**
 * Which of the two a key is, its secret says by its shape; what may be done with it, the configuration says.
 *
 * @param readText how the text of a secret is read
 */
export function momentoKind(
  { bringsOver, requireHost, successionOf }: Authority,
  calls: MomentoCalls,
  readText: typeof readSecretValue = readSecretValue,
): MomentoKind {
  const readAllowed = (secretString: string) => {
    const value = readText(secretString, bringsOver);
    requireHost(value);
    return { value, way: successionOf(value) };
  };
  const credentialOf = (value: SecretValue): Credential => ({
    expiresAt: value.expiresAt,
    isRegistered: value.version === 2,
    ping: (timeoutMs) => calls.ping(value, timeoutMs),
    async issuerFor(succession) {
      const way = successionOf(value);
      return way.by === 'refresh'
        ? refreshIssuer((timeoutMs) => calls.refresh(way.key, timeoutMs), credentialOf)
        : registryIssuer(succession, value, calls.registryAccess(value, way, credentialOf));
    },
  });

  return {
    wording: {
      service: 'Momento',
      howToReplace:
        'Generate a new v1 API key with an expiry, in the Momento console or with AuthClient.generateApiKey, and save it as {"apiKey", "refreshToken", "validUntil"}; or a v2 key, and save it as {"apiKey", "endpoint", "keyId", "roleId", "validUntil"}.',
    },
    read: (secretString) => credentialOf(readAllowed(secretString).value),
    registryFor(secretString) {
      const { value, way } = readAllowed(secretString);
      return way.by === 'refresh' ? undefined : calls.registryAccess(value, way, credentialOf);
    },
    identify(secretString) {
      const value = readText(secretString, bringsOver);
      const { roleId, expiresAt } = value;
      return { id: value.version === 2 ? value.id : undefined, roleId, expiresAt };
    },
  };
}
