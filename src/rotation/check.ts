import type { Budget } from './budget.ts';
import type { Credential, CredentialKind } from './credential.ts';
import { InvalidValueError, RotationError } from './errors.ts';
import { turnRotationOn } from './pending-version.ts';
import { retryRead } from './retry.ts';
import type { SecretStore } from './secret-store.ts';
import { readCredential } from './values.ts';

/** How a secret is doing. */
export interface SecretHealth {
  name: string;
  /**
   * Fractions allowed. A value that was stored by hand counts as a rotation, as it does for the service's schedule, so that
   * a secret whose rotation has just been set up is not overdue. Undefined: the service tells no dates.
   */
  daysSinceLastRotation: number | undefined;
  /** Fractions allowed; negative if the key has expired. Undefined: never. */
  daysUntilExpiry: number | undefined;
}

interface Checkup {
  store: SecretStore;
  kind: CredentialKind<Credential>;
  budget: Budget;
}

const DAY_MS = 86_400_000;

/**
 * Looks at each secret, and goes on to the next when something is wrong with one.
 *
 * @param found called for each secret that could be looked at
 * @throws RotationError that says of each of the others what is wrong, after all have been tried: it cannot be looked at,
 * its current value cannot be rotated, or its rotation is off
 */
export async function checkSecrets(
  checkup: Checkup,
  secretIds: readonly string[],
  found: (health: SecretHealth) => void,
): Promise<void> {
  const problems: string[] = [];
  for (const secretId of secretIds) {
    try {
      const problem = await checkSecret(checkup, secretId, found);
      if (problem !== undefined) problems.push(`${secretId}: ${problem}`);
    } catch (error) {
      if (!(error instanceof RotationError)) throw error;
      problems.push(`${secretId}: ${error.message}`);
    }
  }
  if (problems.length > 0) throw new RotationError('operator', problems.join(' '));
}

/** @returns what is wrong with the secret, if anything is */
async function checkSecret(
  { store, kind, budget }: Checkup,
  secretId: string,
  found: (health: SecretHealth) => void,
): Promise<string | undefined> {
  const description = await retryRead(budget, (timeoutMs) => store.describe(secretId, timeoutMs));
  const current = await retryRead(budget, (timeoutMs) => store.getCurrent(secretId, timeoutMs));
  if (current?.secretString === undefined) return 'It has no current value (AWSCURRENT) that is a string.';
  const credential = readCredential(kind, current.secretString);
  if (credential instanceof InvalidValueError) {
    return `The current value (AWSCURRENT) cannot be rotated. ${credential.message}`;
  }
  const { expiresAt } = credential;
  const changedAt = Math.max(description.lastRotatedAt?.getTime() ?? 0, current.createdAt?.getTime() ?? 0);
  const now = budget.clock.now();
  found({
    name: description.name,
    daysSinceLastRotation: changedAt === 0 ? undefined : (now - changedAt) / DAY_MS,
    daysUntilExpiry: expiresAt && (expiresAt.getTime() - now) / DAY_MS,
  });
  if (description.rotationEnabled) return undefined;
  return `Rotation is off: it was cancelled, or its schedule was deleted with another stack. ${turnRotationOn({ secretId }, description)}`;
}
