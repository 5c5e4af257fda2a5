import { RotationError } from './errors.ts';
import { describeSecret } from './reads.ts';
import { rotateAgain, storeFreshValue, takePendingOff } from './remedy.ts';
import { retryWrite } from './retry.ts';
import type { Rotation, Task } from './rotation.ts';
import { holderOf, isStaged, type SecretDescription } from './secret-store.ts';

/**
 * Goes on only if the version is the one that Secrets Manager is rotating to.
 *
 * @returns the version that holds `AWSCURRENT`
 * @throws RotationError (operator) when the secret is a replica or has no current value, rotation is off, or the version
 * is not staged as `AWSPENDING`: somebody moved the label, cancelled the rotation, or put a value of their own, and what
 * an operator does wins.
 */
export function requireInRotation(rotation: Rotation, description: SecretDescription): string {
  const { versionId } = rotation;
  if (description.replicaOf !== undefined) {
    throw new RotationError(
      'operator',
      `The secret is a replica, which cannot be rotated. Rotate its primary in ${description.replicaOf}; the replica follows by itself.`,
    );
  }
  if (!description.rotationEnabled) {
    throw new RotationError(
      'operator',
      `Rotation is off for this secret: it was cancelled, or never set up. ${turnRotationOn(rotation, description)}`,
    );
  }
  if (!isStaged(description, versionId, 'AWSPENDING')) throw notStaged(rotation, description);

  const holder = holderOf(description, 'AWSCURRENT');
  if (holder === undefined) throw noCurrentValue(rotation);
  return holder;
}

export function noCurrentValue(task: Task): RotationError {
  return new RotationError(
    'operator',
    `The secret has no current value (AWSCURRENT) to start from. ${storeFreshValue(task)}`,
  );
}

export function notStaged(rotation: Rotation, description: SecretDescription): RotationError {
  const pending = versionInTheWay(description);
  const remedy =
    pending === undefined
      ? `If the current value is the one you want, nothing needs doing: the next rotation starts from it. To start it now: ${rotateAgain(rotation)}`
      : `AWSPENDING is on version ${pending} and blocks further rotations there. Unless somebody is at work on it, take it off: ${takePendingOff(rotation, pending)}`;
  return new RotationError(
    'operator',
    `The version in rotation (the event's ClientRequestToken) is not staged as AWSPENDING. Somebody moved the label, or stored a value of their own, which ends the rotation; nothing was changed. ${remedy}`,
  );
}

/** What a human does where rotation is off. */
export function turnRotationOn(secret: Pick<Task, 'secretId'>, description: SecretDescription): string {
  const pending = versionInTheWay(description);
  const first = pending === undefined ? '' : `take AWSPENDING off (${takePendingOff(secret, pending)}), then `;
  return `To turn it on: ${first}${rotateAgain(secret)}`;
}

/** The version on which `AWSPENDING` keeps Secrets Manager from starting another rotation. */
function versionInTheWay(description: SecretDescription): string | undefined {
  const pending = holderOf(description, 'AWSPENDING');
  return pending === holderOf(description, 'AWSCURRENT') ? undefined : pending;
}

/**
 * Gives a pending version up whose value can never work, so that it does not block every later rotation.
 *
 * @throws RotationError (permanent), always
 */
export async function giveUpPending(rotation: Rotation, reason: string): Promise<never> {
  const { secretId, versionId, store, budget } = rotation;
  let problem: RotationError | undefined;
  try {
    await retryWrite(
      budget,
      (timeoutMs) => store.removePending(secretId, versionId, timeoutMs),
      async () => !isStaged(await describeSecret(rotation), versionId, 'AWSPENDING'),
    );
  } catch (error) {
    problem = error as RotationError;
  }
  throw new RotationError(
    'permanent',
    problem === undefined
      ? `${reason} AWSPENDING was taken off version ${versionId}, so that the next rotation starts clean. AWSCURRENT was not touched.`
      : `${reason} AWSPENDING could not be taken off version ${versionId}, and blocks further rotations until it is: the next try will take it off, or do it by hand: ${takePendingOff(rotation, versionId)} (${problem.message})`,
  );
}
