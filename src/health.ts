import { type Batch, forEachSecret, placeOf, problemOf, summaryOf } from './each-secret.ts';
import { ANOTHER_SECRETS_KEY, reportLeftAlone } from './revocation/left-alone.ts';
import { createListings } from './revocation/open-registry.ts';
import { countOverdue } from './revocation/overdue.ts';
import type { RevocableKind, RevocationTask } from './revocation/registry.ts';
import { survey } from './revocation/survey.ts';
import type { Budget } from './rotation/budget.ts';
import type { CredentialKind } from './rotation/credential.ts';
import { InvalidValueError, RotationError } from './rotation/errors.ts';
import { readValue } from './rotation/read-value.ts';
import { turnRotationOn } from './rotation/remedy.ts';
import type { SecretDescription, SecretVersion } from './rotation/secret-store.ts';

/** A look at one secret. */
export interface HealthTask extends RevocationTask {
  kind: CredentialKind & RevocableKind;
}

const DAY_MS = 86_400_000;

/**
 * The daily check: looks at each secret, and goes on to the next whatever is wrong with one. It measures for each
 *
 *  - `DaysSinceLastRotation`, with fractions. A value that was stored by hand counts as a rotation, as it does for the service's
 *    schedule, so that a secret whose rotation has just been set up is not overdue. Left out where the service tells no dates.
 *  - `DaysUntilKeyExpires`, with fractions; negative if the key has expired. Left out where it never does.
 *  - `KeysAwaitingRevocation`: what the last two rotations should have revoked; where a schedule revokes, what has been due for three
 *    hours. Left out where keys cannot be revoked.
 *
 * @param taskOf the look at a secret, which may be given by name
 * @throws RotationError that says of each with which something is wrong what that is, or of as many as it has room for, after
 * all have been looked at: it cannot be, its current value cannot be rotated, the registry of its keys cannot be read, or its
 * rotation is off
 */
export async function checkSecrets(
  batch: Batch,
  taskOf: (secretId: string, budget: Budget) => HealthTask,
): Promise<void> {
  const { problems, notBegun } = await forEachSecret(batch, async (secretId, budget, onConfirmed) => {
    const task = taskOf(secretId, budget);
    const seen = await task.secret.describe();
    onConfirmed(seen.name);
    await checkSecret(task, seen);
  });
  for (const place of notBegun) {
    const error = new RotationError('transient', 'No time was left to look at it.');
    batch.onProblem(undefined, error);
    problems.push(problemOf(placeOf(batch, place), error));
  }
  if (problems.length > 0) throw summaryOf(problems);
}

/** @throws RotationError that says what is wrong with the secret, after the figures that there are */
async function checkSecret(task: HealthTask, seen: SecretDescription): Promise<void> {
  const { kind, secret, report } = task;
  const current = await secret.current();
  if (current?.secretString === undefined) {
    throw new RotationError('operator', 'It has no current value (AWSCURRENT) that is a string.');
  }
  const credential = readValue(current.secretString, (text) => kind.read(text));
  if (credential instanceof InvalidValueError) {
    throw new RotationError('operator', `The current value (AWSCURRENT) cannot be rotated. ${credential.message}`);
  }
  const now = secret.budget.clock.now();
  const changedAt = Math.max(seen.lastRotatedAt?.getTime() ?? 0, current.createdAt?.getTime() ?? 0);
  if (changedAt > 0) report.measure('DaysSinceLastRotation', (now - changedAt) / DAY_MS);
  const { expiresAt } = credential;
  if (expiresAt !== undefined) report.measure('DaysUntilKeyExpires', (expiresAt.getTime() - now) / DAY_MS);

  const problem = await checkRegistry(task, seen, { ...current, secretString: current.secretString });
  if (!seen.rotationEnabled) {
    throw new RotationError(
      'operator',
      `Rotation is off: it was cancelled, or its schedule was deleted with another stack. ${turnRotationOn(secret.id, seen)}`,
    );
  }
  if (problem !== undefined) throw problem;
}

/** @returns what is wrong with it, or keeps it from being looked at */
async function checkRegistry(
  task: HealthTask,
  seen: SecretDescription,
  { versionId, secretString }: SecretVersion & { secretString: string },
): Promise<unknown> {
  try {
    const access = task.kind.registryFor(secretString);
    if (access === undefined) return undefined;
    const surveyed = await survey(task, access, seen, createListings(task.secret.budget));
    const { plan } = surveyed;
    reportLeftAlone(task.report, seen.arn, surveyed, versionId);
    if (plan.isAnotherSecrets) return new RotationError('operator', ANOTHER_SECRETS_KEY);
    task.report.measure('KeysAwaitingRevocation', countOverdue(plan, task, task.secret.budget.clock.now()));
    return undefined;
  } catch (error) {
    return error;
  }
}
