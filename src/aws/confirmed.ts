import type { SecretStore } from '../rotation/secret-store.ts';

/** What an event names, as far as Secrets Manager has answered for it. */
export interface Confirmed {
  /** ARN, or as the event names it. */
  secret: string;
  version?: string;
}

/**
 * A store that tells when Secrets Manager answers for what an event names. Until then that may be anything, also a key that
 * somebody put in the wrong place, and must not be spoken about.
 *
 * @param named by the event
 */
export function confirming(
  store: SecretStore,
  { secretId, versionId = '' }: { secretId: string; versionId?: string | undefined },
  confirm: (confirmed: Confirmed) => void,
): SecretStore {
  return {
    ...store,
    async describe(id, timeoutMs) {
      const description = await store.describe(id, timeoutMs);
      const isKnown = Object.hasOwn(description.stages, versionId);
      if (id === secretId) confirm({ secret: description.arn, ...(isKnown && { version: versionId }) });
      return description;
    },
    async getCurrent(id, timeoutMs) {
      const current = await store.getCurrent(id, timeoutMs);
      if (id === secretId && current !== undefined) confirm({ secret: id });
      return current;
    },
    async getVersion(id, version, timeoutMs) {
      const found = await store.getVersion(id, version, timeoutMs);
      if (id === secretId && found !== undefined) confirm({ secret: id, ...(version === versionId && { version }) });
      return found;
    },
  };
}
