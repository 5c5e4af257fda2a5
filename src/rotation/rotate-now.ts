import { randomUUID } from 'node:crypto';
import type { Budget } from './budget.ts';
import { retryRead, retryWrite } from './retry.ts';
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
  const versionId = randomUUID();
  await retryWrite(
    budget,
    (timeoutMs) => store.rotate(secretId, versionId, timeoutMs),
    async () => {
      const description = await retryRead(budget, (timeoutMs) => store.describe(secretId, timeoutMs));
      return description.stages[versionId] !== undefined;
    },
  );
  return { SecretId: secretId, VersionId: versionId };
}
