import { InvalidValueError, RotationError } from '../rotation/errors.ts';
import { isSameSecret } from '../rotation/secret-id.ts';
import { rolesIn } from './configured-roles.ts';
import { hostsIn } from './hosts.ts';
import type { SecretValue } from './secret-value.ts';
import type { V1SecretValue } from './v1-secret-value.ts';
import type { V2SecretValue } from './v2-secret-value.ts';

/** What may be done for whom. Whoever may write a secret's value gains nothing beyond that. */
export interface AuthoritySettings {
  /**
   * `MOMENTO_ADMIN_SECRET`: names or ARNs of the secrets with a key that manages others. The first one is for every secret whose value
   * chooses none of the others, and manages itself.
   * @default none: each key manages itself
   */
  adminSecrets?: readonly string[] | undefined;
  /**
   * `MOMENTO_ROLES`: from names or ARNs of secrets, or `*` for all others, to the ids of the roles that their keys are to have. A key
   * that manages itself is bounded by Momento, and needs no entry.
   */
  roles?: Readonly<Record<string, string>> | undefined;
  /** `MOMENTO_ROLE_ID`: short for an entry `*`. */
  roleId?: string | undefined;
  /**
   * `MOMENTO_HOSTS`: the domains that keys may be sent to.
   * @default momentohq.com
   */
  hosts?: readonly string[] | undefined;
}

/** How the successor of a key is made. */
type KeySuccession = { by: 'refresh'; key: V1SecretValue } | ({ by: 'generation' } & Management);

/** How v2 keys are generated for a secret. */
export interface Management {
  /** Of which role. */
  roleId: string;
  /** With which key. */
  manager: Manager;
}

type Manager =
  | { kind: 'itself'; key: V2SecretValue }
  | {
      kind: 'admin';
      /** Name or ARN of the secret with that key, as it is configured. */
      adminSecret: string;
      /** What messages call that secret, which nobody has confirmed. */
      wording: string;
    };

/** What is configured for one secret. */
export interface Authority {
  /** A v1 key in it is to be succeeded by a v2 key. */
  bringsOver: boolean;
  /** @throws InvalidValueError when the value's key would be sent elsewhere than to Momento */
  requireHost(value: SecretValue): void;
  /** @throws InvalidValueError when the value disagrees with what is configured, and RotationError (operator) when nothing is */
  successionOf(value: SecretValue): KeySuccession;
}

/** @returns what is configured for a secret, by its name or ARN */
export function authorityIn(settings: AuthoritySettings): (secretId: string) => Authority {
  const { adminSecrets = [] } = settings;
  const isMomento = hostsIn(settings.hosts);
  const roles = rolesIn(settings.roles, settings.roleId);

  return (secretId) => {
    const named = roles.namedFor(secretId);
    const role = named ?? roles.forOthers;
    return {
      bringsOver: role !== undefined,

      requireHost({ apiKey, endpointField }) {
        if (isMomento(apiKey.endpoint)) return;
        throw new InvalidValueError(
          `Field "${endpointField}" names a host that is not Momento's, to which no key is sent: it is neither momentohq.com nor under it, nor what MOMENTO_HOSTS lists instead; or it has a port. Copy the key and its endpoint again from the Momento console, or list the domain there.`,
        );
      },

      successionOf(value) {
        if (value.version === 1 && !value.isBroughtOver) return { by: 'refresh', key: value };
        const admin = choose(value.adminSecret);
        if (value.version === 2 && (admin === undefined || isSameSecret(admin, secretId))) {
          // The entry for all others is not meant for those who manage them.
          const roleId = requireRole(value, named ?? value.roleId);
          return { by: 'generation', roleId, manager: { kind: 'itself', key: value } };
        }
        if (role === undefined || admin === undefined) throw noRole();
        const wording = `the secret that ${wordingOf(value.adminSecret)} names`;
        return {
          by: 'generation',
          roleId: requireRole(value, role),
          manager: { kind: 'admin', adminSecret: admin, wording },
        };
      },
    };
  };

  function choose(adminSecret: string | undefined): string | undefined {
    if (adminSecret === undefined) return adminSecrets[0];
    const listed = adminSecrets.find((entry) => isSameSecret(entry, adminSecret));
    if (listed !== undefined) return listed;
    throw new InvalidValueError(
      'Field "adminSecret" names a secret that is not configured as one with a key that manages others. Leave the field out, or list that secret in MOMENTO_ADMIN_SECRET.',
    );
  }
}

/** @throws InvalidValueError when the value says another one */
function requireRole(value: SecretValue, configured: string): string {
  if (value.roleId === undefined || value.roleId === configured) return configured;
  throw new InvalidValueError(
    `Field "roleId" does not say the role that is configured for this secret, and no other is given to its keys. Correct the field, or have MOMENTO_ROLES (or MOMENTO_ROLE_ID, for all secrets) say the role that they are to have.`,
  );
}

const wordingOf = (adminSecret: string | undefined) =>
  adminSecret === undefined ? 'MOMENTO_ADMIN_SECRET' : 'field "adminSecret"';

const noRole = () =>
  new RotationError(
    'operator',
    `No role is configured for this secret, so that an admin secret's key generates none for it. Say which role its keys are to have, in MOMENTO_ROLES by the secret's name or whole ARN ({"NAME": "ROLE ID"}), or in MOMENTO_ROLE_ID for all secrets.`,
  );
