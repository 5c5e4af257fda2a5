import { eachSecret, type Several, summaryOf } from './each-secret.ts';
import { createListings } from './revocation/open-registry.ts';
import type { RevocationTask } from './revocation/registry.ts';
import { revokeRetired } from './revocation/revoke-retired.ts';
import type { Budget } from './rotation/budget.ts';
import type { Report } from './rotation/report.ts';

/** What one sandbox keeps in mind from one run to the next. */
export interface RunMemory {
  /** The secret with which the next run begins. */
  next?: string | undefined;
}

const HOUR_MS = 3_600_000;

/**
 * A run of the recurring schedule: revokes for each secret what is due, and goes on to the next whatever is wrong with one.
 *
 * A problem that waiting may solve is counted as `RevocationFailed` and not thrown, since the next run looks again. If the time does
 * not suffice for all, the rest is named, and the next run begins there: in the same sandbox with the first of them, in another one
 * at a place that each hour moves on.
 *
 * @param taskOf the work on a secret, which may be given by name
 * @returns whether anything was revoked
 * @throws RotationError (operator) that says what a human has to do, after all have been looked at
 */
export async function runRevocations(
  several: Several & { report: Report; memory: RunMemory },
  taskOf: (secretId: string, budget: Budget) => RevocationTask,
): Promise<boolean> {
  const { secretIds, budget, report, memory } = several;
  const listings = createListings();
  let hasRevoked = false;
  const remembered = secretIds.indexOf(memory.next ?? '');
  const first = remembered < 0 ? Math.floor(budget.clock.now() / HOUR_MS) % secretIds.length : remembered;
  const { problems, notBegun } = await eachSecret({ ...several, first }, async (secretId, share, known) => {
    const task = taskOf(secretId, share);
    try {
      hasRevoked = (await revokeRetired(task, listings, known)) || hasRevoked;
    } catch (error) {
      task.report.measure('RevocationFailed', 1);
      throw error;
    }
  });
  const [next] = notBegun;
  memory.next = next === undefined ? undefined : secretIds[next];
  if (notBegun.length > 0) {
    report.warn(
      `No time was left for ${notBegun.length} of ${secretIds.length} secrets, with which the next run begins: ${notBegun.map((place) => `${several.field}[${place}]`).join(', ')}.`,
    );
  }
  const forHumans = problems.filter(({ error }) => error.failure !== 'transient');
  if (forHumans.length > 0) throw summaryOf(forHumans);
  return hasRevoked;
}
