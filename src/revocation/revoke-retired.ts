import { readCurrent } from '../rotation/read-value.ts';
import { holderOf } from '../rotation/secret-store.ts';
import { reportLeftAlone } from './left-alone.ts';
import type { Listings } from './open-registry.ts';
import type { RevocationTask } from './registry.ts';
import { revoke } from './revoke.ts';
import { survey } from './survey.ts';

/** How long a key may be due before it counts as overdue: what one run leaves behind, the next one mends. */
const OVERDUE_AFTER_MS = 3 * 3_600_000;

/**
 * Revokes by the clock, apart from any rotation, what is of no use to anybody any more: what is superseded when nothing about the
 * secret has changed for as long as the overlap. It takes also what `AWSPREVIOUS` holds: who has it run wants that, and has no way
 * back by the label.
 *
 * It measures `KeysAwaitingRevocation`: what is left that has been due for three hours.
 *
 * @param known is called with the secret's name, when Secrets Manager has answered for it
 * @returns whether anything was revoked
 * @throws RotationError when something is left that is to be revoked
 */
export async function revokeRetired(
  task: RevocationTask,
  listings: Listings,
  known: (name: string) => void,
): Promise<boolean> {
  const { secret, kind, report } = task;
  const seen = await secret.describe();
  known(seen.name);
  if (seen.isDeleted) return false;
  const access = readCurrent(task, await secret.current(), (text) => kind.registryFor(text)).credential;
  if (access === undefined) return false;

  const { plan, ...found } = await survey(task, access, seen, listings);
  const expected = { current: holderOf(seen, 'AWSCURRENT'), previous: holderOf(seen, 'AWSPREVIOUS') };
  reportLeftAlone(report, seen.arn, { ...found, plan }, expected.current);
  const { keys, from } = plan.byClock;
  const now = secret.budget.clock.now();
  const { revoked, left, failure } = await revoke(task, {
    ...found,
    orphans: plan.orphans,
    superseded: from <= now ? keys : [],
    expected,
    takesPrevious: true,
  });
  report.measure('KeysAwaitingRevocation', from + OVERDUE_AFTER_MS <= now ? left : 0);
  if (left > 0) throw failure;
  return revoked > 0;
}
