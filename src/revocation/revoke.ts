import { retryWrite } from '../rotation/retry.ts';
import { holderOf, type SecretDescription } from '../rotation/secret-store.ts';
import type { Due } from './plan.ts';
import { type Registry, RegistryError, type RevocationTask } from './registry.ts';
import { type Holdings, labelledVersions, lookInto } from './survey.ts';

/** What to revoke, and what must still be so when it is. */
export interface Revocation {
  registry: Registry;
  holdings: Holdings;
  /** What was never stored, which depends on no label. */
  orphans: readonly Due[];
  superseded: readonly Due[];
  /** The versions that are to hold `AWSCURRENT` and `AWSPREVIOUS` when that is revoked. */
  expected: { current: string | undefined; previous: string | undefined };
  /** `AWSPREVIOUS` by itself does not keep its version. */
  includesPrevious: boolean;
}

/**
 * Revokes one after the other. Immediately before each attempt the labels are looked at once more, since others move them: when
 * they are not as expected nothing is superseded, and what a labelled version holds stays.
 *
 * @returns how many were revoked, how many are left that are to be, and why
 */
export async function revoke(
  task: RevocationTask,
  { registry, holdings, orphans, superseded, expected, includesPrevious }: Revocation,
): Promise<{ revoked: number; left: number; failure?: unknown }> {
  const { secret } = task;
  const due = [...orphans, ...superseded];
  const revoked = new Set<string>();
  let left = 0;
  let failure: unknown;
  for (const [index, { id, versionId, revokeAfter }] of due.entries()) {
    if (revokeAfter !== undefined && !revoked.has(revokeAfter)) continue;
    /** As the last look had it: somebody may move a label between an attempt without an answer and the next one. */
    let stays = false;
    const mustStay = async () => {
      stays = await isInUse();
      return stays;
    };
    const isInUse = async () => {
      const seen = await secret.describe();
      if (index >= orphans.length && !isAsExpected(seen, expected)) return true;
      const isReleased = (each: string) =>
        includesPrevious && each === expected.previous && seen.stages[each]?.length === 1;
      const inUse = labelledVersions(seen).filter((each) => !isReleased(each));
      for (const each of inUse) await lookInto(task, each, holdings);
      return inUse.some(
        (each) => holdings.get(each)?.credential?.id === id || (each === versionId && !holdings.has(each)),
      );
    };
    try {
      if (await mustStay()) continue;
      await retryWrite(secret.budget, (timeoutMs) => registry.revoke(id, timeoutMs), mustStay);
      if (!stays) revoked.add(id);
    } catch (error) {
      failure ??= error;
      left += 1;
      // What is refused for one may be done for another.
      const isRefused = error instanceof RegistryError && error.remedy !== undefined;
      if (!isRefused) return { revoked: revoked.size, left: left + due.length - index - 1, failure };
    }
  }
  return { revoked: revoked.size, left, failure };
}

function isAsExpected(seen: SecretDescription, { current, previous }: Revocation['expected']): boolean {
  return holderOf(seen, 'AWSCURRENT') === current && holderOf(seen, 'AWSPREVIOUS') === previous;
}
