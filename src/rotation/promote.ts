import { giveUpOvertaken, requireNotRolledBack } from './lineage.ts';
import { requireInRotation } from './pending-version.ts';
import { describeSecret } from './reads.ts';
import { retryWrite } from './retry.ts';
import type { Rotation } from './rotation.ts';
import { isStaged } from './secret-store.ts';

/**
 * Moves `AWSCURRENT` from the version that was seen to hold it. If somebody moves it at the same time, the move is not
 * aimed again.
 *
 * @returns false if another sandbox has done it
 * @throws RotationError when an operator moved it, ended the rotation, or cancelled it meanwhile
 */
export function promote(rotation: Rotation, from: string): Promise<boolean> {
  const { secretId, versionId, store, budget } = rotation;
  return retryWrite(
    budget,
    (timeoutMs) => store.moveCurrent(secretId, { from, to: versionId }, timeoutMs),
    async () => {
      const description = await describeSecret(rotation);
      if (isStaged(description, versionId, 'AWSCURRENT')) return true;
      const holder = requireInRotation(rotation, description);
      await requireNotRolledBack(rotation, description.stages[versionId]);
      if (holder !== from) await giveUpOvertaken(rotation, holder);
      return false;
    },
  );
}
