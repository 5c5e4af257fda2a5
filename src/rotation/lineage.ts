import { giveUpPending } from './pending-version.ts';
import type { Rotation } from './rotation.ts';
import type { SecretVersion } from './secret-store.ts';

/** What is known of the versions that a promotion is about. */
interface Evidence {
  /** The version that holds `AWSCURRENT`. */
  holder: string;
  current?: Partial<SecretVersion> | undefined;
  pending?: Partial<SecretVersion> | undefined;
}

/**
 * Goes on only if the version in rotation is the successor of the one that holds `AWSCURRENT`: a value that an operator
 * stored in the middle of the rotation is not replaced by the successor of an older one.
 *
 * The service takes `AWSPENDING` off the version in rotation when that happens. But a put of ours that was under way at
 * that moment puts the label back. So the sandbox remembers whose successor it issued. Where it does not know, the dates
 * of the two versions tell, as far as they go: they do not show that an operator went back to an older version, nor, if
 * the date of a version is that of its put, a value that was stored just before it.
 *
 * @throws RotationError (permanent) when the version was overtaken; it has then been given up
 */
export async function requireNotOvertaken(
  rotation: Rotation,
  { holder, current = {}, pending = {} }: Evidence,
): Promise<void> {
  const { predecessor } = rotation.memory;
  // Where a date is missing, it is compared as NaN, which is neither greater nor less than anything.
  const isNewer = Number(current.createdAt) > Number(pending.createdAt);
  if (predecessor === undefined ? isNewer : predecessor !== holder) await giveUpOvertaken(rotation, holder);
}

/** By AWS's clock. */
interface Dates {
  createdAt?: Date | undefined;
  current?: Partial<SecretVersion> | undefined;
  lastRotatedAt?: Date | undefined;
}

/**
 * Goes on only if the version in rotation was never current. Where the service leaves `AWSPENDING` on the version that it
 * promoted, an operator who moves `AWSCURRENT` back leaves that one pending: it would be tried again, and promoted again.
 *
 * `AWSPREVIOUS` tells: it comes to a version only when `AWSCURRENT` leaves it. Who goes back twice takes it along; then the version's
 * date tells, which is before the end of the last rotation: what is in rotation for the first time is newer.
 *
 * @param labels of the version in rotation
 * @param createdAt its date, where it is known
 * @param current the current version: a value that was stored by hand counts as a rotation, which says nothing of this one
 * @param lastRotatedAt the end of the last rotation, where it is known. AWS's clock, as the other
 * @throws RotationError (permanent) when it was; it has then been given up
 */
export async function requireNotRolledBack(
  rotation: Rotation,
  labels: readonly string[] = [],
  { createdAt, current, lastRotatedAt }: Dates = {},
): Promise<void> {
  // Where a date is missing, it is compared as NaN, which is not less than anything.
  const isOlder = [createdAt, current?.createdAt].every((date) => Number(date) < Number(lastRotatedAt));
  if (!labels.includes('AWSPREVIOUS') && !isOlder && !rotation.memory.wasCurrent) return;
  await giveUpPending(
    rotation,
    `Version ${rotation.versionId} was current already, and AWSCURRENT was moved back from it: it is not promoted again.`,
  );
}

/** @throws RotationError (permanent), always */
export function giveUpOvertaken(rotation: Rotation, holder: string): Promise<never> {
  return giveUpPending(
    rotation,
    `AWSCURRENT moved to version ${holder} after the rotation began: the pending key is the successor of another one and is not promoted.`,
  );
}
