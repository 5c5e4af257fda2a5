import { RotationError } from '../rotation/errors.ts';
import type { Report } from '../rotation/report.ts';

/** What failures to revoke mean for a rotation that does its work all the same. */
export const STILL_WORKS = 'A key that nobody uses could not be revoked, and works until a later attempt revokes it.';
export const NOT_DETERMINED =
  'Cannot determine whether keys are to be revoked; nothing was revoked. The next rotation looks again.';

/** Says it, and counts it. */
export function reportFailure(report: Report, consequence: string, error: unknown): void {
  // Another error's message may quote anything.
  const what = error instanceof RotationError ? error.message : `Unexpected ${(error as Error).name}.`;
  report.measure('RevocationFailed', 1);
  report.warn(`${consequence} ${what}`);
}
