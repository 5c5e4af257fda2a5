import { keepingBack } from './budget.ts';
import type { Credential } from './credential.ts';
import { concise, InvalidValueError, RotationError, rotationError } from './errors.ts';
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

/** Where a check tells what it finds, secret by secret. */
export interface CheckReport {
  /** Of each secret that could be looked at. */
  found(health: SecretHealth): void;
  /** Of each with which something is wrong. `secret`: its name; undefined where Secrets Manager did not answer for it. */
  failed(secret: string | undefined, problem: unknown): void;
}

/**
 * Looks at each secret, and goes on to the next whatever is wrong with one.
 *
 * @param taskOf the work on a secret, which may be given by name
 * @throws RotationError that says of each with which something is wrong what that is, or of as many as it has room for, after
 * all have been looked at: it cannot be, its current value cannot be rotated, the register of its keys cannot be read, or its
 * rotation is off
 */
export async function checkSecrets(
  taskOf: (secretId: string) => Task,
  secretIds: readonly string[],
  report: CheckReport,
): Promise<void> {
  const problems: { subject: string; problem: RotationError }[] = [];
  for (const [index, secretId] of secretIds.entries()) {
    let name: string | undefined;
    try {
      const task = withShare(taskOf(secretId), secretIds.length - index);
      const seen = await describeSecret(task);
      name = seen.name;
      await checkSecret(task, seen, report.found);
    } catch (error) {
      report.failed(name, error);
      // What nobody has answered for may be anything, and is not spoken about.
      problems.push({ subject: name ?? `CheckSecrets[${index}]`, problem: rotationError(error) });
    }
  }
  if (problems.length === 0) return;
  throw new RotationError(
    problems.every(({ problem }) => problem.failure === 'transient') ? 'transient' : 'operator',
    summaryOf(problems.map(({ subject, problem }) => `${subject}: ${problem.message}`)),
  );
}

/** What a secret may take of the time at least, in milliseconds, however many there are. */
const LEAST_SHARE_MS = 5000;

/** One for which nobody answers leaves time for those after it. */
function withShare(task: Task, left: number): Task {
  const remaining = task.budget.remaining();
  const shareMs = Math.max(remaining / left, LEAST_SHARE_MS);
  return { ...task, budget: keepingBack(task.budget, Math.max(0, remaining - shareMs)) };
}

/** It is cut where it gets too long. */
function summaryOf(problems: readonly string[]): string {
  const all = problems.join(' ');
  return all === concise(all) ? all : `Each of ${problems.length} problems is in a line of its own in the log. ${all}`;
}

/** @throws RotationError that says what is wrong with the secret, after the figures that there are */
async function checkSecret(
  task: Task,
  description: SecretDescription,
  found: (health: SecretHealth) => void,
): Promise<void> {
  const { kind, budget } = task;
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
    keysAwaitingRevocation: overdue instanceof Error ? undefined : overdue,
  });
  if (!description.rotationEnabled) {
    throw new RotationError(
      'operator',
      `Rotation is off: it was cancelled, or its schedule was deleted with another stack. ${turnRotationOn(task, description)}`,
    );
  }
  if (overdue instanceof Error) throw overdue;
}

/** @returns the error if it cannot be told; undefined if there is no register to tell it */
async function countOverdueOf(
  task: Task,
  seen: SecretDescription,
  versionId: string,
  credential: Credential,
): Promise<number | Error | undefined> {
  const door = task.kind.registerOf?.(credential);
  if (door === undefined) return undefined;
  try {
    // Issued credentials are marked with the ARN.
    const named = { ...task, secretId: seen.arn };
    const { plan, register } = await survey(named, seen, door);
    reportLeftAlone(named, register, plan, versionId);
    return plan.isAnotherSecrets ? new RotationError('operator', ANOTHER_SECRETS_KEY) : countOverdue(task, seen, plan);
  } catch (error) {
    return error as Error;
  }
}
