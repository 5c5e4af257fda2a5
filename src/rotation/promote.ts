import { overtakenBy, requireInRotation, requireNotRolledBack } from './preconditions.ts';
import { retryWrite } from './retry.ts';
import type { Rotation } from './rotation.ts';
import { isStaged } from './secret-store.ts';

/**
 * Moves `AWSCURRENT` from the version that was seen to hold it. If somebody moves it at the same time, the move is not
 * aimed again.
 *
 * @returns false if another sandbox has done it
 * @throws RotationError when an operator ended the rotation or cancelled it meanwhile, and DeadEnd when one moved the label
 */
export function promote(rotation: Rotation, from: string): Promise<boolean> {
  const { secret, versionId } = rotation;
  return retryWrite(
    secret.budget,
    (timeoutMs) => secret.store.moveCurrent(secret.id, { from, to: versionId }, timeoutMs),
    async () => {
      const description = await secret.describe();
      if (isStaged(description, versionId, 'AWSCURRENT')) return true;
      const holder = requireInRotation(rotation, description);
      requireNotRolledBack(rotation, description.stages[versionId]);
      if (holder !== from) throw overtakenBy(holder);
      return false;
    },
  );
}
