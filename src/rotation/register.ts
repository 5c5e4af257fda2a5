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
  const { adminSecret } = door;
  const secretString = adminSecret === undefined ? undefined : await readAdminSecret(task, adminSecret);
  try {
    return door.open(secretString, new Date(task.budget.clock.now()));
  } catch (error) {
    throw unusable(adminSecret === undefined ? 'This secret' : `Secret ${adminSecret}`, invalidValue(error).message);
  }
}

async function readAdminSecret({ store, budget }: Task, adminSecret: string): Promise<string> {
  const value = await retryRead(budget, (timeoutMs) => store.getCurrent(adminSecret, timeoutMs)).catch(
    (error: RotationError) => {
      throw error.failure === 'operator' ? unusable(NAMED, error.message) : error;
    },
  );
  if (value?.secretString !== undefined) return value.secretString;
  throw unusable(NAMED, 'There is no such secret, or it has no current value (AWSCURRENT) that is a string.');
}

/** It may be anything, as long as the service has not answered for it. */
const NAMED = 'The secret that field "adminSecret" or the configuration names';

function unusable(adminSecret: string, problem: string): RotationError {
  return new RotationError(
    'operator',
    `${adminSecret}, with the key that manages this one, cannot be used. ${problem} The current key is not affected.`,
  );
}

/** A date may have been rounded where it was written down. */
const SAME_DATE_MS = 60_000;

/** Whether an entry may be that of the credential whose id it has: whoever wrote that down may have taken another's. */
export function isEntryOf(entry: Entry, { roleId, expiresAt }: Credential): boolean {
  const isSameRole = entry.roleId === undefined || entry.roleId === roleId;
  if (!isSameRole || entry.expiresAt === undefined || expiresAt === undefined) return isSameRole;
  return Math.abs(entry.expiresAt.getTime() - expiresAt.getTime()) < SAME_DATE_MS;
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
