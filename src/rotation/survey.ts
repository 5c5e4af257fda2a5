import type { Credential, Register, RegisterDoor } from './credential.ts';
import { InvalidValueError, RotationError } from './errors.ts';
import { type Held, type Plan, planRevocations, readIssued } from './plan.ts';
import { getVersion } from './reads.ts';
import { listEntries, openRegister } from './register.ts';
import type { Task } from './rotation.ts';
import type { SecretDescription } from './secret-store.ts';
import { inspect } from './values.ts';

/** What was seen of a secret and its register, and what is to become of its credentials. */
export interface Survey {
  register: Register<Credential>;
  plan: Plan;
  holdings: Holdings;
}

/** Of each version that was looked at, and is not empty. */
export type Holdings = Map<string, Held>;

/**
 * Looks at the register, and at each version that is labelled or was issued a credential for.
 *
 * @param task its `secretId` is the secret's ARN
 * @param seen the labels to go by
 * @throws RotationError when there is something that it has to know, and cannot
 */
export async function survey(task: Task, seen: SecretDescription, door: RegisterDoor<Credential>): Promise<Survey> {
  const { secretId, revokesFirstKey } = task;
  const register = await openRegister(task, door);
  const entries = await listEntries(task, register);
  const issued = readIssued(entries, secretId);
  const holdings: Holdings = new Map();
  for (const versionId of labelledVersions(seen)) await lookInto(task, versionId, holdings);
  for (const versionId of new Set(issued.flatMap(({ versionId, predecessor }) => [versionId, predecessor]))) {
    await lookIntoUnlabelled(task, versionId, holdings);
  }
  const { adminId } = register;
  const { stages } = seen;
  return {
    register,
    holdings,
    plan: planRevocations({ secretId, entries, adminId, stages, holdings, revokesFirstKey }),
  };
}

export const labelledVersions = ({ stages }: SecretDescription): string[] =>
  Object.keys(stages).filter((versionId) => stages[versionId]?.length !== 0);

/**
 * Notes what a version holds, if that is not known yet.
 *
 * @throws RotationError (operator) when it holds something else than a credential: nobody can tell which one that is
 */
export async function lookInto(task: Task, versionId: string, holdings: Holdings): Promise<void> {
  if (holdings.has(versionId)) return;
  const found = await open(task, versionId);
  if (found?.problem !== undefined) {
    throw new RotationError(
      'operator',
      `Which key version ${versionId} holds cannot be told, so that none is revoked. ${found.problem.message}`,
    );
  }
  if (found !== undefined) holdings.set(versionId, found.held);
}

/** Nobody reads a version without a label, so that what it holds besides a credential is of no interest. */
async function lookIntoUnlabelled(task: Task, versionId: string, holdings: Holdings): Promise<void> {
  if (holdings.has(versionId) || !VERSION_ID.test(versionId)) return;
  const found = await open(task, versionId);
  if (found !== undefined) holdings.set(versionId, found.held);
}

/** What Secrets Manager takes for one (API reference, `ClientRequestToken`). Anything may stand in a description. */
const VERSION_ID = /^.{32,64}$/su;

/** Undefined: the version holds nothing. */
async function open(task: Task, versionId: string): Promise<{ held: Held; problem?: InvalidValueError } | undefined> {
  const version = await getVersion(task, versionId);
  if (version === undefined) return undefined;
  const credential = inspect(task, version);
  const storedAt = version.createdAt;
  if (credential instanceof InvalidValueError)
    return { held: { credential: undefined, storedAt }, problem: credential };
  return { held: { credential, storedAt } };
}
