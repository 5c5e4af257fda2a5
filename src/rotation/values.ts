import type { Credential } from './credential.ts';
import { InvalidValueError, RotationError } from './errors.ts';
import { giveUpPending, noCurrentValue } from './pending-version.ts';
import { storeFreshValue } from './remedy.ts';
import type { Rotation } from './rotation.ts';
import type { SecretVersion } from './secret-store.ts';

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
  const credential = read(rotation, current);
  if (credential instanceof InvalidValueError) {
    throw new RotationError(
      'operator',
      `The current value (AWSCURRENT) cannot be rotated. ${credential.message} ${storeFreshValue(rotation)}`,
    );
  }
  return { versionId: current.versionId, credential };
}

/**
 * The credential that is to be promoted: one that can itself be rotated.
 *
 * @throws RotationError (permanent) when it is not; the version has then been given up
 */
export async function readPending(rotation: Rotation, pending: SecretVersion): Promise<Credential> {
  const credential = read(rotation, pending);
  if (credential instanceof InvalidValueError) {
    throw await giveUpPending(rotation, `The pending value (AWSPENDING) can never be promoted. ${credential.message}`);
  }
  return credential;
}

/** The credential that a version holds, or what keeps it from being one that can be rotated. */
function read({ kind, budget }: Rotation, { secretString }: SecretVersion): Credential | InvalidValueError {
  if (secretString === undefined) {
    return new InvalidValueError('It is binary (SecretBinary). Store a string (SecretString).');
  }
  try {
    const credential = kind.read(secretString);
    const { expiresAt } = credential;
    if (expiresAt === undefined || expiresAt.getTime() > budget.clock.now()) return credential;
    return new InvalidValueError(`It expired on ${expiresAt.toISOString()}, and cannot be renewed.`);
  } catch (error) {
    if (error instanceof InvalidValueError) return error;
    throw error;
  }
}
