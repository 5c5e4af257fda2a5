import { reportLifetime } from './early-warning.ts';
import { DeadEnd, RotationError } from './errors.ts';
import { giveUp } from './give-up.ts';
import { issueAndStage } from './issue-and-stage.ts';
import {
  noCurrentValue,
  notStaged,
  requireInRotation,
  requireNotOvertaken,
  requireNotRolledBack,
} from './preconditions.ts';
import { promote } from './promote.ts';
import { readPending, readPredecessor } from './read-value.ts';
import type { Rotation, RotationTask } from './rotation.ts';
import { openSecret } from './secret.ts';
import { isStaged, type SecretDescription, type SecretVersion } from './secret-store.ts';
import { verifyPending, wasVerified } from './verify.ts';

/**
 * The four steps of Secrets Manager's rotation protocol. Each may be repeated, at any time, in any sandbox: it looks at
 * what is there, and does what is missing. Each returns what it found or did, and throws a RotationError if its work is not done.
 *
 * A step begins with the cases that it has to survive, and each number stands again where its case is handled. Whatever finds
 * that the pending version can never be promoted throws a DeadEnd and has changed nothing in the secret: it is given up here, and
 * nowhere else.
 */

export type StepName = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';

export const steps: Record<StepName, (task: RotationTask) => Promise<string>> = {
  createSecret: (task) => run(createSecret, task),
  setSecret: (task) => run(setSecret, task),
  testSecret: (task) => run(testSecret, task),
  finishSecret: (task) => run(finishSecret, task),
};

async function run(
  step: (rotation: Rotation) => Promise<string>,
  { secretId, store, budget, ...task }: RotationTask,
): Promise<string> {
  const rotation = { ...task, secret: openSecret(store, secretId, budget) };
  try {
    return await step(rotation);
  } catch (error) {
    throw error instanceof DeadEnd ? await giveUp(rotation, error) : error;
  }
}

/**
 * Stages a successor of the current credential as `AWSPENDING`.
 *
 *  1. The version is current already, because the step is repeated late: done. An operator who made it current before it
 *     had a value has to store one.
 *  2. An operator ended the rotation, or the secret is a replica: nothing is issued.
 *  3. The version was current already, and an operator went back from it: given up.
 *  4. The pending version has a value, because the step is repeated: done if it can be promoted, given up if not.
 *  5. There is no current value, or none that can be rotated: a human has to store one.
 *  6. The service does not answer, or refuses because another sandbox was faster: looks before it asks again.
 *  7. The answer to the put is lost: looks at the labels, and puts the same value again. Another sandbox's put came first: its value counts.
 *  8. An attempt to issue was not answered, and may have had its effect: what it issued is taken back, where that is possible.
 */
async function createSecret(rotation: Rotation): Promise<string> {
  const { secret, versionId, memory } = rotation;
  const [description, current, pending] = await together(
    secret.describe(),
    secret.current(),
    secret.version(versionId),
  );
  if (isStaged(description, versionId, 'AWSCURRENT')) {
    // Case 1. The reads race, so that a version that has just been filled may have looked empty.
    if (pending === undefined && (await secret.version(versionId)) === undefined) throw noCurrentValue(rotation);
    return 'already current';
  }
  const holder = requireInRotation(rotation, description); // Case 2
  const { lastRotatedAt, stages, arn } = description;
  requireNotRolledBack(rotation, stages[versionId], { ...pending, current, lastRotatedAt }); // Case 3

  if (pending !== undefined) {
    // Case 4
    requireNotOvertaken(rotation, { holder, current, pending });
    const issued = await readPending(rotation, pending);
    memory.isRegistered = issued.isRegistered;
    reportLifetime(rotation, description, issued);
    return 'already issued';
  }
  const predecessor = readPredecessor(rotation, current); // Case 5
  const { credential, outcome } = await issueAndStage(rotation, predecessor, arn); // Cases 6, 7 and 8
  memory.isRegistered = credential.isRegistered;
  reportLifetime(rotation, description, credential);
  return outcome;
}

/** A key is live when it is issued: there is nothing to set. A delivery to a third party would have its place here. */
async function setSecret(): Promise<string> {
  return 'nothing to set';
}

/**
 * Shows that the pending credential is let in, and could itself be rotated.
 *
 *  1. The pending version is empty, because the step before did not do its work: the rotation has to start again.
 *  2. The version has lost its label, because an operator ended the rotation: nothing is tested.
 *  3. The version was current already, and an operator went back from it: given up.
 *  4. The value can never be promoted: given up.
 *  5. The credential is refused, or can do less than the current one: given up. No verdict: tried again later.
 *
 * A deployment that does not rotate at once runs this step alone, on a copy of the current value.
 */
async function testSecret(rotation: Rotation): Promise<string> {
  const { secret, memory } = rotation;
  const pending = await requirePending(rotation); // Case 1
  if (!pending.stages.some((stage) => stage === 'AWSPENDING' || stage === 'AWSCURRENT')) {
    throw notStaged(rotation, await secret.describe()); // Case 2
  }
  if (pending.stages.includes('AWSPENDING')) requireNotRolledBack(rotation, pending.stages); // Case 3
  const credential = await readPending(rotation, pending); // Case 4
  memory.isRegistered = credential.isRegistered;
  await verifyPending(rotation, credential); // Case 5
  return 'accepted';
}

/**
 * Moves `AWSCURRENT` to the pending version.
 *
 *  1. The version is current already, because the step is repeated or its answer was lost: done.
 *  2. An operator ended the rotation: nothing is moved.
 *  3. An operator stored a value of their own meanwhile, or went back from this version, which was current already: given up.
 *  4. This sandbox has not seen the credential let in within the last minute: it looks now.
 *  5. The answer to the move is lost, or somebody else moves the label: looks, and never aims again.
 *  6. Older credentials can be retired: that is done last, and never fails the step.
 */
async function finishSecret(rotation: Rotation): Promise<string> {
  const { secret, memory, retire } = rotation;
  const before = await secret.describe();
  const holder = currentHolder(rotation, before);
  const outcome = holder === undefined ? 'already current' : await makeCurrent(rotation, holder, before);
  memory.wasCurrent = true;
  // Case 6. A sandbox that has not seen the version's credential does not know.
  if (memory.isRegistered !== false) await retire?.(rotation, before);
  return outcome;
}

async function makeCurrent(rotation: Rotation, holder: string, before: SecretDescription): Promise<string> {
  const { memory, report, secret } = rotation;
  if (memory.predecessor !== undefined && wasVerified(rotation)) {
    requireNotOvertaken(rotation, { holder }); // Case 3
  } else {
    await verifyUnlessSeen(rotation, holder, before); // Case 4
    // A ping may take its time, in which others do what they do. That AWSCURRENT is elsewhere shows when it is moved.
    if (currentHolder(rotation, await secret.describe()) === undefined) return 'already current';
  }

  if (!(await promote(rotation, holder))) return 'already current'; // Case 5
  report.measure('RotationSucceeded', 1);
  return 'promoted';
}

/** The version to move `AWSCURRENT` from; undefined if the version in rotation has it already. */
function currentHolder(rotation: Rotation, description: SecretDescription): string | undefined {
  const { versionId } = rotation;
  if (isStaged(description, versionId, 'AWSCURRENT')) return undefined; // Case 1
  const holder = requireInRotation(rotation, description); // Case 2
  requireNotRolledBack(rotation, description.stages[versionId]); // Case 3
  return holder;
}

/** What another sandbox has seen, this one has to see for itself; a ping of its own it takes for a minute. */
async function verifyUnlessSeen(
  rotation: Rotation,
  holder: string,
  { lastRotatedAt }: SecretDescription,
): Promise<void> {
  const { secret, memory } = rotation;
  const [current, pending] = await together(secret.current(), requirePending(rotation));
  requireNotRolledBack(rotation, pending.stages, { ...pending, current, lastRotatedAt }); // Case 3
  requireNotOvertaken(rotation, { holder, current, pending }); // Case 3
  if (wasVerified(rotation)) return;
  const credential = await readPending(rotation, pending);
  memory.isRegistered = credential.isRegistered;
  await verifyPending(rotation, credential);
}

async function requirePending({ secret, versionId }: Rotation): Promise<SecretVersion> {
  const pending = await secret.version(versionId);
  if (pending !== undefined) return pending;
  throw new RotationError(
    'transient',
    `The version in rotation (the event's ClientRequestToken) has no value yet. Secrets Manager will try the rotation again, beginning with createSecret, which stores one.`,
  );
}

/** As `Promise.all`, but nothing is left running behind an error. */
async function together<T extends unknown[]>(...promises: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  await Promise.allSettled(promises);
  return Promise.all(promises) as Promise<T>;
}
