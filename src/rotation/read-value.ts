import type { Credential, CredentialKind } from './credential.ts';
import { DeadEnd, InvalidValueError, invalidValue, RotationError } from './errors.ts';
import { noCurrentValue } from './preconditions.ts';
import { storeFreshValue } from './remedy.ts';
import type { Rotation } from './rotation.ts';
import type { SecretVersion } from './secret-store.ts';

type Work = Pick<Rotation, 'secret' | 'kind'>;
type Reading = Pick<Rotation, 'secret'> & { kind: Pick<CredentialKind, 'wording'> };

/** What the current value was read as, and the version that holds it. */
export interface Current<T = Credential> {
  versionId: string;
  storedAt: Date | undefined;
  value: T;
}

/**
 * The credential to be succeeded.
 *
 * @throws RotationError (operator) when there is none: only a human can provide it
 */
export function readPredecessor(work: Work, current: SecretVersion | undefined): Current {
  return readCurrent(work, current, unexpired(work));
}

/**
 * The current value, as `read` has it.
 *
 * @throws RotationError (operator) when there is none that can be read
 */
export function readCurrent<T>(
  work: Reading,
  current: SecretVersion | undefined,
  read: (text: string) => T,
): Current<T> {
  if (current === undefined) throw noCurrentValue(work);
  const value = readValue(current.secretString, read);
  if (value instanceof InvalidValueError) {
    throw new RotationError(
      'operator',
      `The current value (AWSCURRENT) cannot be rotated. ${value.message} ${storeFreshValue(work.secret.id, work.kind)}`,
    );
  }
  return { versionId: current.versionId, value, storedAt: current.createdAt };
}

/**
 * The credential that is to be promoted: one that can itself be rotated.
 *
 * @throws DeadEnd when it is not
 */
export async function readPending(work: Work, { secretString }: SecretVersion): Promise<Credential> {
  const credential = readValue(secretString, unexpired(work));
  if (!(credential instanceof InvalidValueError)) return credential;

  const current = await work.secret.current();
  // As it is when a deployment has its rotation tested.
  const isCopy = current !== undefined && current.secretString === secretString;
  throw new DeadEnd(
    isCopy
      ? `The pending value (AWSPENDING) is a copy of the current one, which cannot be rotated. ${credential.message} ${storeFreshValue(work.secret.id, work.kind)}.`
      : `The pending value (AWSPENDING) can never be promoted. ${credential.message}`,
  );
}

function unexpired({ kind, secret }: Work): (text: string) => Credential {
  return (text) => {
    const credential = kind.read(text);
    const { expiresAt } = credential;
    if (expiresAt === undefined || expiresAt.getTime() > secret.budget.clock.now()) return credential;
    throw new InvalidValueError(`It expired on ${expiresAt.toISOString()}, and cannot be renewed.`);
  };
}

/**
 * What a value is read as, or what keeps it from being that.
 *
 * @param secretString undefined for a binary value
 */
export function readValue<T>(secretString: string | undefined, read: (text: string) => T): T | InvalidValueError {
  if (secretString === undefined) {
    return new InvalidValueError('It is binary (SecretBinary). Store a string (SecretString).');
  }
  try {
    return read(secretString);
  } catch (error) {
    // Not the value is wrong, but the configuration.
    if (error instanceof RotationError) throw error;
    return invalidValue(error);
  }
}
