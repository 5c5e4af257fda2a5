import type { Credential, Register } from './credential.ts';
import type { Plan } from './plan.ts';
import type { Task } from './rotation.ts';

export const ANOTHER_SECRETS_KEY =
  'The key in the current value (AWSCURRENT) was issued for another secret, and is revoked when that one has no use for it any more; it is not revoked from here. Store a key of its own in each secret, or rotate this one.';

/** The most that is named in one line. */
const MOST_NAMED = 5;

/**
 * Says what is live and is not revoked, since it is not provably of this function's making.
 *
 * @param currentVersion what the version holds that is current now is in use
 */
export function reportLeftAlone(
  { report, secretId }: Task,
  register: Register<Credential>,
  { byHand, unproven }: Plan,
  currentVersion: string | undefined,
): void {
  const commands = (keys: readonly { id: string }[]) =>
    keys
      .slice(0, MOST_NAMED)
      .map(({ id }) => register.howToRevoke(id))
      .join(' ');
  const superseded = byHand.filter(({ versionId }) => versionId !== currentVersion);
  if (superseded.length > 0) {
    report.warn(
      `${superseded.length} of the keys before the current one of ${secretId} was not issued by this function, and is not revoked by itself. When nobody uses it any more: ${commands(superseded)}`,
    );
  }
  if (unproven.length > 0) {
    report.warn(
      `${unproven.length} of the keys that say of themselves that they were issued for ${secretId} cannot be proved to be, and is not revoked by itself: its description may be a copy. If nobody uses it: ${commands(unproven)}`,
    );
  }
}
