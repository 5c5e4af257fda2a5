import { keepingBack } from './budget.ts';
import type { Credential, Entry, Issue, Register } from './credential.ts';
import { RotationError } from './errors.ts';
import { ANOTHER_SECRETS_KEY } from './left-alone.ts';
import { describeSuccessor, newNonce, writeMarker } from './marker.ts';
import { isAnotherSecrets, isEntryOf, readIssued } from './plan.ts';
import { listEntries, openRegister } from './register.ts';
import { revoke } from './revocation.ts';
import { LEFT_LIVE, reportFailure } from './revocation-failure.ts';
import type { Rotation } from './rotation.ts';
import type { Current } from './values.ts';

/** Whom a successor is asked of. */
export interface Issuer {
  /** One attempt. Never rejects. */
  issue(timeoutMs: number): Promise<Issue<Credential>>;
  timeoutMs: number;
  /** How many attempts of one invocation may go unanswered, and have had their effect all the same. */
  maxUnanswered: number;
  /** From which what was issued can be revoked. */
  register: Register<Credential> | undefined;
  /**
   * Revokes what was issued by attempts that were not answered, as far as the register tells of it already: nobody else can have
   * it. Never rejects; the end of the rotation looks again.
   */
  revokeUnanswered(): Promise<void>;
}

/**
 * Refreshing may be tried as long as there is time: what is issued and lost expires by itself. The wait is deliberately long:
 * giving up on an answer that is under way would drop the credential in it.
 */
const REFRESH = { timeoutMs: 60_000, maxUnanswered: Number.POSITIVE_INFINITY };

/** What is issued and lost fills the account until it is found. */
const MINT = { timeoutMs: 10_000, maxUnanswered: 3 };

const ANOTHER_KEY =
  'The id of the key in the current value (AWSCURRENT) is that of a key with another role or expiry, which is left alone.';

/** @throws RotationError when there is a register, which cannot be opened */
export async function findIssuer(rotation: Rotation, current: Current): Promise<Issuer> {
  const { kind } = rotation;
  const { credential } = current;
  const door = kind.registerOf?.(credential);
  if (door !== undefined) return mintingIssuer(rotation, current, await openRegister(rotation, door));
  return {
    ...REFRESH,
    issue: (timeoutMs) => kind.issueSuccessor(credential, timeoutMs),
    register: undefined,
    revokeUnanswered: async () => {},
  };
}

async function mintingIssuer(rotation: Rotation, current: Current, register: Register<Credential>): Promise<Issuer> {
  const { secretId, versionId, budget } = rotation;
  const { predecessor, description } = await findPredecessor(rotation, current, register);
  /** Of requests that were not answered. */
  const unanswered = new Set<string>();

  return {
    ...MINT,
    register,
    async issue(timeoutMs) {
      const nonce = newNonce();
      const marker = writeMarker(secretId, { versionId, predecessor: current.versionId, nonce });
      const order = {
        description: describeSuccessor(description, marker),
        shortDescription: marker,
        now: new Date(budget.clock.now()),
        predecessor,
        storedAt: current.storedAt,
      };
      const issue = await register.issue(order, timeoutMs);
      if (issue.kind === 'unavailable' && issue.mayHaveIssued) unanswered.add(nonce);
      return issue;
    },
    async revokeUnanswered() {
      if (unanswered.size === 0) return;
      try {
        const issued = readIssued(await listEntries(rotation, register), secretId);
        for (const { id, nonce } of issued) {
          if (unanswered.has(nonce)) await revoke(rotation, register, id);
        }
      } catch (error) {
        reportFailure(rotation, LEFT_LIVE, error);
      }
    },
  };
}

/**
 * What the register tells of the credential that is to be succeeded: how it is described, and how long it lives. A register that
 * cannot be read does not keep a successor from being issued; what the secret says has to do.
 */
async function findPredecessor(
  rotation: Rotation,
  { credential }: Current,
  register: Register<Credential>,
): Promise<{ predecessor: Entry | undefined; description: string }> {
  const { budget, report, secretId } = rotation;
  // A list without an end must not use up the time that issuing takes.
  const listing = { ...rotation, budget: keepingBack(budget, budget.remaining() / 2) };
  const entries = await listEntries(listing, register).catch((error: unknown) => {
    if (!(error instanceof RotationError)) throw error;
    report.warn(`How the current key is described, and how long it lives, could not be seen. ${error.message}`);
    return [];
  });
  const listed = entries.find(({ id }) => id === credential.id);
  if (isAnotherSecrets(listed, secretId)) report.warn(ANOTHER_SECRETS_KEY);
  const predecessor = listed !== undefined && isEntryOf(listed, credential) ? listed : undefined;
  if (predecessor !== listed) report.warn(ANOTHER_KEY);
  const latest = readIssued(entries, secretId)
    .sort((one, other) => one.issuedAt - other.issuedAt)
    .at(-1);
  const lastIssued = entries.find(({ id }) => id === latest?.id);
  return { predecessor, description: (predecessor ?? lastIssued)?.description ?? '' };
}
