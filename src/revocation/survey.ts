import { InvalidValueError, RotationError } from '../rotation/errors.ts';
import { readValue } from '../rotation/read-value.ts';
import type { SecretDescription } from '../rotation/secret-store.ts';
import { type Listings, openRegistry } from './open-registry.ts';
import { type Held, type Plan, planRevocations, readIssued } from './plan.ts';
import type { Registry, RegistryAccess, RevocationTask } from './registry.ts';

/** What was seen of a secret and its registry, and what is to become of its credentials. */
export interface Survey {
  registry: Registry;
  plan: Plan;
  holdings: Holdings;
}

/** Of each version that was looked at, and is not empty. */
export type Holdings = Map<string, Held>;

/**
 * Looks at the registry, and at each version that is labelled or was issued a credential for.
 *
 * @param seen the labels to go by
 * @throws RotationError when there is something that it has to know, and cannot
 */
export async function survey(
  task: RevocationTask,
  access: RegistryAccess,
  seen: SecretDescription,
  listings: Listings,
): Promise<Survey> {
  const { secret, overlapMs, revokesFirstKey } = task;
  const registry = await openRegistry(secret, access);
  const records = await listings.of(task, access, registry);
  const holdings: Holdings = new Map();
  for (const versionId of labelledVersions(seen)) await lookInto(task, versionId, holdings);
  const issued = readIssued(records, seen.arn);
  for (const versionId of new Set(issued.flatMap(({ versionId, predecessor }) => [versionId, predecessor]))) {
    await lookIntoUnlabelled(task, versionId, holdings);
  }
  const { adminId } = registry;
  const plan = planRevocations({ records, adminId, secret: seen, holdings, overlapMs, revokesFirstKey });
  return { registry, plan, holdings };
}

export const labelledVersions = ({ stages }: SecretDescription): string[] =>
  Object.keys(stages).filter((versionId) => stages[versionId]?.length !== 0);

/**
 * Notes what a version holds, if that is not known yet.
 *
 * @throws RotationError (operator) when it holds something else than a credential: nobody can tell which one that is
 */
export async function lookInto(task: RevocationTask, versionId: string, holdings: Holdings): Promise<void> {
  if (holdings.has(versionId)) return;
  const found = await open(task, versionId);
  if (found?.problem !== undefined) {
    throw new RotationError(
      'operator',
      `Cannot determine which key version ${versionId} holds; nothing was revoked. ${found.problem.message}`,
    );
  }
  if (found !== undefined) holdings.set(versionId, found.held);
}

/** Nobody reads a version without a label, so that what it holds besides a credential is of no interest. */
async function lookIntoUnlabelled(task: RevocationTask, versionId: string, holdings: Holdings): Promise<void> {
  if (holdings.has(versionId) || !VERSION_ID.test(versionId)) return;
  const found = await open(task, versionId);
  if (found !== undefined) holdings.set(versionId, found.held);
}

/** What Secrets Manager takes for one (API reference, `ClientRequestToken`). Anything may stand in a description. */
const VERSION_ID = /^.{32,64}$/su;

/** Undefined: the version holds nothing. */
async function open(
  { secret, kind }: RevocationTask,
  versionId: string,
): Promise<{ held: Held; problem?: InvalidValueError } | undefined> {
  const version = await secret.version(versionId);
  if (version === undefined) return undefined;
  const credential = readValue(version.secretString, (text) => kind.identify(text));
  const storedAt = version.createdAt;
  if (credential instanceof InvalidValueError) {
    return { held: { credential: undefined, storedAt }, problem: credential };
  }
  return { held: { credential, storedAt } };
}
