import { reportLifetime } from './early-warning.ts';
import { RotationError } from './errors.ts';
import { requireNotOvertaken, requireNotRolledBack } from './lineage.ts';
import { noCurrentValue, notStaged, requireInRotation } from './pending-version.ts';
import { promote } from './promote.ts';
import { describeSecret, getCurrent, getPending } from './reads.ts';
import { revokeRetired } from './retirement.ts';
import type { Rotation } from './rotation.ts';
import { isStaged, type SecretDescription, type SecretVersion } from './secret-store.ts';
import { succeed } from './succession.ts';
import { readPending, readPredecessor } from './values.ts';
import { verifyPending, wasVerified } from './verify.ts';

/**
 * The four steps of Secrets Manager's rotation protocol. Each may be repeated, at any time, in any sandbox: it looks at
 * what is there, and does what is missing. Each returns what it found or did, and throws if its work is not done.
 */

export type StepName = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';

export const steps: Record<StepName, (rotation: Rotation) => Promise<string>> = {
  createSecret,
  setSecret,
  testSecret,
  finishSecret,
};

/**
 * Stages a successor of the current credential as `AWSPENDING`.
 *
 *  1. The version is current already, because the step is repeated late: done. An operator who made it current before it
 *     had a value has to store one.
 *  2. An operator ended the rotation, or the secret is a replica: nothing is issued.
 *  3. The pending version has a value, because the step is repeated: done if it can be promoted, given up if not.
 *  4. There is no current value, or none that can be rotated: a human has to store one.
 *  5. The service does not answer, or refuses because another sandbox was faster: `succeed` looks before it asks again.
 *  6. The answer to the put is lost, or another sandbox's put came first: `succeed` looks as well.
 *  7. An attempt to issue was not answered, and may have had its effect: what it issued is revoked, where that is possible.
 *  8. The version was current already, and an operator went back from it: given up.
 */
async function createSecret(rotation: Rotation): Promise<string> {
  const [description, current, pending] = await together(
    describeSecret(rotation),
    getCurrent(rotation),
    getPending(rotation),
  );
  if (isStaged(description, rotation.versionId, 'AWSCURRENT')) {
    // The reads race, so that a version that has just been filled may have looked empty.
    if (pending === undefined && (await getPending(rotation)) === undefined) throw noCurrentValue(rotation);
    return 'already current';
  }
  const holder = requireInRotation(rotation, description);
  const { lastRotatedAt } = description;
  await requireNotRolledBack(rotation, description.stages[rotation.versionId], { ...pending, current, lastRotatedAt });

  if (pending !== undefined) {
    await requireNotOvertaken(rotation, { holder, current, pending });
    const issued = await readPending(rotation, pending);
    reportLifetime(rotation, description, issued);
    return 'already issued';
  }
  const succession = await succeed(rotation, readPredecessor(rotation, current));
  reportLifetime(rotation, description, succession.credential);
  return succession.outcome;
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
  const pending = await requirePending(rotation);
  if (!pending.stages.some((stage) => stage === 'AWSPENDING' || stage === 'AWSCURRENT')) {
    throw notStaged(rotation, await describeSecret(rotation));
  }
  if (pending.stages.includes('AWSPENDING')) await requireNotRolledBack(rotation, pending.stages);
  await verifyPending(rotation, await readPending(rotation, pending));
  return 'accepted';
}

/**
 * Moves `AWSCURRENT` to the pending version.
 *
 *  1. The version is current already, because the step is repeated or its answer was lost: done.
 *  2. An operator ended the rotation: nothing is moved.
 *  3. An operator stored a value of their own meanwhile, or went back from this version, which was current already: given up.
 *  4. This sandbox has not seen the credential let in within the last minute: it looks now.
 *  5. The answer to the move is lost, or somebody else moves the label: `promote` looks, and never aims again.
 *  6. Older credentials can be revoked: that is done last, and never fails the step (`revokeRetired`).
 */
async function finishSecret(rotation: Rotation): Promise<string> {
  const seen = await describeSecret(rotation);
  const holder = await currentHolder(rotation, seen);
  const outcome = holder === undefined ? 'already current' : await makeCurrent(rotation, holder, seen);
  rotation.memory.wasCurrent = true;
  await revokeRetired(rotation, seen);
  return outcome;
}

async function makeCurrent(rotation: Rotation, holder: string, seen: SecretDescription): Promise<string> {
  const { memory, report } = rotation;
  if (memory.predecessor !== undefined && wasVerified(rotation)) {
    await requireNotOvertaken(rotation, { holder });
  } else {
    await verifyAnew(rotation, holder, seen);
    // A ping may take its time, in which others do what they do. That AWSCURRENT is elsewhere shows when it is moved.
    if ((await currentHolder(rotation, await describeSecret(rotation))) === undefined) return 'already current';
  }

  if (!(await promote(rotation, holder))) return 'already current';
  report.measure('RotationSucceeded', 1);
  return 'promoted';
}

/** The version to move `AWSCURRENT` from; undefined if the version in rotation has it already. */
async function currentHolder(rotation: Rotation, description: SecretDescription): Promise<string | undefined> {
  const { versionId } = rotation;
  if (isStaged(description, versionId, 'AWSCURRENT')) return undefined;
  const holder = requireInRotation(rotation, description);
  await requireNotRolledBack(rotation, description.stages[versionId]);
  return holder;
}

/** What another sandbox has seen, this one has to see for itself. */
async function verifyAnew(rotation: Rotation, holder: string, { lastRotatedAt }: SecretDescription): Promise<void> {
  const [current, pending] = await together(getCurrent(rotation), requirePending(rotation));
  await requireNotRolledBack(rotation, pending.stages, { ...pending, current, lastRotatedAt });
  await requireNotOvertaken(rotation, { holder, current, pending });
  if (!wasVerified(rotation)) await verifyPending(rotation, await readPending(rotation, pending));
}

async function requirePending(rotation: Rotation): Promise<SecretVersion> {
  const pending = await getPending(rotation);
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
