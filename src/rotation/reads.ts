import { RotationError } from './errors.ts';
import { retryRead } from './retry.ts';
import type { Rotation, Task } from './rotation.ts';
import type { SecretDescription, SecretVersion } from './secret-store.ts';

/** What a step looks at, tried again while the budget lasts. */

/**
 * @throws RotationError (operator) when the secret is named by a part of its ARN, as the service allows: what is configured for it would
 * not be found
 */
export async function describeSecret({ secretId, store, budget }: Task): Promise<SecretDescription> {
  const description = await retryRead(budget, (timeoutMs) => store.describe(secretId, timeoutMs));
  if (secretId === description.arn || secretId === description.name) return description;
  throw new RotationError('operator', 'The secret is named by a part of its ARN. Give its name, or its whole ARN.');
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
