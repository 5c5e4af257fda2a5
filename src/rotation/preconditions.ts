import type { CredentialKind } from './credential.ts';
import { DeadEnd, RotationError } from './errors.ts';
import { rotateAgain, storeFreshValue, takePendingOff, turnRotationOn, versionInTheWay } from './remedy.ts';
import type { Rotation } from './rotation.ts';
import { holderOf, isStaged, type SecretDescription, type SecretVersion } from './secret-store.ts';

/**
 * What has to be so for a step to go on. Nothing here reads or changes anything: it looks at what was read, and throws. An
 * error of class operator leaves the version as it is; a {@link DeadEnd} is a version that can never be promoted.
 */

/**
 * The version is the one that Secrets Manager is rotating to.
 *
 * @returns the version that holds `AWSCURRENT`
 * @throws RotationError (operator) when the secret is a replica or has no current value, rotation is off, or the version
 * is not staged as `AWSPENDING`: somebody moved the label, cancelled the rotation, or put a value of their own, and what
 * an operator does wins.
 */
export function requireInRotation(rotation: Rotation, description: SecretDescription): string {
  const { versionId, secret } = rotation;
  if (description.replicaOf !== undefined) {
    throw new RotationError(
      'operator',
      `The secret is a replica, which cannot be rotated. Rotate its primary in ${description.replicaOf}; the replica follows by itself.`,
    );
  }
  if (!description.rotationEnabled) {
    throw new RotationError(
      'operator',
      `Rotation is off for this secret: it was cancelled, or never set up. ${turnRotationOn(secret.id, description)}`,
    );
  }
  if (!isStaged(description, versionId, 'AWSPENDING')) throw notStaged(rotation, description);

  const holder = holderOf(description, 'AWSCURRENT');
  if (holder === undefined) throw noCurrentValue(rotation);
  return holder;
}

export function noCurrentValue({
  secret,
  kind,
}: Pick<Rotation, 'secret'> & { kind: Pick<CredentialKind, 'wording'> }): RotationError {
  return new RotationError(
    'operator',
    `The secret has no current value (AWSCURRENT) to start from. ${storeFreshValue(secret.id, kind)}`,
  );
}

export function notStaged({ secret }: Rotation, description: SecretDescription): RotationError {
  const pending = versionInTheWay(description);
  const remedy =
    pending === undefined
      ? `If the current value is the one you want, nothing needs doing: the next rotation starts from it. To start it now: ${rotateAgain(secret.id)}`
      : `AWSPENDING is on version ${pending} and blocks further rotations there. Unless somebody is at work on it, take it off: ${takePendingOff(secret.id, pending)}`;
  return new RotationError(
    'operator',
    `The version in rotation (the event's ClientRequestToken) is not staged as AWSPENDING. Somebody moved the label, or stored a value of their own, which ends the rotation; nothing was changed. ${remedy}`,
  );
}

/** By AWS's clock. */
interface Dates {
  /** Of the version in rotation, where it is known. */
  createdAt?: Date | undefined;
  /** One that was stored by hand counts as a rotation: only if it is older than that as well, the date tells of another one. */
  current?: Partial<SecretVersion> | undefined;
  /** The end of the last rotation, where it is known. */
  lastRotatedAt?: Date | undefined;
}

/**
 * The version in rotation was never current. Where the service leaves `AWSPENDING` on the version that it promoted, an operator
 * who moves `AWSCURRENT` back leaves that one pending: it would be tried again, and promoted again.
 *
 * `AWSPREVIOUS` tells: it comes to a version only when `AWSCURRENT` leaves it. Who goes back twice takes it along; then the version's
 * date tells, which is before the end of the last rotation: what is in rotation for the first time is newer.
 *
 * @param labels of the version in rotation
 * @throws DeadEnd when it was
 */
export function requireNotRolledBack(
  { versionId, memory }: Rotation,
  labels: readonly string[] = [],
  { createdAt, current, lastRotatedAt }: Dates = {},
): void {
  // Where a date is missing, it is compared as NaN, which is not less than anything.
  const isOlder = [createdAt, current?.createdAt].every((date) => Number(date) < Number(lastRotatedAt));
  if (!labels.includes('AWSPREVIOUS') && !isOlder && !memory.wasCurrent) return;
  throw new DeadEnd(
    `Version ${versionId} was current already, and AWSCURRENT was moved back from it: it is not promoted again.`,
  );
}

/** What is known of the versions that a promotion is about. */
interface Versions {
  /** The version that holds `AWSCURRENT`. */
  holder: string;
  current?: Partial<SecretVersion> | undefined;
  pending?: Partial<SecretVersion> | undefined;
}

/**
 * The version in rotation is the successor of the one that holds `AWSCURRENT`: a value that an operator stored in the middle of
 * the rotation is not replaced by the successor of an older one.
 *
 * The service takes `AWSPENDING` off the version in rotation when that happens. But a put of ours that was under way at
 * that moment puts the label back. So the sandbox remembers whose successor it issued. Where it does not know, the dates
 * of the two versions tell, as far as they go: they do not show that an operator went back to an older version, nor, if
 * the date of a version is that of its put, a value that was stored just before it.
 *
 * @throws DeadEnd when it was overtaken
 */
export function requireNotOvertaken({ memory }: Rotation, { holder, current = {}, pending = {} }: Versions): void {
  const { predecessor } = memory;
  // Where a date is missing, it is compared as NaN, which is neither greater nor less than anything.
  const isNewer = Number(current.createdAt) > Number(pending.createdAt);
  if (predecessor === undefined ? isNewer : predecessor !== holder) throw overtakenBy(holder);
}

/** @param holder the version that holds `AWSCURRENT` */
export function overtakenBy(holder: string): DeadEnd {
  return new DeadEnd(
    `AWSCURRENT moved to version ${holder} after the rotation began: the pending key is the successor of another one and is not promoted.`,
  );
}
