import type { Credential, RegisterDoor } from './credential.ts';
import { reportLeftAlone } from './left-alone.ts';
import { countOverdue } from './overdue.ts';
import { getCurrent } from './reads.ts';
import { revokeUnlessInUse } from './revocation.ts';
import { LEFT_LIVE, NOT_SEEN, reportFailure } from './revocation-failure.ts';
import { scheduleRevocation } from './revocation-schedule.ts';
import type { Rotation } from './rotation.ts';
import { holderOf, type SecretDescription } from './secret-store.ts';
import { survey } from './survey.ts';
import { readCurrent } from './values.ts';

/**
 * At the end of a rotation: revokes what was issued for this secret and is of no use to anybody any more, and has the
 * credential that was just superseded revoked when its overlap is over, where that is wanted. It never fails the rotation.
 *
 * What is superseded is told from the labels before the promotion, so that the version that loses `AWSPREVIOUS` by it stays for
 * another rotation. The overlap is counted from the end of the rotation before, and from when the version was stored that
 * was current then: a rotation whose end was never seen has no date.
 *
 * @param seen the secret as the step found it
 */
export async function revokeRetired(rotation: Rotation, seen: SecretDescription): Promise<void> {
  const { kind, memory, budget, overlapMs } = rotation;
  // A sandbox that has not seen the version's credential does not know.
  let { isRegistered } = memory;
  if (isRegistered === false) return;
  try {
    const current = readCurrent(rotation, await getCurrent(rotation));
    const door = kind.registerOf?.(current.credential);
    isRegistered = door !== undefined;
    if (door === undefined) return;
    await scheduleRevocation(rotation, budget.clock.now() + overlapMs);
    await revokeBy(rotation, seen, door);
  } catch (error) {
    if (isRegistered) reportFailure(rotation, NOT_SEEN, error);
  }
}

async function revokeBy(rotation: Rotation, seen: SecretDescription, door: RegisterDoor<Credential>): Promise<void> {
  const { versionId, report, schedule, budget, overlapMs } = rotation;
  const { plan, ...found } = await survey(rotation, seen, door);
  if (schedule !== undefined) report.measure('KeysAwaitingRevocation', countOverdue(rotation, seen, plan));
  reportLeftAlone(rotation, found.register, plan, versionId);

  const wasCurrent = holderOf(seen, 'AWSCURRENT');
  const previous = wasCurrent === versionId ? holderOf(seen, 'AWSPREVIOUS') : wasCurrent;
  // AWS's clock alone. Without one of the dates there was no rotation before, or nobody knows.
  const since = Math.max(Number(seen.lastRotatedAt?.getTime()), Number(plan.supersededSince?.getTime()));
  const isOverlapOver = since + overlapMs <= budget.clock.now();
  if (!isOverlapOver && plan.overdue.length > 0) {
    report.warn(
      `Rotations follow each other within the overlap, so that none of the keys before the current one is revoked: ${plan.overdue.length} are live besides the last two. Rotate less often, or make the overlap shorter.`,
    );
  }
  const { left, failure } = await revokeUnlessInUse(rotation, {
    ...found,
    orphans: plan.orphans,
    superseded: isOverlapOver ? plan.superseded : [],
    expected: { current: versionId, previous },
    takesPrevious: false,
  });
  if (left > 0) reportFailure(rotation, LEFT_LIVE, failure);
}
