import { keepingBack } from './budget.ts';
import type { Credential, Issue, Register } from './credential.ts';
import { readIssued } from './history.ts';
import { isMarked, markDescription } from './marker.ts';
import { isEntryOf, listEntries, openRegister } from './register.ts';
import type { Rotation } from './rotation.ts';
import type { Current } from './values.ts';

/**
 * The longest wait for a successor that nobody can revoke. It is deliberately long: giving up on an answer that is under way
 * would drop the credential in it.
 */
const ISSUE_TIMEOUT_MS = 60_000;

/** The longest wait where what was issued can be found and revoked. */
const REGISTERED_ISSUE_TIMEOUT_MS = 10_000;

const ANOTHER_KEY =
  'The id of the key in the current value (AWSCURRENT) is that of a key with another role or expiry. It is left alone; if the key before is to be revoked, that is for you to do.';

/** Whom a successor is asked of. */
export interface Issuer {
  /** One attempt. Never rejects. */
  issue(timeoutMs: number): Promise<Issue<Credential>>;
  timeoutMs: number;
  /** From which what was issued can be revoked. */
  register: Register<Credential> | undefined;
  /** Something was issued for this version before, by a sandbox that did not come to store it. */
  hasLeftBehind: boolean;
}

/**
 * @throws RotationError when the register cannot be opened, and RegisterError when it cannot be read: it is asked how the
 * predecessor is described, and how long it lives
 */
export async function findIssuer(
  rotation: Rotation,
  { versionId, credential, storedAt }: Current,
  lastRotatedAt: Date | undefined,
): Promise<Issuer> {
  const { kind, secretId, budget, report } = rotation;
  const door = kind.registerOf?.(credential);
  if (door === undefined) {
    return {
      issue: (timeoutMs) => kind.issueSuccessor(credential, timeoutMs),
      timeoutMs: ISSUE_TIMEOUT_MS,
      register: undefined,
      hasLeftBehind: false,
    };
  }

  // A list without an end must not use up the time that issuing takes.
  const listing = { ...rotation, budget: keepingBack(budget, budget.remaining() / 2) };
  const register = await openRegister(listing, door);
  const entries = await listEntries(listing, register);
  const issued = readIssued(entries, secretId);
  const listed = entries.find(({ id }) => id === credential.id);
  const predecessor = listed !== undefined && isEntryOf(listed, credential) ? listed : undefined;
  if (predecessor !== listed) report.warn(ANOTHER_KEY);
  const lastIssued = entries.find(({ id }) => id === issued.at(-1)?.id);
  const description = markDescription((predecessor ?? lastIssued)?.description ?? '', secretId, {
    versionId: rotation.versionId,
    predecessor: versionId,
    rotatedAt: lastRotatedAt?.getTime(),
    unmarkedId: listed === undefined || !isMarked(listed.description) ? credential.id : undefined,
  });
  return {
    issue(timeoutMs) {
      const now = new Date(budget.clock.now());
      return register.issue({ description, now, predecessor, storedAt }, timeoutMs);
    },
    timeoutMs: REGISTERED_ISSUE_TIMEOUT_MS,
    register,
    hasLeftBehind: issued.some((each) => each.versionId === rotation.versionId),
  };
}
