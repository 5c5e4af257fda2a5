import { keepingBack } from './budget.ts';
import type { Credential, Issue, Issued, Issuer } from './credential.ts';
import { RotationError, type SecretStoreError } from './errors.ts';
import { requireInRotation } from './preconditions.ts';
import { type Current, readPending } from './read-value.ts';
import { storeFreshValue } from './remedy.ts';
import { backOff, backOffThrottled, backOffToTheLast, callTimeout, pause } from './retry.ts';
import type { Rotation } from './rotation.ts';
import { isStaged } from './secret-store.ts';
import { pingUntilClear } from './verify.ts';

/** Kept back for storing what was issued. */
const STORE_RESERVE_MS = 5000;

/** Kept back for taking back what could not be stored. */
const DISCARD_RESERVE_MS = 2000;

/** The pauses before looking again for what another sandbox stores that was given the successor we were refused. */
const PAUSES_BEFORE_LOOKING_MS = [500, 1500, 3000];

interface Staged {
  /** What the pending version holds now. */
  credential: Credential;
  outcome: 'issued' | 'already issued elsewhere';
}

/**
 * Has the successor of the current credential issued, and stores it as the pending version. The numbers of cases are those of
 * `createSecret`.
 *
 * @throws RotationError, and DeadEnd when another sandbox has stored what can never be promoted
 */
export async function issueAndStage(rotation: Rotation, predecessor: Current, secretArn: string): Promise<Staged> {
  const { secret, versionId, report } = rotation;
  const issuer = await predecessor.value.issuerFor({ secret, secretArn, versionId, predecessor, report });
  try {
    return await issueUntilStaged(rotation, predecessor, issuer);
  } finally {
    // Case 8
    await issuer.settle?.();
  }
}

async function issueUntilStaged(rotation: Rotation, predecessor: Current, issuer: Issuer): Promise<Staged> {
  const { secret, kind, report } = rotation;
  const { service } = kind.wording;
  const issuing = keepingBack(secret.budget, Math.min(STORE_RESERVE_MS, secret.budget.remaining() / 2));
  let unanswered = 0;
  let throttled = 0;

  for (let attempt = 0; ; attempt += 1) {
    const issue = await issuer.issue(callTimeout(issuing, issuer.timeoutMs));
    switch (issue.kind) {
      case 'issued':
        return stage(rotation, predecessor, issue, issuer.fate.lost);

      // Case 6
      case 'refused':
      case 'spent': {
        const elsewhere = await lookForSuccessor(rotation, issue.kind === 'spent' ? PAUSES_BEFORE_LOOKING_MS : []);
        if (elsewhere !== undefined) return elsewhere;
        await requireStillCurrent(rotation, predecessor);
        throw await explainRefusal(rotation, predecessor.value, issue);
      }

      // Case 6
      case 'throttled': {
        const elsewhere = await lookForSuccessor(rotation, []);
        if (elsewhere !== undefined) return elsewhere;
        if (!(await backOffThrottled(issuing, throttled))) throw notIssued(rotation, issue.reason);
        throttled += 1;
        await requireStillCurrent(rotation, predecessor);
        break;
      }

      // Cases 6 and 8
      case 'unavailable': {
        if (issue.mayHaveIssued) {
          unanswered += 1;
          report.warn(
            `${service} gave no usable answer (${issue.reason}) when a successor was asked for. It may have issued one that nobody holds; that one ${issuer.fate.unanswered}.`,
          );
        }
        const elsewhere = await lookForSuccessor(rotation, []);
        if (elsewhere !== undefined) return elsewhere;
        if (unanswered >= issuer.maxUnanswered || !(await backOff(issuing, attempt))) {
          throw notIssued(rotation, issue.reason);
        }
        await requireStillCurrent(rotation, predecessor);
      }
    }
  }
}

function notIssued({ kind }: Rotation, reason: string): RotationError {
  return new RotationError(
    'transient',
    `${kind.wording.service} did not issue a successor of the current key (${reason}).`,
  );
}

/** While this waited, an operator may have ended the rotation, or made another version current. */
async function requireStillCurrent(rotation: Rotation, { versionId }: Current): Promise<void> {
  const holder = requireInRotation(rotation, await rotation.secret.describe());
  if (holder === versionId) return;
  throw new RotationError(
    'transient',
    `AWSCURRENT moved to version ${holder} while a successor was asked for. The next try starts from that version.`,
  );
}

/**
 * Stores the issued credential, trying as long as there is time: until it is stored it exists in memory only (case 7).
 *
 * @param fate of a credential that is lost
 * @returns what the version holds now, which is something else if another sandbox's put came first
 */
async function stage(rotation: Rotation, predecessor: Current, issued: Issued, fate: string): Promise<Staged> {
  const { secret, versionId, rotationToken, memory } = rotation;
  const { secretString, successor } = issued;
  const reserveMs = issued.discard === undefined ? 0 : Math.min(DISCARD_RESERVE_MS, secret.budget.remaining() / 4);
  const budget = keepingBack(secret.budget, reserveMs);
  const unstored: Unstored = { issued, fate, mayBeStored: false };
  memory.predecessor = predecessor.versionId;
  for (let attempt = 0; ; attempt += 1) {
    try {
      // The same value for the same version once more changes nothing; another one is a ResourceExistsException.
      await secret.store.putPending(secret.id, { versionId, secretString, rotationToken }, callTimeout(budget));
      return { credential: successor, outcome: 'issued' };
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
  issued: Issued;
  /** What becomes of it if it is lost. */
  fate: string;
  /** A put was not answered, and may have had its effect. */
  mayBeStored: boolean;
}

/** Another sandbox's put came first. A version is immutable, so its value is the one that counts. */
async function yieldToStored(rotation: Rotation, unstored: Unstored): Promise<Staged> {
  const { memory, report, versionId } = rotation;
  // Whose successor the other sandbox stored is not known here.
  delete memory.predecessor;
  report.warn(
    `Another sandbox stored its successor first. The one issued here is not stored: nobody holds it, and it ${await discard(unstored)}.`,
  );
  const stored = await lookForSuccessor(rotation, []);
  if (stored !== undefined) return stored;
  throw new RotationError(
    'transient',
    `Version ${versionId} has another value according to Secrets Manager, but none can be read.`,
  );
}

/** @returns what becomes of it */
async function discard({ issued, fate }: Unstored): Promise<string> {
  return (await issued.discard?.()) ?? fate;
}

/** @throws RotationError when an operator ended the rotation: storing the value would only bring it back. */
async function requireStillStaged(rotation: Rotation, unstored: Unstored): Promise<void> {
  const { secret, versionId } = rotation;
  const description = await secret.store.describe(secret.id, callTimeout(secret.budget)).catch(() => undefined);
  // Not being able to look is no reason to drop what is in hand; and of a version that is current already, the put tells whose value it has.
  if (description === undefined || isStaged(description, versionId, 'AWSCURRENT')) return;
  try {
    requireInRotation(rotation, description);
  } catch (error) {
    throw await notStored(rotation, error as RotationError, unstored);
  }
}

async function notStored(
  { kind }: Rotation,
  { failure, message }: RotationError,
  unstored: Unstored,
): Promise<RotationError> {
  const fate = unstored.mayBeStored
    ? `It may be stored all the same, because a put was not answered: the next try will see. If it is not, it is lost: nobody holds it, and it ${unstored.fate}`
    : `It is lost: nobody holds it, and it ${await discard(unstored)}`;
  return new RotationError(
    failure,
    `${kind.wording.service} issued a successor of the current key, which could not be stored. ${message} ${fate}. The current key is not affected.`,
  );
}

/** Looks at once, and again after each pause. */
async function lookForSuccessor(rotation: Rotation, pausesMs: readonly number[]): Promise<Staged | undefined> {
  const { secret, versionId, kind } = rotation;
  for (let looks = 0; ; looks += 1) {
    const pending = await secret.version(versionId);
    if (pending !== undefined) {
      return { credential: await readPending(rotation, pending), outcome: 'already issued elsewhere' };
    }
    const pauseMs = pausesMs[looks];
    if (pauseMs === undefined) return undefined;
    if (!(await pause(secret.budget, pauseMs))) {
      throw new RotationError(
        'transient',
        `${kind.wording.service} refuses to issue a successor of the current key, and no time is left to see whether another sandbox stores one. If this repeats, raise the timeout of the function: it will then say more.`,
      );
    }
  }
}

type Refusal = Extract<Issue, { kind: 'refused' | 'spent' }>;

/** No successor, and nobody else stored one. Whether applications are affected is what the reader wants to know. */
async function explainRefusal(rotation: Rotation, current: Credential, refusal: Refusal): Promise<RotationError> {
  const { secret, kind } = rotation;
  const { service } = kind.wording;
  const isSpent = refusal.kind === 'spent';
  const ping = await pingUntilClear(rotation, current);
  const works = `The current key still works, so applications are not affected yet${isSpent ? `: ${refusal.explanation}` : '.'}`;
  const state = {
    accepted: works,
    denied: isSpent ? works : 'It knows the current key, but does not let it do what the ping does.',
    refused: 'It refuses the current key as well: applications that use it are failing now.',
    unavailable: 'Whether the current key still works could not be seen.',
  }[ping.kind];
  return new RotationError(
    'operator',
    `${service} refuses to issue a successor of the current key (${refusal.reason}). ${state} ${isSpent ? storeFreshValue(secret.id, kind) : refusal.remedy}`,
  );
}
