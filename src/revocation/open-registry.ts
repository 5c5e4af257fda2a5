import type { Budget } from '../rotation/budget.ts';
import { invalidValue, RotationError } from '../rotation/errors.ts';
import { retryIdempotent } from '../rotation/retry.ts';
import type { Secret } from '../rotation/secret.ts';
import type { KeyRecord, Registry, RegistryAccess, RegistryPage, RevocationTask } from './registry.ts';

/**
 * Opens a registry with the credential that may use it.
 *
 * @throws RotationError (operator) when the secret that holds that credential cannot be read, or holds no such credential
 */
export async function openRegistry(secret: Secret, access: RegistryAccess): Promise<Registry> {
  if (access.adminSecret === undefined) return access.open();
  const { adminSecret, adminWording } = access;
  const admin = await secret.currentOf(adminSecret).catch((error: RotationError) => {
    throw error.failure === 'operator' ? unusable(adminWording, error.message) : error;
  });
  if (admin?.secretString === undefined) {
    throw unusable(adminWording, 'There is no such secret, or it has no current value (AWSCURRENT) that is a string.');
  }
  try {
    return access.open(admin.secretString, new Date(secret.budget.clock.now()));
  } catch (error) {
    throw unusable(adminWording, invalidValue(error).message);
  }
}

function unusable(adminWording: string, problem: string): RotationError {
  return new RotationError(
    'operator',
    `The key in ${adminWording}, which manages the one in this secret, cannot be used. ${problem} The current key is not affected.`,
  );
}

/**
 * Everything in the registry, page by page.
 *
 * @throws RotationError when there is no end to it
 */
export async function listRecords(budget: Budget, registry: Registry): Promise<KeyRecord[]> {
  const records: KeyRecord[] = [];
  const tokens = new Set<string | undefined>();
  let page: RegistryPage | undefined;
  do {
    const token = page?.nextToken;
    if (tokens.has(token)) {
      throw new RotationError('transient', 'The same page of the registry of keys came twice.');
    }
    tokens.add(token);
    page = await retryIdempotent(budget, (timeoutMs) => registry.list(token, timeoutMs));
    records.push(...page.records);
  } while (page.nextToken !== undefined);
  return records;
}

/** What several secrets of one run have in common: the registry is listed once for each credential that may use it. */
export interface Listings {
  /** @throws RotationError, to all who ask for the same */
  of(task: RevocationTask, access: RegistryAccess, registry: Registry): Promise<KeyRecord[]>;
}

/** @param budget for each list that several may need; one that a secret alone needs has that secret's own */
export function createListings(budget: Budget): Listings {
  const known = new Map<string, Promise<KeyRecord[]>>();
  return {
    of({ kind, secret }, { adminSecret }, registry) {
      if (adminSecret === undefined) return listRecords(secret.budget, registry);
      const key = `${kind.wording.service} ${adminSecret}`;
      let listing = known.get(key);
      if (listing === undefined) {
        listing = listRecords(budget, registry);
        known.set(key, listing);
      }
      return listing;
    },
  };
}
