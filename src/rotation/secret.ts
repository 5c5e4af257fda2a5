import type { Budget } from './budget.ts';
import { RotationError } from './errors.ts';
import { retryIdempotent } from './retry.ts';
import type { SecretDescription, SecretStore, SecretVersion } from './secret-store.ts';

/** One secret, its store, and the time that there is: everything that is read of it or done to it goes through this. */
export interface Secret {
  /** ARN, or name where an event gave that. */
  readonly id: string;
  readonly budget: Budget;
  /** For what is tried as its caller sees fit. */
  readonly store: SecretStore;

  /**
   * Tried again while the budget lasts, as all reads.
   * @throws RotationError (operator) when the secret is named by a part of its ARN, as the service allows: what is configured for it
   * would not be found
   */
  describe(): Promise<SecretDescription>;
  /** Undefined: there is no current value. */
  current(): Promise<SecretVersion | undefined>;
  /** Undefined: there is no such version, or it has no value yet. */
  version(versionId: string): Promise<SecretVersion | undefined>;
  /** The current value of another secret. */
  currentOf(secretId: string): Promise<SecretVersion | undefined>;
}

export function openSecret(store: SecretStore, id: string, budget: Budget): Secret {
  const currentOf = (secretId: string) => retryIdempotent(budget, (timeoutMs) => store.getCurrent(secretId, timeoutMs));
  return {
    id,
    budget,
    store,
    async describe() {
      const description = await retryIdempotent(budget, (timeoutMs) => store.describe(id, timeoutMs));
      if (id === description.arn || id === description.name) return description;
      throw new RotationError('operator', 'The secret is named by a part of its ARN. Give its name, or its whole ARN.');
    },
    current: () => currentOf(id),
    version: (versionId) => retryIdempotent(budget, (timeoutMs) => store.getVersion(id, versionId, timeoutMs)),
    currentOf,
  };
}
