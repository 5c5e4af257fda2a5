import { retryRead } from './retry.ts';
import type { Rotation, Task } from './rotation.ts';
import type { SecretDescription, SecretVersion } from './secret-store.ts';

/** What a step looks at, tried again while the budget lasts. */

export function describeSecret({ secretId, store, budget }: Task): Promise<SecretDescription> {
  return retryRead(budget, (timeoutMs) => store.describe(secretId, timeoutMs));
}

export function getCurrent({ secretId, store, budget }: Task): Promise<SecretVersion | undefined> {
  return retryRead(budget, (timeoutMs) => store.getCurrent(secretId, timeoutMs));
}

/** The version in rotation. Undefined: it has no value yet. */
export function getPending(rotation: Rotation): Promise<SecretVersion | undefined> {
  return getVersion(rotation, rotation.versionId);
}

/** Undefined: there is no such version, or it has no value yet. */
export function getVersion({ secretId, store, budget }: Task, versionId: string): Promise<SecretVersion | undefined> {
  return retryRead(budget, (timeoutMs) => store.getVersion(secretId, versionId, timeoutMs));
}
