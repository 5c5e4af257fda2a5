import type { Key } from '../../src/local/momento/keys.ts';
import { permits } from '../../src/local/momento/permissions.ts';
import { type FailureClass, RotationError, SecretStoreError } from '../../src/rotation/errors.ts';
import { authority, isAllowed } from './authority.ts';
import { type Change, type Facts, meet, type Surroundings } from './facts.ts';
import { type HumanState, humanStates } from './human-states.ts';
import type { Invariant } from './invariant.ts';
import { failureOf, type Invocation, isAboutSeveral } from './invocation.ts';
import { notices } from './notices.ts';
import { reports } from './reports.ts';
import { revocations } from './revocations.ts';
import { findSecretIn } from './secrecy.ts';
import { successors } from './successors.ts';

/** All of them, for the world to check: what they look at is below this file, and does not know it. */
export const invariants: Record<string, Invariant> = {
  ...reports,
  ...revocations,
  ...authority,
  ...successors,
  ...notices,

  /** AWSCURRENT is on a version whose key answers, unless an operator put another one there, or Momento revoked it. */
  'current-answers': {
    onChange({ world, standIns, wereCurrent, madeCurrentByHand, revoked }, { after }) {
      if (after.current === undefined) return wereCurrent.size > 0 ? 'no version holds AWSCURRENT' : undefined;
      const key = standIns.keyIn(after.current);
      if (madeCurrentByHand.has(after.current) || (key && revoked.has(key.id))) return undefined;
      const isGood = key && (standIns.account.keys.isValid(key.apiKey) || hasExpired(world, key));
      return isGood ? undefined : 'the current key is not good';
    },
  },

  /** The sandbox that promotes a version was told, a short while before, that the service lets its key in. */
  'promoted-was-accepted': {
    onChange({ standIns, acceptances }, change) {
      const promoted = promotion(change);
      if (promoted === undefined) return undefined;
      const key = standIns.keyIn(promoted.to);
      const since = promoted.by.startedAt - 60_000;
      const isAccepted = acceptances.some(
        ({ keyId, memory, at }) => keyId === key?.id && memory === promoted.by.sandbox.memory && at >= since,
      );
      return isAccepted ? undefined : 'promoted without a ping that was answered';
    },
  },

  /** The promoted key may do what the one before it may. */
  'promoted-keeps-rights': {
    onChange({ standIns }, change) {
      const promoted = promotion(change);
      if (promoted === undefined) return undefined;
      const [before, after] = [promoted.from, promoted.to].map((id) => standIns.keyIn(id));
      const mayPing = (key: typeof before) => key && permits(key.permissions, 'read', 'ping', 'ping');
      const isBetterThanDead = before && !standIns.account.keys.isValid(before.apiKey);
      return mayPing(before) && !mayPing(after) && !isBetterThanDead ? 'the promoted key may do less' : undefined;
    },
  },

  /** A value is replaced by its own successor only, or by what an operator put into the version in rotation. */
  'operator-wins': {
    onChange(facts, change) {
      const { standIns } = facts;
      const promoted = promotion(change);
      if (promoted === undefined || facts.putByHand.has(promoted.to)) return undefined;
      const [before, after] = [promoted.from, promoted.to].map((id) => standIns.keyIn(id));
      if (before !== undefined && isSuccessor(facts, after, before)) return undefined;
      const isIssuer = facts.issuedBy.get(after?.id ?? '')?.sandbox.memory === promoted.by.sandbox.memory;
      const datesTell = standIns.createdAt(promoted.from) > standIns.createdAt(promoted.to);
      if (isIssuer || datesTell) return 'a value was replaced by the successor of another one';
      const name = facts.movedByHand.has(promoted.from) ? 'moved-back-unseen' : 'put-during-issue-unseen';
      meet(facts, name);
      return undefined;
    },
  },

  /** A version in whose place an operator made another one current is not made current again. */
  'what-was-left-stays-left': {
    onChange(facts, change) {
      const promoted = promotion(change);
      const leftAt = promoted && facts.leftByHand.get(promoted.to);
      if (leftAt === undefined) return undefined;
      if (promoted && promoted.by.movesOn < leftAt) return meet(facts, 'moved-away-unseen');
      if (promoted && leftNoTrace(facts, change, promoted.to)) return meet(facts, 'twice-moved-away-unseen');
      return 'a version is made current again that an operator moved away from';
    },
  },

  /** Labels that an operator put on versions stay where they are. */
  'leaves-labels-alone': {
    onChange(_, { by, before, after }) {
      const [own, left] = [before, after].map(({ stages }) =>
        Object.entries(stages).flatMap(([id, labels]) =>
          labels.filter((label) => !label.startsWith('AWS')).map((label) => `${label} on ${id}`),
        ),
      );
      return by && own?.join() !== left?.join() ? "a label was moved that is not the function's" : undefined;
    },
  },

  /** Nothing is issued, stored or promoted for a version that was last seen unstaged, or with rotation off. */
  'acts-only-in-rotation': {
    onCall(_, { seen, versionId }, action, about) {
      const isMove = action === 'UpdateSecretVersionStage' && about === 'AWSCURRENT';
      const acts = isMove || [...ISSUES, 'PutSecretValue'].includes(action);
      if (!acts) return undefined;
      const stages = seen?.stages[versionId] ?? [];
      // A late repeat of a put, when another sandbox has promoted what it stored.
      const isDone = action === 'PutSecretValue' && stages.includes('AWSCURRENT');
      const isInRotation = seen?.rotationEnabled && stages.includes('AWSPENDING');
      return isInRotation || isDone ? undefined : `${action} for a version that is not in rotation`;
    },
  },

  /** A version that was read without a label of the rotation is not tested. */
  'tests-only-what-is-staged': {
    onCall({ standIns }, { step, versionId, read }, action, about) {
      const isTest = step === 'testSecret' && action === 'Get' && about === standIns.keyIn(versionId)?.id;
      const isStaged = read?.some((stage) => stage === 'AWSPENDING' || stage === 'AWSCURRENT') ?? true;
      return isTest && !isStaged ? 'a version that is not in rotation is tested' : undefined;
    },
  },

  /** A call whose effect may have happened is not repeated before looking; nor is AWSCURRENT moved on a look before a ping. */
  'looks-before-repeating': {
    onCall({ stored }, { looksDue }, action, about) {
      // What was never stored, nobody holds.
      if (action === 'RevokeApiKey' && !stored.has(about ?? '')) return undefined;
      const isMove = action === 'UpdateSecretVersionStage' && about === 'AWSCURRENT';
      const due = [...(looksDue.get(action) ?? []), ...((isMove && looksDue.get('AWSCURRENT')) || [])];
      return due.length > 0 ? `${action} without ${due.join(' and ')}` : undefined;
    },
  },

  /** AWSPENDING is taken off by the function only where the value can never be promoted, and only off its own version. */
  'keeps-good-pending': {
    onChange(facts, { by, action, before, after }) {
      const { standIns, rotation, currentMovedAt, wereCurrent, madeCurrentByHand, movedByHand } = facts;
      const { pending } = before;
      if (by === undefined || action !== 'UpdateSecretVersionStage' || pending === undefined) return undefined;
      if (after.pending === pending || after.current === pending) return undefined;
      if (pending !== by.versionId) return 'AWSPENDING was taken off another version';
      // An operator moved AWSCURRENT away from it.
      if (wereCurrent.has(pending)) return undefined;
      const value = standIns.valueIn(pending);
      if (value === undefined) return 'an empty version was given up';
      if (!isAllowed(value, standIns.configuration, standIns.name)) return undefined;
      // Whether it looked before or after somebody moved AWSCURRENT is chance.
      if (currentMovedAt >= by.startedAt) return undefined;
      const holder = after.current;
      const [current, key] = [holder, pending].map((id) => standIns.keyIn(id));
      // An operator stored its value more than once: which version it succeeds, the key does not tell.
      const versions = facts.reigns.filter(({ keyId }) => keyId === current?.id).map(({ versionId }) => versionId);
      if (new Set(versions).size > 1) return undefined;
      if (key === undefined || !standIns.account.keys.isValid(key.apiKey)) return undefined;
      // Without a rotation to it, its label would only be in the way.
      if (rotation?.versionId !== pending) return undefined;
      const isOperators = key.origin === 'seed' && !madeCurrentByHand.has(holder ?? '');
      const isNext = isOperators || isSuccessor(facts, key, current);
      const mayPing = [current, key].map((each) => each && permits(each.permissions, 'read', 'ping', 'ping'));
      const hasLostRights = mayPing[0] && !mayPing[1];
      if (!isNext || hasLostRights) return undefined;
      const isNewer = standIns.createdAt(holder ?? '') > standIns.createdAt(pending);
      // A value that is put moves the label, too.
      const isByHand = movedByHand.has(holder ?? '') || madeCurrentByHand.has(holder ?? '');
      if (!isNewer || !isByHand) return 'a version that could be promoted was given up';
      meet(facts, 'given-up-by-date');
      return undefined;
    },
  },

  /** Every key that was issued is stored, or a warning or the error said that it is not. */
  'no-key-dropped': {
    onEnd({ stored }, invocation) {
      const { issued, mayHaveIssued } = invocation;
      const dropped = issued.filter((keyId) => !stored.has(keyId));
      const said = [...invocation.warnings, failureOf(invocation)?.message ?? ''].filter((message) =>
        /nobody holds/.test(message),
      );
      if (said.length > issued.length + mayHaveIssued) return 'a key is reported that cannot have been issued';
      return dropped.length > said.length ? 'an issued key is neither stored nor reported' : undefined;
    },
  },

  /** A key in hand is given up only when the time is nearly up, or when the put can no longer succeed. */
  'stores-to-the-last': {
    onEnd({ standIns }, invocation) {
      const failure = failureOf(invocation);
      if (failure?.failure !== 'transient' || !failure.message.includes('could not be stored')) return undefined;
      // Of what can be revoked, that it may be.
      const kept = !standIns.hasV2Keys ? 3_400 : 5_400;
      return invocation.leftOver > kept ? `gave up with ${invocation.leftOver} ms left` : undefined;
    },
  },

  /** What a step says it did is done. */
  'success-left-its-effect': {
    onEnd({ standIns, wereCurrent }, { step, versionId, ended, accepted }) {
      if (step === undefined || ended === undefined || 'error' in ended) return undefined;
      const key = standIns.keyIn(versionId);
      const isDone = {
        createSecret: standIns.valueIn(versionId) !== undefined,
        setSecret: true,
        testSecret: key !== undefined && accepted.has(key.id),
        finishSecret: wereCurrent.has(versionId),
        rotate: true,
        check: true,
        revoke: true,
      }[step];
      return isDone ? undefined : `${step} succeeded without its effect`;
    },
  },

  /** An error about a call names one that failed, and how. */
  'names-what-failed': {
    onEnd(_, invocation) {
      const error = failureOf(invocation);
      if (!(error instanceof SecretStoreError)) return undefined;
      const { action, code, message } = error;
      const isTrue =
        invocation.failures.has(`${action} ${code}`) && message.includes(`${action}`) && message.includes(code);
      return isTrue ? undefined : `blames ${action} (${code})`;
    },
  },

  /** The class of a failure is what its reader may act on. */
  'class-tells-truth': {
    onEnd(facts, invocation) {
      const error = failureOf(invocation);
      if (error === undefined) return undefined;
      if (!(error instanceof RotationError)) return `an error that is not the function's own: ${error}`;
      const { failure, message } = error;
      if (!CLASSES.includes(failure)) return `a class that nobody knows: ${failure}`;
      if (failure === 'permanent') {
        const isStaged = facts.last.pending === invocation.versionId;
        const isSaid = message.includes('could not be taken off');
        return isStaged && !isSaid ? 'said to be given up, and still staged' : undefined;
      }
      // Of a rotation that is over.
      const isLate = facts.earlierEvents.some(({ ClientRequestToken }) => ClientRequestToken === invocation.versionId);
      if (failure !== 'operator' || invocation.step === 'check' || !invocation.isKnown || isLate) return undefined;
      if (isAboutSeveral(invocation)) return undefined;
      const isWithCause = humanStates(facts).some((state) => !isInHand(facts, state));
      return isWithCause || facts.acts > 0 || wasDenied(facts) ? undefined : `no human is needed: ${message}`;
    },
  },

  /** A call that failed is given a moment before it is made again. */
  'does-not-hammer': {
    onCall({ world }, invocation, action) {
      // Two reads race in createSecret, and a check goes on to another secret.
      const mayBeAnother = action === 'GetSecretValue' || isAboutSeveral(invocation);
      const sinceMs = world.simulation.now - (invocation.failedAt.get(action) ?? Number.NEGATIVE_INFINITY);
      return !mayBeAnother && sinceMs < 50 ? `${action} again after ${sinceMs} ms` : undefined;
    },
  },

  /** A step ends by itself, before Lambda ends it, with time to say so. */
  'ends-in-time': {
    onCall({ world }, { endsAt }, action) {
      const leftMs = endsAt - world.simulation.now;
      return leftMs < TO_SAY_SO_MS ? `${action} begins with ${leftMs} ms left` : undefined;
    },
    onEnd(_, { startedAt, endsAt, leftOver }) {
      const wanted = Math.min(TO_SAY_SO_MS, endsAt - startedAt);
      return leftOver < wanted ? `ended with ${leftOver} ms left` : undefined;
    },
  },

  /** An expired key is known to be one by its date: Momento is not asked for its successor, and it is not tested. */
  'knows-what-expired': {
    onCall({ standIns }, { startedAt, versionId }, action, about) {
      if (!ISSUES.includes(action) && action !== 'Get') return undefined;
      const { account, keyIn } = standIns;
      const key = account.keys.all().find(({ id }) => id === about);
      const isConcerned = ISSUES.includes(action) || about === keyIn(versionId)?.id;
      const hasLongExpired = (key?.validUntil ?? Number.POSITIVE_INFINITY) * 1000 <= startedAt;
      return isConcerned && hasLongExpired ? `${action} with a key that has expired` : undefined;
    },
  },

  /** No key, refresh token or RotationToken, in whole or in part, is in anything that the function says. */
  'no-secret-leaves': {
    onEnd({ standIns, rotationTokens }, { ended, warnings }) {
      const said = ended && 'error' in ended ? String(ended.error) : (ended?.outcome ?? '');
      return findSecretIn([said, ...warnings].join('\n'), [...standIns.secrets(), ...rotationTokens]);
    },
  },
};

const CLASSES: FailureClass[] = ['transient', 'permanent', 'operator'];

/** For the log line and the metrics. */
const TO_SAY_SO_MS = 250;

/** As it does when nobody rotates it for longer than it lives. */
function hasExpired({ simulation }: Surroundings, { validUntil = Number.POSITIVE_INFINITY }: Key): boolean {
  return validUntil * 1000 <= simulation.now;
}

/** The calls that have a key issued. */
const ISSUES = ['RefreshApiToken', 'GenerateApiKey'];

function isSuccessor({ predecessors }: Facts, key: Key | undefined, of: Key | undefined): boolean {
  return of !== undefined && predecessors.get(key?.id ?? '') === of.id;
}

/** The service has not seen the rotation to it complete, and it is not the version before the current one any more. */
function leftNoTrace({ completed }: Facts, { before }: Change, versionId: string): boolean {
  return !completed.has(versionId) && !before.stages[versionId]?.includes('AWSPREVIOUS');
}

/** A move of AWSCURRENT by the function. */
function promotion({ by, before, after }: Change): { by: Invocation; from: string; to: string } | undefined {
  if (by === undefined || after.current === undefined || before.current === undefined) return undefined;
  return before.current === after.current ? undefined : { by, from: before.current, to: after.current };
}

/** The successor that seems to be lost is in the hand of another sandbox, which nothing keeps from storing it. */
function isInHand({ world, stored }: Facts, state: HumanState): boolean {
  if (state !== 'spent' || world.struck.length > 0) return false;
  return world.invocations.some(
    ({ issued, ended, isDead }) => ended === undefined && !isDead && issued.some((id) => !stored.has(id)),
  );
}

function wasDenied({ world }: Facts): boolean {
  return world.struck.some(({ mishap }) => mishap === 'denied');
}
