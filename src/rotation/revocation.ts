import type { Credential, Register } from './credential.ts';
import { InvalidValueError, RotationError } from './errors.ts';
import type { Issued } from './history.ts';
import { describeSecret, getVersion } from './reads.ts';
import { retryRead } from './retry.ts';
import type { Task } from './rotation.ts';
import type { SecretDescription } from './secret-store.ts';
import { read } from './values.ts';

/** Whatever cannot be revoked is left to the next rotation, and does not fail this one. */

/** Which credential each version holds, read once: a version is immutable. */
export interface Holdings {
  /** The id in each version that was looked at; undefined: it holds none that is in a register, or nothing yet. */
  ids: Map<string, string | undefined>;
  /** The versions that hold nothing yet. */
  empty: Set<string>;
}

export const noHoldings = (): Holdings => ({ ids: new Map(), empty: new Set() });

/**
 * Notes what a version holds.
 *
 * @throws RotationError (operator) when it holds something else: which key that is, or is not, cannot be told
 */
export async function lookInto(task: Task, versionId: string, holdings: Holdings): Promise<void> {
  if (holdings.ids.has(versionId)) return;
  const version = await getVersion(task, versionId);
  if (version === undefined) {
    holdings.empty.add(versionId);
    return;
  }
  const credential = read(task, version);
  if (credential instanceof InvalidValueError) {
    throw new RotationError(
      'operator',
      `Which key version ${versionId} holds cannot be told, so that none is revoked. ${credential.message}`,
    );
  }
  holdings.ids.set(versionId, credential.id);
  holdings.empty.delete(versionId);
}

/** Which of a secret's versions may be in use, by their labels. `AWSPREVIOUS` does not say so: that depends on when. */
export function labelled({ stages }: SecretDescription, isReleased: (versionId: string) => boolean): string[] {
  return Object.entries(stages)
    .filter(([id, labels]) => labels.some((label) => label !== 'AWSPREVIOUS' || !isReleased(id)))
    .map(([id]) => id);
}

export interface Revocation {
  register: Register<Credential>;
  /** What to revoke, in this order. `versionId`: the version that it was issued for. */
  due: readonly Pick<Issued, 'id' | 'versionId'>[];
  holdings: Holdings;
  /** Whether nobody uses a version any more that was current. */
  isReleased(versionId: string): boolean;
}

/**
 * Revokes one after the other, until one fails: the next rotation goes on with it. Immediately before each, the labels are
 * looked at once more, since others move them: what a labelled version holds stays, and what was issued for one that holds
 * nothing yet.
 *
 * @returns how many are left that are to be revoked, and why
 */
export async function revokeUnlessInUse(
  task: Task,
  { register, due, holdings, isReleased }: Revocation,
): Promise<{ left: number; failure?: unknown }> {
  for (const [index, { id, versionId }] of due.entries()) {
    try {
      const inUse = labelled(await describeSecret(task), isReleased);
      for (const each of inUse) await lookInto(task, each, holdings);
      const isHeld = id === register.adminId || inUse.some((each) => holdings.ids.get(each) === id);
      const isUndecided = inUse.includes(versionId) && holdings.empty.has(versionId);
      if (!isHeld && !isUndecided) await revoke(task, register, id);
    } catch (failure) {
      return { left: due.length - index, failure };
    }
  }
  return { left: 0 };
}

/** @throws RotationError */
export function revoke({ budget }: Task, register: Register<Credential>, id: string): Promise<void> {
  return retryRead(budget, (timeoutMs) => register.revoke(id, timeoutMs));
}

/** What a failed revocation means for a rotation that does its work all the same. */
export const LEFT_LIVE = 'A key that nobody uses could not be revoked, and is live until the next rotation revokes it.';

/** For a rotation that does its work all the same. */
export function reportFailure({ report }: Task, consequence: string, error: unknown): void {
  // Another error's message may quote anything.
  const what = error instanceof RotationError ? error.message : `Unexpected ${(error as Error).name}.`;
  report.measure('RevocationFailed', 1);
  report.warn(`${consequence} ${what}`);
}
