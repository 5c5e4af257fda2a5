import type { Credential, Issue, Register } from './credential.ts';
import { readHistory } from './history.ts';
import { markDescription, readMarker } from './marker.ts';
import { listEntries, openRegister } from './register.ts';
import type { Rotation } from './rotation.ts';
import type { Current } from './values.ts';

/**
 * The longest wait for a successor that nobody can revoke. It is deliberately long: giving up on an answer that is under way
 * would drop the credential in it.
 */
const ISSUE_TIMEOUT_MS = 60_000;

/** The longest wait where what was issued can be found and revoked. */
const REGISTERED_ISSUE_TIMEOUT_MS = 10_000;

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
export async function findIssuer(rotation: Rotation, { versionId, credential, storedAt }: Current): Promise<Issuer> {
  const { kind, secretId, budget } = rotation;
  const door = kind.registerOf?.(credential);
  if (door === undefined) {
    return {
      issue: (timeoutMs) => kind.issueSuccessor(credential, timeoutMs),
      timeoutMs: ISSUE_TIMEOUT_MS,
      register: undefined,
      hasLeftBehind: false,
    };
  }

  const register = await openRegister(rotation, door);
  const entries = await listEntries(rotation, register);
  const predecessor = entries.find(({ id }) => id === credential.id);
  const isMarked = predecessor !== undefined && readMarker(predecessor.description, secretId) !== undefined;
  const description = markDescription(predecessor?.description ?? '', secretId, {
    versionId: rotation.versionId,
    predecessor: versionId,
    unmarkedId: isMarked ? undefined : credential.id,
  });
  return {
    issue(timeoutMs) {
      const now = new Date(budget.clock.now());
      return register.issue({ description, now, predecessor, storedAt }, timeoutMs);
    },
    timeoutMs: REGISTERED_ISSUE_TIMEOUT_MS,
    register,
    hasLeftBehind: readHistory(entries, secretId, undefined).issued.some(
      (each) => each.versionId === rotation.versionId,
    ),
  };
}
