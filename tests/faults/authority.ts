import { type Configuration, HOSTS, managerOf, roleOf } from './configuration.ts';
import type { Invariant } from './invariant.ts';

/** What must hold whatever somebody writes into a secret: what is allowed, the configuration says. */
export const authority: Record<string, Invariant> = {
  /** What another secret's key has issued for a secret has the role that is configured for it. */
  'mints-configured-roles-only': {
    onIssued({ standIns }, { v2 }) {
      const { configuration, name } = standIns;
      // Momento bounds one that manages itself.
      if (v2 === undefined || managerOf(configuration, name) === undefined) return undefined;
      const { roleId } = v2.role;
      return roleId === roleOf(configuration, name) ? undefined : `a key of role ${roleId} is issued`;
    },
  },

  /** Keys are managed with the key in the secret that is configured, or else with the one that is managed. */
  'uses-configured-admin-only': {
    onCall({ standIns }, _, action, keyId = '') {
      if (action !== 'GenerateApiKey' && action !== 'ListApiKeys') return undefined;
      // What is no key of Momento's gets nowhere.
      return keyId === '' || standIns.mayManage(keyId)
        ? undefined
        : `${action} with ${keyId}, which is not to manage keys`;
    },
  },

  /** A key is sent to a host of Momento's only. */
  'sends-keys-home-only': {
    onSent: (_, keyId, host) => (isOwnHost(host) ? undefined : `${keyId} is sent to ${host}`),
  },
};

/** Letters, digits and hyphens between dots, at or under one of the domains. */
function isOwnHost(host: string): boolean {
  return /^[a-z0-9.-]+$/.test(host) && HOSTS.some((domain) => host === domain || host.endsWith(`.${domain}`));
}

/** Whether a value asks for nothing that the configuration does not give. */
export function isAllowed(value: string, configuration: Configuration, name: string): boolean {
  const { apiKey, endpoint, roleId, adminSecret } = fieldsOf(value);
  const host = endpoint ?? fieldsOf(Buffer.from(String(apiKey), 'base64').toString())['endpoint'];
  if (host !== undefined && !isOwnHost(String(host))) return false;
  const isListed = adminSecret === undefined || configuration.adminSecrets.includes(String(adminSecret));
  // Otherwise Momento bounds it.
  const isManaged = managerOf(configuration, name) !== undefined;
  return isListed && (!isManaged || roleId === undefined || roleId === roleOf(configuration, name));
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
