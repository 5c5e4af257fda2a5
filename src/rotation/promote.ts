import { RotationError } from './errors.ts';
import { retryRead, retryWrite } from './retry.ts';
import type { Rotation } from './rotation.ts';
import { holderOf, isStaged } from './secret-store.ts';

/**
 * Moves `AWSCURRENT` from the version that was seen to hold it. If somebody moves it at the same time, the move is not
 * aimed again.
 *
 * @throws RotationError (operator) when the label was moved elsewhere meanwhile
 */
export async function promote(rotation: Rotation, from: string): Promise<void> {
  const { secretId, versionId, store, budget } = rotation;
  await retryWrite(
    budget,
    (timeoutMs) => store.moveCurrent(secretId, { from, to: versionId }, timeoutMs),
    async () => {
      const description = await retryRead(budget, (timeoutMs) => store.describe(secretId, timeoutMs));
      if (isStaged(description, versionId, 'AWSCURRENT')) return true;
      const holder = holderOf(description, 'AWSCURRENT');
      if (holder !== from || !isStaged(description, versionId, 'AWSPENDING')) {
        throw new RotationError(
          'operator',
          `The labels moved while version ${versionId} was being promoted: AWSCURRENT is on version ${holder} now, and stays there. If that is the value you want, nothing needs doing.`,
        );
      }
      return false;
    },
  );
}
