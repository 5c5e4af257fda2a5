import type { Credential } from './credential.ts';
import { latestNextRotation } from './next-rotation.ts';
import type { Rotation } from './rotation.ts';
import type { SecretDescription } from './secret-store.ts';

/** Measures how long a new credential lives, and warns when the next rotation comes too late for it. */
export function reportLifetime(
  { report, secret }: Rotation,
  { rotationRules }: SecretDescription,
  { expiresAt }: Credential,
): void {
  if (expiresAt === undefined) return;
  const now = secret.budget.clock.now();
  report.measure('NewKeyLifetime', Math.round((expiresAt.getTime() - now) / 1000));

  const due = latestNextRotation(rotationRules, new Date(now));
  if (due === undefined || expiresAt >= due) return;
  report.measure('NewKeyExpiresBeforeNextRotation', 1);
  report.warn(
    `The new key expires on ${expiresAt.toISOString()}, before the next rotation is sure to have started (${due.toISOString()}). Rotate more often, or use keys that live longer.`,
  );
}
