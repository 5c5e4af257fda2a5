import { readCurrent } from '../rotation/read-value.ts';
import { holderOf } from '../rotation/secret-store.ts';
import type { Listings } from './open-registry.ts';
import { isOverdue } from './overdue.ts';
import type { RevocationTask } from './registry.ts';
import { revoke } from './revoke.ts';
import { survey } from './survey.ts';

/**
 * Revokes by the clock, apart from any rotation, what is of no use to anybody any more: what is superseded when nothing about the
 * secret has changed for as long as the overlap. Where a schedule is to revoke, it takes also what `AWSPREVIOUS` holds: who
 * has one wants that, and has no way back by the label.
 *
 * It measures `KeysAwaitingRevocation`: what is left that has been due for three hours. What is live and not this function's, rotations
 * and the daily check name.
 *
 * @param onConfirmed is called with the secret's name, when Secrets Manager has answered for it
 * @returns whether anything was revoked
 * @throws RotationError when something is left that is to be revoked
 */
export async function revokeRetired(
  task: RevocationTask,
  listings: Listings,
  onConfirmed: (name: string) => void,
): Promise<boolean> {
  const { secret, kind, report, revokesOnSchedule } = task;
  const seen = await secret.describe();
  onConfirmed(seen.name);
  if (seen.isDeleted) return false;
  const access = readCurrent(task, await secret.current(), (text) => kind.registryFor(text)).value;
  if (access === undefined) return false;

  const { plan, ...found } = await survey(task, access, seen, listings);
  const now = secret.budget.clock.now();
  const { keys } = revokesOnSchedule ? plan.byClock : plan.afterRotation;
  const { revoked, left, failure } = await revoke(task, {
    ...found,
    orphans: plan.orphans,
    superseded: plan.byClock.from <= now ? keys : [],
    expected: { current: holderOf(seen, 'AWSCURRENT'), previous: holderOf(seen, 'AWSPREVIOUS') },
    includesPrevious: revokesOnSchedule,
  });
  report.measure('KeysAwaitingRevocation', isOverdue(plan, now) ? left : 0);
  if (left > 0) throw failure;
  return revoked > 0;
}
