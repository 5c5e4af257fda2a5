import { reportLeftAlone } from './left-alone.ts';
import { describeSecret, getCurrent } from './reads.ts';
import { revokeUnlessInUse } from './revocation.ts';
import { scheduleRevocation } from './revocation-schedule.ts';
import type { Task } from './rotation.ts';
import { holderOf } from './secret-store.ts';
import { survey } from './survey.ts';
import { readCurrent } from './values.ts';

/**
 * Revokes what is of no use to anybody any more, apart from any rotation: what is superseded when the secret has not changed for
 * as long as the overlap. Where that is still to come, it has itself called again then. Where there is a schedule, this
 * takes also what `AWSPREVIOUS` holds: who has one wants that, and has no way back by the label.
 *
 * @param asked its secret may be given by name
 * @returns what it did
 * @throws RotationError when something is left that is to be revoked
 */
export async function revokeDue(asked: Task): Promise<string> {
  const { kind, report, budget, overlapMs, schedule } = asked;
  const seen = await describeSecret(asked);
  if (seen.isDeleted) return 'nothing to revoke';
  // Issued credentials are marked with the ARN.
  const task = { ...asked, secretId: seen.arn };
  const door = kind.registerOf?.(readCurrent(task, await getCurrent(task)).credential);
  if (door === undefined) return 'nothing to revoke';

  const { plan, ...found } = await survey(task, seen, door);
  const expected = { current: holderOf(seen, 'AWSCURRENT'), previous: holderOf(seen, 'AWSPREVIOUS') };
  reportLeftAlone(task, found.register, plan, expected.current);
  const takesPrevious = schedule !== undefined;
  const candidates = [...plan.superseded, ...(takesPrevious ? plan.previous : [])];
  // Without a date nobody knows when.
  const dueAt = (seen.lastChangedAt?.getTime() ?? Number.POSITIVE_INFINITY) + overlapMs;
  const superseded = dueAt <= budget.clock.now() ? candidates : [];
  const { revoked, left, failure } = await revokeUnlessInUse(task, {
    ...found,
    orphans: plan.orphans,
    superseded,
    expected,
    takesPrevious,
  });
  if (left > 0) {
    report.measure('RevocationFailed', 1);
    throw failure;
  }
  if (superseded.length < candidates.length && dueAt < Number.POSITIVE_INFINITY) await scheduleRevocation(task, dueAt);
  return revoked === 0 ? 'nothing to revoke' : 'revoked';
}
