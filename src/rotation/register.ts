import type { Credential, Entry, Register, RegisterPage } from './credential.ts';
import { InvalidValueError, RotationError } from './errors.ts';
import { retryRead } from './retry.ts';
import type { Rotation } from './rotation.ts';

/**
 * The register in which the successor of the current credential is issued, opened with the credential that may use it.
 *
 * @returns undefined if there is none
 * @throws RotationError (operator) when the secret that holds that credential cannot be read, or holds no such credential
 */
export async function openRegister(rotation: Rotation, current: Credential): Promise<Register<Credential> | undefined> {
  const door = rotation.kind.registerOf?.(current);
  if (door === undefined) return undefined;
  const { adminSecret } = door;
  const secretString = adminSecret === undefined ? undefined : await readAdminSecret(rotation, adminSecret);
  try {
    return door.open(secretString, new Date(rotation.budget.clock.now()));
  } catch (error) {
    if (!(error instanceof InvalidValueError)) throw error;
    throw unusable(adminSecret, error.message);
  }
}

async function readAdminSecret({ store, budget }: Rotation, adminSecret: string): Promise<string> {
  const value = await retryRead(budget, (timeoutMs) => store.getCurrent(adminSecret, timeoutMs)).catch(
    (error: RotationError) => {
      throw error.failure === 'operator' ? unusable(adminSecret, error.message) : error;
    },
  );
  if (value?.secretString !== undefined) return value.secretString;
  throw unusable(adminSecret, 'There is no such secret, or it has no current value (AWSCURRENT) that is a string.');
}

function unusable(adminSecret: string | undefined, problem: string): RotationError {
  return new RotationError(
    'operator',
    `Secret ${adminSecret}, with the key that manages this one, cannot be used. ${problem} The current key is not affected.`,
  );
}

/** Everything in the register, page by page. */
export async function listEntries({ budget }: Rotation, register: Register<Credential>): Promise<Entry[]> {
  const entries: Entry[] = [];
  let page: RegisterPage | undefined;
  do {
    const token = page?.nextToken;
    page = await retryRead(budget, (timeoutMs) => register.list(token, timeoutMs));
    entries.push(...page.entries);
  } while (page.nextToken !== undefined);
  return entries;
}
