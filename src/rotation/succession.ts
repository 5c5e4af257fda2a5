import { keepingBack } from './budget.ts';
import type { Credential } from './credential.ts';
import { RotationError, type SecretStoreError } from './errors.ts';
import { requireInRotation } from './pending-version.ts';
import { describeSecret, getPending } from './reads.ts';
import { storeFreshValue } from './remedy.ts';
import { backOff, backOffToTheLast, callTimeout, pause } from './retry.ts';
import type { Rotation } from './rotation.ts';
import { isStaged } from './secret-store.ts';
import { type Predecessor, readPending } from './values.ts';
import { pingUntilClear } from './verify.ts';

/**
 * The longest wait for a successor. It is deliberately long: giving up on an answer that is under way would drop the
 * credential in it.
 */
const ISSUE_TIMEOUT_MS = 60_000;

/** Kept back for storing what was issued. */
const STORE_RESERVE_MS = 5000;

/** The pauses before looking again for what another sandbox stores that was given the successor we were refused. */
const PAUSES_AFTER_REFUSAL_MS = [500, 1500, 3000];

interface Succession {
  /** What the pending version holds now. */
  credential: Credential;
  outcome: 'issued' | 'already issued elsewhere';
}

/** Has the successor of the current credential issued, and stores it as the pending version. */
export async function succeed(rotation: Rotation, predecessor: Predecessor): Promise<Succession> {
  const { budget, kind, report } = rotation;
  const { service } = kind.wording;
  const issuing = keepingBack(budget, Math.min(STORE_RESERVE_MS, budget.remaining() / 2));

  for (let attempt = 0; ; attempt += 1) {
    const issue = await kind.issueSuccessor(predecessor.credential, callTimeout(issuing, ISSUE_TIMEOUT_MS));
    if (issue.kind === 'issued') {
      const overtakenBy = await store(rotation, predecessor, issue.secretString);
      return overtakenBy ?? { credential: issue.successor, outcome: 'issued' };
    }

    if (issue.kind === 'refused') {
      const elsewhere = await lookForSuccessor(rotation, PAUSES_AFTER_REFUSAL_MS);
      if (elsewhere !== undefined) return elsewhere;
      await requireStillCurrent(rotation, predecessor);
      throw await explainRefusal(rotation, predecessor.credential, issue.reason);
    }

    if (issue.mayHaveIssued) {
      report.warn(
        `${service} gave no usable answer (${issue.reason}) when a successor was asked for. It may have issued one that nobody holds; that one expires by itself.`,
      );
    }
    const elsewhere = await lookForSuccessor(rotation, []);
    if (elsewhere !== undefined) return elsewhere;
    if (!(await backOff(issuing, attempt))) {
      throw new RotationError(
        'transient',
        `${service} did not issue a successor of the current key (${issue.reason}).`,
      );
    }
    await requireStillCurrent(rotation, predecessor);
  }
}

/** While this waited, an operator may have ended the rotation, or made another version current. */
async function requireStillCurrent(rotation: Rotation, { versionId }: Predecessor): Promise<void> {
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
  predecessor: Predecessor,
  secretString: string,
): Promise<Succession | undefined> {
  const { secretId, versionId, rotationToken, budget, memory } = rotation;
  memory.predecessor = predecessor.versionId;
  let mayBeStored = false;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await rotation.store.putPending(secretId, { versionId, secretString, rotationToken }, callTimeout(budget));
      return undefined;
    } catch (error) {
      // It has neither when no time was left for the call.
      const { code, mayHaveWorked = false } = error as Partial<SecretStoreError>;
      if (code === 'ResourceExistsException') return yieldToStored(rotation);
      mayBeStored ||= mayHaveWorked;
      if (!(await backOffToTheLast(budget, attempt))) {
        if (!mayBeStored) delete memory.predecessor;
        throw notStored(rotation, error as RotationError, mayBeStored);
      }
      await requireStillStaged(rotation, mayBeStored);
    }
  }
}

/** Another sandbox's put came first. A version is immutable, so its value is the one that counts. */
async function yieldToStored(rotation: Rotation): Promise<Succession> {
  const { memory, report, versionId } = rotation;
  // Whose successor the other sandbox stored is not known here.
  delete memory.predecessor;
  report.warn(
    'Another sandbox stored its successor first. The one issued here is not stored: nobody holds it, and it expires by itself.',
  );
  const stored = await lookForSuccessor(rotation, []);
  if (stored !== undefined) return stored;
  throw new RotationError('transient', `Version ${versionId} is said to have another value, but has none.`);
}

/** @throws RotationError when an operator ended the rotation: storing the value would only bring it back. */
async function requireStillStaged(rotation: Rotation, mayBeStored: boolean): Promise<void> {
  const { secretId, versionId, budget } = rotation;
  const description = await rotation.store.describe(secretId, callTimeout(budget)).catch(() => undefined);
  // Not being able to look is no reason to drop what is in hand.
  if (description === undefined || isStaged(description, versionId, 'AWSCURRENT')) return;
  try {
    requireInRotation(rotation, description);
  } catch (error) {
    throw notStored(rotation, error as RotationError, mayBeStored);
  }
}

function notStored({ kind }: Rotation, { failure, message }: RotationError, mayBeStored: boolean): RotationError {
  const fate = mayBeStored
    ? 'It may be stored all the same, because a put was not answered: the next try will see. If it is not, it is lost'
    : 'It is lost';
  return new RotationError(
    failure,
    `${kind.wording.service} issued a successor of the current key, which could not be stored. ${message} ${fate}: nobody holds it, and it expires by itself. The current key is not affected.`,
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
async function explainRefusal(rotation: Rotation, current: Credential, reason: string): Promise<RotationError> {
  const { service } = rotation.kind.wording;
  const ping = await pingUntilClear(rotation, current);
  const works =
    'The current key still works, so applications are not affected yet: its refresh token was probably used before, and the key issued then was lost, or another invocation is still about to store it. If the next try succeeds, nothing needs doing.';
  const state = {
    accepted: works,
    denied: works,
    refused: 'It refuses the current key as well: applications that use it are failing now.',
    unavailable: 'Whether the current key still works could not be seen.',
  }[ping.kind];
  return new RotationError(
    'operator',
    `${service} refuses to issue a successor of the current key (${reason}). ${state} ${storeFreshValue(rotation)}`,
  );
}
