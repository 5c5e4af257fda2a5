import { randomUUID } from 'node:crypto';
import type { Budget } from './budget.ts';
import { retryIdempotent, retryWrite } from './retry.ts';
import type { SecretStore } from './secret-store.ts';

/**
 * Starts a rotation as the console's button does: Secrets Manager runs it, by calling this function for each step.
 *
 * @returns the secret as it was named, and the version that is being rotated to
 * @throws SecretStoreError, for example with code `InvalidRequestException` while a rotation is pending
 */
export async function rotateNow(
  store: SecretStore,
  secretId: string,
  budget: Budget,
): Promise<{ SecretId: string; VersionId: string }> {
  const look = () => retryIdempotent(budget, (timeoutMs) => store.describe(secretId, timeoutMs));
  // The service's words about a rotation may quote what it was asked for, which has to be the name of a secret first.
  await look();
  const versionId = randomUUID();
  await retryWrite(
    budget,
    (timeoutMs) => store.rotate(secretId, versionId, timeoutMs),
    async () => (await look()).stages[versionId] !== undefined,
  );
  return { SecretId: secretId, VersionId: versionId };
}
