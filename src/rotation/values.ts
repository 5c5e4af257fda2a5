import type { Credential, CredentialKind } from './credential.ts';
import { InvalidValueError, invalidValue, RotationError } from './errors.ts';
import { giveUpPending, noCurrentValue } from './pending-version.ts';
import { getCurrent } from './reads.ts';
import { storeFreshValue } from './remedy.ts';
import type { Rotation, Task } from './rotation.ts';
import type { SecretVersion } from './secret-store.ts';

/** The current credential, and the version that holds it. */
export interface Current {
  versionId: string;
  credential: Credential;
  storedAt: Date | undefined;
}

/**
 * The credential to be succeeded.
 *
 * @throws RotationError (operator) when there is none: only a human can provide it
 */
export function readPredecessor(rotation: Rotation, current: SecretVersion | undefined): Current {
  return requireReadable(rotation, current, readUnexpired);
}

/**
 * The current credential, whether or not it has expired.
 *
 * @throws RotationError (operator) when there is none
 */
export function readCurrent(task: Task, current: SecretVersion | undefined): Current {
  return requireReadable(task, current, read);
}

function requireReadable(task: Task, current: SecretVersion | undefined, reader: typeof read): Current {
  if (current === undefined) throw noCurrentValue(task);
  const credential = reader(task, current);
  if (credential instanceof InvalidValueError) throw cannotBeRotated(task, credential);
  return { versionId: current.versionId, credential, storedAt: current.createdAt };
}

function cannotBeRotated(task: Task, { message }: InvalidValueError): RotationError {
  return new RotationError(
    'operator',
    `The current value (AWSCURRENT) cannot be rotated. ${message} ${storeFreshValue(task)}`,
  );
}

/**
 * The credential that is to be promoted: one that can itself be rotated.
 *
 * @throws RotationError (permanent) when it is not; the version has then been given up
 */
export async function readPending(rotation: Rotation, pending: SecretVersion): Promise<Credential> {
  const credential = readUnexpired(rotation, pending);
  if (!(credential instanceof InvalidValueError)) {
    rotation.memory.isRegistered = credential.id !== undefined;
    return credential;
  }

  const current = await getCurrent(rotation);
  // As it is when a deployment has its rotation tested.
  const isCopy = current !== undefined && current.secretString === pending.secretString;
  return giveUpPending(
    rotation,
    isCopy
      ? `The pending value (AWSPENDING) is a copy of the current one, which cannot be rotated. ${credential.message} ${storeFreshValue(rotation)}.`
      : `The pending value (AWSPENDING) can never be promoted. ${credential.message}`,
  );
}

/** The credential that a version holds, or what keeps it from being one that can be rotated. */
function readUnexpired(task: Task, version: SecretVersion): Credential | InvalidValueError {
  const credential = read(task, version);
  const expiresAt = credential instanceof Error ? undefined : credential.expiresAt;
  if (expiresAt === undefined || expiresAt.getTime() > task.budget.clock.now()) return credential;
  return new InvalidValueError(`It expired on ${expiresAt.toISOString()}, and cannot be renewed.`);
}

/** The credential that a version holds, whether or not it has expired, or what keeps it from being one that can be rotated. */
function read({ kind }: Task, { secretString }: SecretVersion): Credential | InvalidValueError {
  return readBy((text) => kind.read(text), secretString);
}

/** The credential that a version holds, also one that may not be used any more, or what keeps it from being one. */
export function inspect({ kind }: Task, { secretString }: SecretVersion): Credential | InvalidValueError {
  return readBy((text) => kind.inspect(text), secretString);
}

/** The credential in a value, or what keeps it from being one. */
export function readCredential(kind: CredentialKind<Credential>, secretString: string): Credential | InvalidValueError {
  return readBy((text) => kind.read(text), secretString);
}

/** @param secretString undefined for a binary value */
function readBy(
  reader: (text: string) => Credential,
  secretString: string | undefined,
): Credential | InvalidValueError {
  if (secretString === undefined) {
    return new InvalidValueError('It is binary (SecretBinary). Store a string (SecretString).');
  }
  try {
    return reader(secretString);
  } catch (error) {
    // Not the value is wrong, but the configuration.
    if (error instanceof RotationError) throw error;
    return invalidValue(error);
  }
}
