import { type Credential, isExpired } from './credential.ts';
import { InvalidValueError, RotationError } from './errors.ts';
import { giveUpPending, noCurrentValue } from './pending-version.ts';
import { storeFreshValue } from './remedy.ts';
import type { Rotation } from './rotation.ts';
import type { SecretVersion } from './secret-store.ts';

/**
 * The credential that a version holds.
 *
 * @throws InvalidValueError when it holds none that can be rotated, or one that has expired
 */
function readCredential(rotation: Rotation, version: SecretVersion): Credential {
  if (version.secretString === undefined) {
    throw new InvalidValueError('It is binary (SecretBinary). Store a string (SecretString).');
  }
  const credential = rotation.kind.read(version.secretString);
  if (isExpired(credential, rotation.budget.clock)) {
    throw new InvalidValueError(`It expired on ${credential.expiresAt?.toISOString()}, and cannot be renewed.`);
  }
  return credential;
}

/** The current credential, and the version that holds it. */
export interface Predecessor {
  versionId: string;
  credential: Credential;
}

/**
 * The credential to be succeeded.
 *
 * @throws RotationError (operator) when there is none: only a human can provide it
 */
export function readCurrent(rotation: Rotation, current: SecretVersion | undefined): Predecessor {
  if (current === undefined) throw noCurrentValue(rotation);
  try {
    return { versionId: current.versionId, credential: readCredential(rotation, current) };
  } catch (error) {
    if (!(error instanceof InvalidValueError)) throw error;
    throw new RotationError(
      'operator',
      `The current value (AWSCURRENT) cannot be rotated. ${error.message} ${storeFreshValue(rotation)}`,
    );
  }
}

/**
 * The credential that is to be promoted: one that can itself be rotated.
 *
 * @throws RotationError (permanent) when it is not; the version has then been given up
 */
export async function readPending(rotation: Rotation, pending: SecretVersion): Promise<Credential> {
  try {
    return readCredential(rotation, pending);
  } catch (error) {
    if (!(error instanceof InvalidValueError)) throw error;
    throw await giveUpPending(rotation, `The pending value (AWSPENDING) can never be promoted. ${error.message}`);
  }
}
