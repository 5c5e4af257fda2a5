import { type DeadEnd, RotationError } from './errors.ts';
import { takePendingOff } from './remedy.ts';
import { retryWrite } from './retry.ts';
import type { Rotation } from './rotation.ts';
import { isStaged } from './secret-store.ts';

/**
 * Takes `AWSPENDING` off a version that can never be promoted, so that it does not block every later rotation.
 *
 * @returns what to throw (permanent)
 */
export async function giveUp(rotation: Rotation, { reason }: DeadEnd): Promise<RotationError> {
  const { secret, versionId } = rotation;
  try {
    await retryWrite(
      secret.budget,
      (timeoutMs) => secret.store.removePending(secret.id, versionId, timeoutMs),
      async () => !isStaged(await secret.describe(), versionId, 'AWSPENDING'),
    );
  } catch (error) {
    const { message } = error as RotationError;
    return new RotationError(
      'permanent',
      `${reason} AWSPENDING could not be taken off version ${versionId}, and blocks further rotations until it is: the next try will take it off, or do it by hand: ${takePendingOff(secret.id, versionId)} (${message})`,
    );
  }
  return new RotationError(
    'permanent',
    `${reason} AWSPENDING was taken off version ${versionId}, so that the next rotation starts clean. AWSCURRENT was not touched.`,
  );
}
