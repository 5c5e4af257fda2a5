import { InvalidValueError, RotationError } from '../rotation/errors.ts';
import { isSameSecret } from '../rotation/secret-id.ts';
import { looksLikeApiKey } from './api-key.ts';
import { readHosts } from './hosts.ts';
import { readRoles } from './roles.ts';
import type { SecretValue } from './secret-value.ts';

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

/** How the key of a secret is managed. */
export interface Management {
  /** Name or ARN of the secret with the key that manages it, as it is configured. Undefined: it manages itself. */
  adminSecret: string | undefined;
  /** What messages call that secret, which nobody has confirmed. */
  adminWording: string;
  /** The role of its successor. */
  roleId: string;
}

/** What is configured for one secret. */
export interface Authority {
  /** A v1 key in it is to be succeeded by a v2 key. */
  bringsOver: boolean;
  /** @throws InvalidValueError when the value's key would be sent elsewhere than to Momento */
  requireHost(value: SecretValue): void;
  /**
   * @returns undefined: nothing manages it, because it is a v1 key and is to stay one
   * @throws InvalidValueError when the value disagrees with what is configured, and RotationError (operator) when nothing is
   */
  managementOf(value: SecretValue): Management | undefined;
}

/**
 * @returns what is configured for a secret, by its name or ARN
 * @throws Error when a setting makes no sense; the message names it
 */
export function readAuthority(settings: AuthoritySettings): (secretId: string) => Authority {
  const { adminSecrets = [] } = settings;
  const isMomento = readHosts(settings.hosts);
  const roles = readRoles(settings.roles, settings.roleId);
  if (adminSecrets.some(looksLikeApiKey)) {
    throw new Error('MOMENTO_ADMIN_SECRET holds an API key. Store that in a secret, and give the name of the secret.');
  }
  if (adminSecrets.length === 0 && (settings.roles ?? settings.roleId) !== undefined) {
    throw new Error(
      `${settings.roles === undefined ? 'MOMENTO_ROLE_ID' : 'MOMENTO_ROLES'} says which roles an admin secret's key may give, for which MOMENTO_ADMIN_SECRET has to name the secret with a key that may manage keys.`,
    );
  }

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

      managementOf(value) {
        if (value.version === 1 && !value.isBroughtOver) return undefined;
        const admin = choose(value.adminSecret);
        const managesItself = value.version === 2 && (admin === undefined || isSameSecret(admin, secretId));
        // The entry for all others is not meant for those who manage them.
        const configured = managesItself ? (named ?? value.roleId) : role;
        if (configured === undefined) throw noRole();
        if (value.roleId !== undefined && value.roleId !== configured) throw anotherRole();
        return {
          adminSecret: managesItself ? undefined : admin,
          adminWording: managesItself ? 'this secret' : `the secret that ${wordingOf(value.adminSecret)} names`,
          roleId: configured,
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

const wordingOf = (adminSecret: string | undefined) =>
  adminSecret === undefined ? 'MOMENTO_ADMIN_SECRET' : 'field "adminSecret"';

const noRole = () =>
  new RotationError(
    'operator',
    `No role is configured for this secret, so that an admin secret's key generates none for it. Say which role its keys are to have, in MOMENTO_ROLES by the secret's name or whole ARN ({"NAME": "ROLE ID"}), or in MOMENTO_ROLE_ID for all secrets.`,
  );

const anotherRole = () =>
  new InvalidValueError(
    `Field "roleId" does not say the role that is configured for this secret, and no other is given to its keys. Correct the field, or have MOMENTO_ROLES (or MOMENTO_ROLE_ID, for all secrets) say the role that they are to have.`,
  );
