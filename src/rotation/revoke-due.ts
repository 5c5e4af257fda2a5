import { describeSecret, getCurrent } from './reads.ts';
import { findRetired } from './retired.ts';
import { revokeUnlessInUse } from './revocation.ts';
import { scheduleRevocation } from './revocation-schedule.ts';
import type { Task } from './rotation.ts';
import { readCurrent } from './values.ts';

/**
 * Revokes what is of no use to anybody any more, apart from any rotation. Where an overlap is still running, it has itself
 * called again when that is over.
 *
 * @param asked its secret may be given by name
 * @returns what it did
 * @throws RotationError when something is left that is to be revoked
 */
export async function revokeDue(asked: Task): Promise<string> {
  const { kind, report } = asked;
  const seen = await describeSecret(asked);
  if (seen.isDeleted) return 'nothing to revoke';
  // Issued credentials are marked with the ARN.
  const task = { ...asked, secretId: seen.arn };
  const current = readCurrent(task, await getCurrent(task));
  const door = kind.registerOf?.(current.credential);
  if (door === undefined) return 'nothing to revoke';
  const retired = await findRetired(task, { seen, current, door });
  const { left, failure } = await revokeUnlessInUse(task, retired);
  if (left > 0) {
    report.measure('RevocationFailed', 1);
    throw failure;
  }
  if (retired.nextAt < Number.POSITIVE_INFINITY) await scheduleRevocation(task, retired.nextAt);
  return retired.due.length === 0 ? 'nothing to revoke' : 'revoked';
}
