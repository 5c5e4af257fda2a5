import type { Credential } from './credential.ts';
import { InvalidValueError, RotationError } from './errors.ts';
import { ANOTHER_SECRETS_KEY, reportLeftAlone } from './left-alone.ts';
import { countOverdue } from './overdue.ts';
import { turnRotationOn } from './pending-version.ts';
import { describeSecret, getCurrent } from './reads.ts';
import type { Task } from './rotation.ts';
import type { SecretDescription } from './secret-store.ts';
import { survey } from './survey.ts';
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
  /** Keys that should have been revoked, and are live. Undefined: its keys are not revoked. */
  keysAwaitingRevocation: number | undefined;
}

const DAY_MS = 86_400_000;

/**
 * Looks at each secret, and goes on to the next when something is wrong with one.
 *
 * @param taskOf the work on a secret, which may be given by name
 * @param found called for each secret that could be looked at
 * @throws RotationError that says of each of the others what is wrong, after all have been tried: it cannot be looked at,
 * its current value cannot be rotated, the register of its keys cannot be read, or its rotation is off
 */
export async function checkSecrets(
  taskOf: (secretId: string) => Task,
  secretIds: readonly string[],
  found: (health: SecretHealth) => void,
): Promise<void> {
  const problems: { secretId: string; problem: RotationError }[] = [];
  for (const secretId of secretIds) {
    try {
      await checkSecret(taskOf(secretId), found);
    } catch (problem) {
      if (!(problem instanceof RotationError)) throw problem;
      problems.push({ secretId, problem });
    }
  }
  if (problems.length === 0) return;
  throw new RotationError(
    problems.every(({ problem }) => problem.failure === 'transient') ? 'transient' : 'operator',
    problems.map(({ secretId, problem }) => `${secretId}: ${problem.message}`).join(' '),
  );
}

/** @throws RotationError that says what is wrong with the secret, after the figures that there are */
async function checkSecret(task: Task, found: (health: SecretHealth) => void): Promise<void> {
  const { kind, budget } = task;
  const description = await describeSecret(task);
  const current = await getCurrent(task);
  if (current?.secretString === undefined) {
    throw new RotationError('operator', 'It has no current value (AWSCURRENT) that is a string.');
  }
  const credential = readCredential(kind, current.secretString);
  if (credential instanceof InvalidValueError) {
    throw new RotationError('operator', `The current value (AWSCURRENT) cannot be rotated. ${credential.message}`);
  }
  const { expiresAt } = credential;
  const changedAt = Math.max(description.lastRotatedAt?.getTime() ?? 0, current.createdAt?.getTime() ?? 0);
  const now = budget.clock.now();
  const overdue = await countOverdueOf(task, description, current.versionId, credential);
  found({
    name: description.name,
    daysSinceLastRotation: changedAt === 0 ? undefined : (now - changedAt) / DAY_MS,
    daysUntilExpiry: expiresAt && (expiresAt.getTime() - now) / DAY_MS,
    keysAwaitingRevocation: overdue instanceof RotationError ? undefined : overdue,
  });
  if (!description.rotationEnabled) {
    throw new RotationError(
      'operator',
      `Rotation is off: it was cancelled, or its schedule was deleted with another stack. ${turnRotationOn(task, description)}`,
    );
  }
  if (overdue instanceof RotationError) throw overdue;
}

/** @returns the error if it cannot be told; undefined if there is no register to tell it */
async function countOverdueOf(
  task: Task,
  seen: SecretDescription,
  versionId: string,
  credential: Credential,
): Promise<number | RotationError | undefined> {
  const door = task.kind.registerOf?.(credential);
  if (door === undefined) return undefined;
  try {
    // Issued credentials are marked with the ARN.
    const named = { ...task, secretId: seen.arn };
    const { plan, register } = await survey(named, seen, door);
    reportLeftAlone(named, register, plan, versionId);
    return plan.isAnotherSecrets ? new RotationError('operator', ANOTHER_SECRETS_KEY) : countOverdue(task, seen, plan);
  } catch (error) {
    if (error instanceof RotationError) return error;
    throw error;
  }
}
