import type { Budget } from './budget.ts';
import type { Credential, CredentialKind } from './credential.ts';
import { InvalidValueError, RotationError } from './errors.ts';
import { retryRead } from './retry.ts';
import type { SecretStore, SecretVersion } from './secret-store.ts';

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

export interface Checkup {
  store: SecretStore;
  kind: CredentialKind<Credential>;
  budget: Budget;
}

/** How many secrets are looked at at a time: quick enough for hundreds, and far below the service's quotas. */
const AT_A_TIME = 10;

const DAY_MS = 86_400_000;

/**
 * Looks at each secret, and goes on to the next when one cannot be looked at.
 *
 * @param found called for each secret that could be looked at
 * @throws RotationError that names the others, after all have been tried
 */
export async function checkSecrets(
  checkup: Checkup,
  secretIds: readonly string[],
  found: (health: SecretHealth) => void,
): Promise<void> {
  const waiting = [...secretIds];
  const problems: string[] = [];
  const work = async () => {
    for (let secretId = waiting.shift(); secretId !== undefined; secretId = waiting.shift()) {
      try {
        found(await checkSecret(checkup, secretId));
      } catch (error) {
        if (!(error instanceof RotationError)) throw error;
        problems.push(`${secretId}: ${error.message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  if (problems.length > 0) {
    throw new RotationError(
      'operator',
      `${problems.length} of ${secretIds.length} secrets could not be checked. ${problems.join(' ')}`,
    );
  }
}

async function checkSecret({ store, kind, budget }: Checkup, secretId: string): Promise<SecretHealth> {
  const description = await retryRead(budget, (timeoutMs) => store.describe(secretId, timeoutMs));
  const current = await retryRead(budget, (timeoutMs) => store.getCurrent(secretId, timeoutMs));
  const { expiresAt } = read(kind, current);
  const changedAt = Math.max(description.lastRotatedAt?.getTime() ?? 0, current?.createdAt?.getTime() ?? 0);
  const now = budget.clock.now();
  return {
    name: description.name,
    daysSinceLastRotation: changedAt === 0 ? undefined : (now - changedAt) / DAY_MS,
    daysUntilExpiry: expiresAt && (expiresAt.getTime() - now) / DAY_MS,
  };
}

function read(kind: CredentialKind<Credential>, current: SecretVersion | undefined): Credential {
  if (current?.secretString === undefined) {
    throw new RotationError('operator', 'It has no current value (AWSCURRENT) that is a string.');
  }
  try {
    return kind.read(current.secretString);
  } catch (error) {
    if (!(error instanceof InvalidValueError)) throw error;
    throw new RotationError('operator', `The current value (AWSCURRENT) cannot be rotated. ${error.message}`);
  }
}
