import { countOverdue } from './overdue.ts';
import { getCurrent } from './reads.ts';
import { findRetired } from './retired.ts';
import { revokeUnlessInUse } from './revocation.ts';
import { LEFT_LIVE, NOT_SEEN, reportFailure } from './revocation-failure.ts';
import { scheduleRevocation } from './revocation-schedule.ts';
import type { Rotation } from './rotation.ts';
import type { SecretDescription } from './secret-store.ts';
import { readCurrent } from './values.ts';

/**
 * At the end of a rotation: revokes what was issued for this secret and is of no use to anybody any more, and has the
 * credential that was just superseded revoked when its overlap is over. It never fails the rotation.
 *
 * @param seen the secret as the step found it
 */
export async function revokeRetired(rotation: Rotation, seen: SecretDescription): Promise<void> {
  const { kind, memory, budget, overlapMs, schedule, report } = rotation;
  // A sandbox that has not seen the version's credential does not know.
  let { isRegistered } = memory;
  if (isRegistered === false) return;
  try {
    const current = readCurrent(rotation, await getCurrent(rotation));
    const door = kind.registerOf?.(current.credential);
    isRegistered = door !== undefined;
    if (door === undefined) return;
    await scheduleRevocation(rotation, budget.clock.now() + overlapMs);
    const retired = await findRetired(rotation, { seen, current, door });
    if (schedule !== undefined) report.measure('KeysAwaitingRevocation', countOverdue(rotation, seen, retired.due));
    const { left, failure } = await revokeUnlessInUse(rotation, retired);
    if (left > 0) reportFailure(rotation, LEFT_LIVE, failure);
  } catch (error) {
    if (isRegistered) reportFailure(rotation, NOT_SEEN, error);
  }
}
