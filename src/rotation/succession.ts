import { keepingBack } from './budget.ts';
import type { Credential, Issue } from './credential.ts';
import { RotationError, type SecretStoreError } from './errors.ts';
import { findIssuer, type Issuer } from './issuer.ts';
import { requireInRotation } from './pending-version.ts';
import { describeSecret, getPending } from './reads.ts';
import { storeFreshValue } from './remedy.ts';
import { backOff, backOffToTheLast, callTimeout, pause } from './retry.ts';
import { revoke } from './revocation.ts';
import { LEFT_LIVE, reportFailure } from './revocation-failure.ts';
import type { Rotation } from './rotation.ts';
import { isStaged } from './secret-store.ts';
import { type Current, readPending } from './values.ts';
import { pingUntilClear } from './verify.ts';

/** Kept back for storing what was issued. */
const STORE_RESERVE_MS = 5000;

/** Kept back for revoking what could not be stored. */
const REVOKE_RESERVE_MS = 2000;

/** The pauses before looking again for what another sandbox stores that was given the successor we were refused. */
const PAUSES_AFTER_REFUSAL_MS = [500, 1500, 3000];

interface Succession {
  /** What the pending version holds now. */
  credential: Credential;
  outcome: 'issued' | 'already issued elsewhere';
}

type Issued = Extract<Issue<Credential>, { kind: 'issued' }>;

/** Has the successor of the current credential issued, and stores it as the pending version. */
export async function succeed(rotation: Rotation, predecessor: Current): Promise<Succession> {
  const issuer = await findIssuer(rotation, predecessor);
  try {
    return await issueAndStore(rotation, predecessor, issuer);
  } finally {
    await issuer.revokeUnanswered();
  }
}

async function issueAndStore(rotation: Rotation, predecessor: Current, issuer: Issuer): Promise<Succession> {
  const { budget, kind, report } = rotation;
  const { service } = kind.wording;
  const issuing = keepingBack(budget, Math.min(STORE_RESERVE_MS, budget.remaining() / 2));
  let unanswered = 0;

  for (let attempt = 0; ; attempt += 1) {
    const issue = await issuer.issue(callTimeout(issuing, issuer.timeoutMs));
    if (issue.kind === 'issued') {
      const overtakenBy = await store(rotation, predecessor, issuer, issue);
      return overtakenBy ?? { credential: issue.successor, outcome: 'issued' };
    }

    if (issue.kind === 'refused') {
      // Without a remedy: what was needed for it can be used once, and may just have been used elsewhere.
      const pausesMs = issue.remedy === undefined ? PAUSES_AFTER_REFUSAL_MS : [];
      const elsewhere = await lookForSuccessor(rotation, pausesMs);
      if (elsewhere !== undefined) return elsewhere;
      await requireStillCurrent(rotation, predecessor);
      throw await explainRefusal(rotation, predecessor.credential, issue);
    }

    if (issue.mayHaveIssued) {
      unanswered += 1;
      report.warn(
        `${service} gave no usable answer (${issue.reason}) when a successor was asked for. It may have issued one that nobody holds; that one ${fateOf(issuer)}.`,
      );
    }
    const elsewhere = await lookForSuccessor(rotation, []);
    if (elsewhere !== undefined) return elsewhere;
    if (unanswered >= issuer.maxUnanswered || !(await backOff(issuing, attempt))) {
      throw new RotationError(
        'transient',
        `${service} did not issue a successor of the current key (${issue.reason}).`,
      );
    }
    await requireStillCurrent(rotation, predecessor);
  }
}

function fateOf({ register }: Issuer): string {
  return register === undefined ? 'expires by itself' : 'is revoked as soon as the register tells of it';
}

/** While this waited, an operator may have ended the rotation, or made another version current. */
async function requireStillCurrent(rotation: Rotation, { versionId }: Current): Promise<void> {
  const holder = requireInRotation(rotation, await describeSecret(rotation));
  if (holder === versionId) return;
  throw new RotationError(
    'transient',
    `AWSCURRENT moved to version ${holder} while a successor was asked for. The next try starts from that version.`,
  );
}

/**
 * Stores the issued credential, trying as long as there is time: until it is stored it exists in memory only.
 *
 * @returns what the version holds instead, if another sandbox's put came first
 */
async function store(
  rotation: Rotation,
  predecessor: Current,
  { register }: Issuer,
  { secretString, successor }: Issued,
): Promise<Succession | undefined> {
  const { secretId, versionId, rotationToken, memory } = rotation;
  const reserveMs = register === undefined ? 0 : Math.min(REVOKE_RESERVE_MS, rotation.budget.remaining() / 4);
  const budget = keepingBack(rotation.budget, reserveMs);
  const unstored: Unstored = { register, id: successor.id, mayBeStored: false };
  memory.predecessor = predecessor.versionId;
  memory.isRegistered = successor.id !== undefined;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await rotation.store.putPending(secretId, { versionId, secretString, rotationToken }, callTimeout(budget));
      return undefined;
    } catch (error) {
      // It has neither when no time was left for the call.
      const { code, mayHaveWorked = false } = error as Partial<SecretStoreError>;
      if (code === 'ResourceExistsException') return yieldToStored(rotation, unstored);
      unstored.mayBeStored ||= mayHaveWorked;
      if (!(await backOffToTheLast(budget, attempt))) {
        if (!unstored.mayBeStored) delete memory.predecessor;
        throw await notStored(rotation, error as RotationError, unstored);
      }
      await requireStillStaged(rotation, unstored);
    }
  }
}

/** An issued credential that is in memory only. */
interface Unstored {
  register: Issuer['register'];
  id: string | undefined;
  /** A put was not answered, and may have had its effect. */
  mayBeStored: boolean;
}

/** Another sandbox's put came first. A version is immutable, so its value is the one that counts. */
async function yieldToStored(rotation: Rotation, unstored: Unstored): Promise<Succession> {
  const { memory, report, versionId } = rotation;
  // Whose successor the other sandbox stored is not known here.
  delete memory.predecessor;
  report.warn(
    `Another sandbox stored its successor first. The one issued here is not stored: nobody holds it, and ${await dispose(rotation, unstored)}.`,
  );
  const stored = await lookForSuccessor(rotation, []);
  if (stored !== undefined) return stored;
  throw new RotationError('transient', `Version ${versionId} is said to have another value, but has none.`);
}

/**
 * Revokes what nobody holds.
 *
 * @returns what becomes of it, for a message
 */
async function dispose(rotation: Rotation, { register, id }: Unstored): Promise<string> {
  if (register === undefined || id === undefined) return 'it expires by itself';
  try {
    await revoke(rotation, register, id);
    return 'it was revoked';
  } catch (error) {
    reportFailure(rotation, LEFT_LIVE, error);
    return 'the next rotation revokes it';
  }
}

/** @throws RotationError when an operator ended the rotation: storing the value would only bring it back. */
async function requireStillStaged(rotation: Rotation, unstored: Unstored): Promise<void> {
  const { secretId, versionId, budget } = rotation;
  const description = await rotation.store.describe(secretId, callTimeout(budget)).catch(() => undefined);
  // Not being able to look is no reason to drop what is in hand.
  if (description === undefined || isStaged(description, versionId, 'AWSCURRENT')) return;
  try {
    requireInRotation(rotation, description);
  } catch (error) {
    throw await notStored(rotation, error as RotationError, unstored);
  }
}

async function notStored(
  rotation: Rotation,
  { failure, message }: RotationError,
  unstored: Unstored,
): Promise<RotationError> {
  const later = unstored.register === undefined ? 'it expires by itself' : 'the next rotation revokes it';
  const fate = unstored.mayBeStored
    ? `It may be stored all the same, because a put was not answered: the next try will see. If it is not, it is lost: nobody holds it, and ${later}`
    : `It is lost: nobody holds it, and ${await dispose(rotation, unstored)}`;
  return new RotationError(
    failure,
    `${rotation.kind.wording.service} issued a successor of the current key, which could not be stored. ${message} ${fate}. The current key is not affected.`,
  );
}

/** Looks at once, and again after each pause. */
async function lookForSuccessor(rotation: Rotation, pausesMs: readonly number[]): Promise<Succession | undefined> {
  const { budget, kind } = rotation;
  for (let looks = 0; ; looks += 1) {
    const pending = await getPending(rotation);
    if (pending !== undefined) {
      return { credential: await readPending(rotation, pending), outcome: 'already issued elsewhere' };
    }
    const pauseMs = pausesMs[looks];
    if (pauseMs === undefined) return undefined;
    if (!(await pause(budget, pauseMs))) {
      throw new RotationError(
        'transient',
        `${kind.wording.service} refuses to issue a successor of the current key, and no time is left to see whether another sandbox stores one. If this repeats, raise the timeout of the function: it will then say more.`,
      );
    }
  }
}

/** No successor, and nobody else stored one. Whether applications are affected is what the reader wants to know. */
async function explainRefusal(
  rotation: Rotation,
  current: Credential,
  { reason, remedy }: { reason: string; remedy?: string | undefined },
): Promise<RotationError> {
  const { service } = rotation.kind.wording;
  const ping = await pingUntilClear(rotation, current);
  const works =
    remedy === undefined
      ? 'The current key still works, so applications are not affected yet: its refresh token was probably used before, and the key issued then was lost, or another invocation is still about to store it. If the next try succeeds, nothing needs doing.'
      : 'The current key still works, so applications are not affected yet.';
  const state = {
    accepted: works,
    denied: remedy === undefined ? works : 'It knows the current key, but does not let it do what the ping does.',
    refused: 'It refuses the current key as well: applications that use it are failing now.',
    unavailable: 'Whether the current key still works could not be seen.',
  }[ping.kind];
  return new RotationError(
    'operator',
    `${service} refuses to issue a successor of the current key (${reason}). ${state} ${remedy ?? storeFreshValue(rotation)}`,
  );
}
