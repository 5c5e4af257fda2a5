import { RotationError } from './errors.ts';
import type { Task } from './rotation.ts';

/** What failures to revoke mean for a rotation that does its work all the same. */
export const LEFT_LIVE = 'A key that nobody uses could not be revoked, and is live until the next rotation revokes it.';
export const NOT_SEEN = 'Whether keys are to be revoked could not be seen: the next rotation looks again.';
export const NOT_SCHEDULED =
  'The revocation of a key that nobody will use could not be scheduled: the next rotation revokes it.';

/** Says it, and counts it. */
export function reportFailure({ report }: Task, consequence: string, error: unknown): void {
  // Another error's message may quote anything.
  const what = error instanceof RotationError ? error.message : `Unexpected ${(error as Error).name}.`;
  report.measure('RevocationFailed', 1);
  report.warn(`${consequence} ${what}`);
}
