import type { Credential, Register } from './credential.ts';
import { InvalidValueError, RegisterError, RotationError } from './errors.ts';
import { describeSecret, getVersion } from './reads.ts';
import { retryRead, retryWrite } from './retry.ts';
import type { Task } from './rotation.ts';
import type { SecretDescription } from './secret-store.ts';
import { read } from './values.ts';

/** Whatever cannot be revoked is left to the next rotation, and does not fail this one. */

/** Which credential each version holds, read once: a version is immutable. */
export interface Holdings {
  /** Of each version that was looked at, and holds something. */
  credentials: Map<string, Credential>;
  /** The versions that hold nothing yet. */
  empty: Set<string>;
}

export const noHoldings = (): Holdings => ({ credentials: new Map(), empty: new Set() });

/**
 * Notes what a version holds.
 *
 * @throws RotationError (operator) when it holds something else: which key that is, or is not, cannot be told
 */
export async function lookInto(task: Task, versionId: string, holdings: Holdings): Promise<void> {
  if (holdings.credentials.has(versionId)) return;
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
  holdings.credentials.set(versionId, credential);
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
  /** What to revoke, in this order. */
  due: readonly Due[];
  holdings: Holdings;
  /** Whether nobody uses a version any more that was current. */
  isReleased(versionId: string): boolean;
}

export interface Due {
  id: string;
  /** The version that it was issued for. */
  versionId: string;
  /** What has to be revoked before it, because nothing but its description names that. */
  names?: string | undefined;
}

/**
 * Revokes one after the other; the next rotation goes on with what could not be revoked. Immediately before each attempt the
 * labels are looked at once more, since others move them: what a labelled version holds stays, and what was issued for one that
 * holds nothing yet.
 *
 * @returns how many are left that are to be revoked, and why
 */
export async function revokeUnlessInUse(
  task: Task,
  { register, due, holdings, isReleased }: Revocation,
): Promise<{ left: number; failure?: unknown }> {
  const left = new Set<string>();
  let failure: unknown;
  for (const [index, { id, versionId, names = '' }] of due.entries()) {
    const isInUse = async () => {
      const inUse = labelled(await describeSecret(task), isReleased);
      for (const each of inUse) await lookInto(task, each, holdings);
      const isHeld = id === register.adminId || inUse.some((each) => holdings.credentials.get(each)?.id === id);
      return isHeld || (inUse.includes(versionId) && holdings.empty.has(versionId));
    };
    try {
      if (left.has(names)) left.add(id);
      else if (!(await isInUse()))
        await retryWrite(task.budget, (timeoutMs) => register.revoke(id, timeoutMs), isInUse);
    } catch (error) {
      failure ??= error;
      left.add(id);
      // What is refused for one may be done for another.
      const isRefused = error instanceof RegisterError && error.remedy !== undefined;
      if (!isRefused) return { left: left.size + due.length - index - 1, failure };
    }
  }
  return { left: left.size, failure };
}

/** @throws RotationError */
export function revoke({ budget }: Task, register: Register<Credential>, id: string): Promise<void> {
  return retryRead(budget, (timeoutMs) => register.revoke(id, timeoutMs));
}
