import { type Budget, keepingBack } from '../rotation/budget.ts';
import type { Issuer, Succession } from '../rotation/credential.ts';
import { RotationError } from '../rotation/errors.ts';
import { retryIdempotent } from '../rotation/retry.ts';
import { ANOTHER_SECRETS_KEY } from './left-alone.ts';
import { describeSuccessor, newNonce, writeMarker } from './marker.ts';
import { listRecords, openRegistry } from './open-registry.ts';
import { isAnotherSecrets, isRecordOf, readIssued } from './plan.ts';
import type { Identity, KeyRecord, Registry, RegistryAccess } from './registry.ts';
import { reportFailure, STILL_WORKS } from './revocation-failure.ts';

const ANOTHER_KEY =
  'The id of the key in the current value (AWSCURRENT) is that of a key with another role or expiry, which is left alone.';

/** Kept back for what the step has to do when the registry has been settled. */
const SETTLE_RESERVE_MS = 2000;

/**
 * Issues successors over a registry, from which what was issued and is not stored can be revoked. What is issued and lost fills
 * the account until it is found, so that few attempts may go unanswered.
 *
 * @param current which of the registry's credentials is to be succeeded
 * @throws RotationError when the registry cannot be opened
 */
export async function registryIssuer(
  succession: Succession,
  current: Identity,
  access: RegistryAccess,
): Promise<Issuer> {
  const { secret, secretArn, versionId, report } = succession;
  const { budget } = secret;
  const registry = await openRegistry(secret, access);
  const { predecessor, description } = await findPredecessor(succession, current, registry);
  /** The nonces of requests that were not answered. */
  const unanswered = new Set<string>();
  const revoke = (id: string, within: Budget) => retryIdempotent(within, (timeoutMs) => registry.revoke(id, timeoutMs));

  return {
    timeoutMs: 10_000,
    maxUnanswered: 3,
    fate: {
      unanswered: 'is revoked as soon as the registry tells of it',
      lost: 'is revoked by the next rotation',
    },

    async issue(timeoutMs) {
      const nonce = newNonce();
      const marker = writeMarker(secretArn, { versionId, predecessor: succession.predecessor.versionId, nonce });
      const request = {
        description: describeSuccessor(description, marker),
        shortDescription: marker,
        now: new Date(budget.clock.now()),
        predecessor,
        storedAt: succession.predecessor.storedAt,
      };
      const issue = await registry.issue(request, timeoutMs);
      if (issue.kind === 'unavailable' && issue.mayHaveIssued) unanswered.add(nonce);
      return issue.kind === 'issued' ? { ...issue, discard: () => discard(issue.id) } : issue;
    },

    async settle() {
      if (unanswered.size === 0) return;
      try {
        const settling = keepingBack(budget, SETTLE_RESERVE_MS);
        const records = await listRecords(settling, registry);
        for (const { id, nonce } of readIssued(records, secretArn)) {
          if (unanswered.has(nonce)) await revoke(id, settling);
        }
      } catch (error) {
        reportFailure(report, STILL_WORKS, error);
      }
    },
  };

  async function discard(id: string): Promise<string> {
    try {
      await revoke(id, budget);
      return 'was revoked';
    } catch (error) {
      reportFailure(report, STILL_WORKS, error);
      return 'is revoked by the next rotation';
    }
  }
}

/**
 * What the registry tells of the credential that is to be succeeded: how it is described, and how long it lives. A registry that
 * cannot be read does not keep a successor from being issued; what the secret says has to do.
 */
async function findPredecessor(
  { secret, secretArn, report }: Succession,
  current: Identity,
  registry: Registry,
): Promise<{ predecessor: KeyRecord | undefined; description: string }> {
  // A list without an end must not use up the time that issuing takes.
  const budget = keepingBack(secret.budget, secret.budget.remaining() / 2);
  const records = await listRecords(budget, registry).catch((error: unknown) => {
    if (!(error instanceof RotationError)) throw error;
    report.warn(`Cannot look up the description and the lifetime of the current key. ${error.message}`);
    return [];
  });
  const listed = records.find(({ id }) => id === current.id);
  if (isAnotherSecrets(listed, secretArn)) report.warn(ANOTHER_SECRETS_KEY);
  const predecessor = listed !== undefined && isRecordOf(listed, current) ? listed : undefined;
  if (predecessor !== listed) report.warn(ANOTHER_KEY);
  const latest = readIssued(records, secretArn)
    .sort((one, other) => one.issuedAt - other.issuedAt)
    .at(-1);
  const lastIssued = records.find(({ id }) => id === latest?.id);
  return { predecessor, description: (predecessor ?? lastIssued)?.description ?? '' };
}
