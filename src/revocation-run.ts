import { type Batch, forEachSecret, placeOf, summaryOf } from './each-secret.ts';
import { createListings } from './revocation/open-registry.ts';
import type { RevocationTask } from './revocation/registry.ts';
import { revokeRetired } from './revocation/revoke-retired.ts';
import { type Budget, keepingBack } from './rotation/budget.ts';
import type { Report } from './rotation/report.ts';

interface RevocationRun extends Batch {
  report: Report;
  /** The secrets for which no time was left in earlier runs of this sandbox, with one of which the next run begins. */
  notBegun: Set<string>;
  /** Nobody runs it again by itself: any problem is thrown. @default false */
  isByHand?: boolean;
}

/**
 * A run of the recurring schedule: revokes for each secret what is due, and goes on to the next whatever is wrong with one.
 *
 * A problem that waiting may solve is counted as `RevocationFailed` and not thrown, since the next run looks again. If the time does
 * not suffice for all, the rest is named, and a later run begins there: with the first of them in the same sandbox, and by chance in
 * another one, which does not know.
 *
 * @param taskOf the work on a secret, which may be given by name
 * @returns what it did, for the log
 * @throws RotationError that says what a human has to do, or of a defect, after all have been looked at
 */
export async function runRevocations(
  run: RevocationRun,
  taskOf: (secretId: string, budget: Budget) => RevocationTask,
): Promise<string> {
  const { secretIds, budget, report, notBegun, isByHand = false } = run;
  // One list serves them all, so that it may take more than one secret's share of the time.
  const listings = createListings(keepingBack(budget, budget.remaining() / 2));
  let hasRevoked = false;
  const remembered = secretIds.findIndex((secretId) => notBegun.has(secretId));
  const first = remembered < 0 ? Math.floor(budget.clock.random() * secretIds.length) : remembered;
  const ended = await forEachSecret({ ...run, first }, async (secretId, share, onConfirmed) => {
    notBegun.delete(secretId);
    const task = taskOf(secretId, share);
    try {
      hasRevoked = (await revokeRetired(task, listings, onConfirmed)) || hasRevoked;
    } catch (error) {
      task.report.measure('RevocationFailed', 1);
      throw error;
    }
  });
  for (const place of ended.notBegun) notBegun.add(secretIds[place] as string);
  if (ended.notBegun.length > 0) {
    report.warn(
      `No time was left for ${ended.notBegun.length} of ${secretIds.length} secrets, with which a later run begins: ${ended.notBegun.map((place) => placeOf(run, place)).join(', ')}.`,
    );
  }
  const thrown = ended.problems.filter(
    ({ error, isUnexpected }) => isByHand || isUnexpected || error.failure !== 'transient',
  );
  if (thrown.length > 0) throw summaryOf(thrown);
  const notDone = ended.problems.length + ended.notBegun.length;
  if (notDone > 0) return `not done for ${notDone} of ${secretIds.length}`;
  return hasRevoked ? 'revoked' : 'nothing to revoke';
}
