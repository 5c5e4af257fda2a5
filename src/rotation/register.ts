import type { Credential, Entry, Register, RegisterDoor, RegisterPage } from './credential.ts';
import { invalidValue, RotationError } from './errors.ts';
import { retryRead } from './retry.ts';
import type { Task } from './rotation.ts';

/**
 * Opens a register with the credential that may use it.
 *
 * @throws RotationError (operator) when the secret that holds that credential cannot be read, or holds no such credential
 */
export async function openRegister(task: Task, door: RegisterDoor<Credential>): Promise<Register<Credential>> {
  const secretString = await readAdminSecret(task, door);
  try {
    return door.open(secretString, new Date(task.budget.clock.now()));
  } catch (error) {
    throw unusable(door, invalidValue(error).message);
  }
}

async function readAdminSecret({ store, budget }: Task, door: RegisterDoor<Credential>): Promise<string | undefined> {
  const { adminSecret } = door;
  if (adminSecret === undefined) return undefined;
  const value = await retryRead(budget, (timeoutMs) => store.getCurrent(adminSecret, timeoutMs)).catch(
    (error: RotationError) => {
      throw error.failure === 'operator' ? unusable(door, error.message) : error;
    },
  );
  if (value?.secretString !== undefined) return value.secretString;
  throw unusable(door, 'There is no such secret, or it has no current value (AWSCURRENT) that is a string.');
}

function unusable({ adminWording }: RegisterDoor<Credential>, problem: string): RotationError {
  return new RotationError(
    'operator',
    `The key in ${adminWording}, which manages the one in this secret, cannot be used. ${problem} The current key is not affected.`,
  );
}

/**
 * Everything in the register, page by page.
 *
 * @throws RotationError when there is no end to it
 */
export async function listEntries({ budget, kind }: Task, register: Register<Credential>): Promise<Entry[]> {
  const entries: Entry[] = [];
  const tokens = new Set<string | undefined>();
  let page: RegisterPage | undefined;
  do {
    const token = page?.nextToken;
    if (tokens.has(token)) {
      throw new RotationError('transient', `${kind.wording.service} gives a page of its register of keys twice.`);
    }
    tokens.add(token);
    page = await retryRead(budget, (timeoutMs) => register.list(token, timeoutMs));
    entries.push(...page.entries);
  } while (page.nextToken !== undefined);
  return entries;
}
