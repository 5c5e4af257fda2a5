import { RotationError } from '../../src/rotation/errors.ts';
import { healthOf, misjudged } from './health.ts';
import type { Invariant } from './invariant.ts';
import { failureOf, isAboutSeveral } from './invocation.ts';
import { isBearable } from './mishaps.ts';
import { changedSince, perhapsAwaiting, surelyAwaiting } from './revocations.ts';
import { latestStart, uncertainty } from './rules.ts';

/** What must hold of what the function tells: errors, warnings, figures, and what it makes of an event. */
export const reports: Record<string, Invariant> = {
  /** A failure and a warning say something. */
  'is-not-silent': {
    onEnd(_, invocation) {
      const { warnings, ended } = invocation;
      const said =
        ended && 'outcome' in ended ? [...warnings, ended.outcome] : [...warnings, failureOf(invocation)?.message];
      return said.some((text) => !text) ? 'says nothing' : undefined;
    },
  },

  /** The new key's lifetime is measured, and a warning says so if it ends before the next rotation is sure to have started. */
  'warns-early': {
    onEnd({ world, standIns }, { step, startedAt, ended, versionId, measured, warnings }) {
      const isStored = step === 'createSecret' && ended && 'outcome' in ended && ended.outcome !== 'already current';
      if (!isStored) return measured.some(([name]) => name.startsWith('NewKey')) ? 'measures no new key' : undefined;
      const { validUntil } = standIns.keyIn(versionId) ?? {};
      const { now } = world.simulation;
      const lifetimes = measured.filter(([name]) => name === 'NewKeyLifetime').map(([, seconds]) => seconds);
      if (validUntil === undefined) return lifetimes.length > 0 ? 'measures what never expires' : undefined;
      if (lifetimes.length !== 1) return `${lifetimes.length} lifetimes are measured`;
      const measuredAt = (validUntil - (lifetimes[0] ?? 0)) * 1000;
      if (measuredAt < startedAt - 1000 || measuredAt > now + 1000) return 'the lifetime is wrong';

      const isMeasured = measured.some(([name, count]) => name === 'NewKeyExpiresBeforeNextRotation' && count === 1);
      const expiry = new Date(validUntil * 1000).toISOString();
      if (isMeasured !== warnings.some((warning) => warning.includes(expiry))) return 'warning and metric disagree';
      const { rules } = world.schedule;
      const tooSoonBy = latestStart(rules, now) - validUntil * 1000;
      if (Math.abs(tooSoonBy) <= uncertainty(rules)) return undefined;
      return isMeasured === tooSoonBy > 0 ? undefined : `${isMeasured ? 'a' : 'no'} warning, ${tooSoonBy} ms too soon`;
    },
  },

  /** Each promotion is counted once, by the sandbox whose it is. */
  'counts-promotions': {
    onEnd(_, { step, ended, measured, hasPromoted, unanswered }) {
      const counted = measured.filter(([name]) => name === 'RotationSucceeded');
      const isDone = step === 'finishSecret' && ended !== undefined && 'outcome' in ended;
      const mayHavePromoted = hasPromoted || unanswered.has('UpdateSecretVersionStage');
      if (counted.length > (isDone && mayHavePromoted ? 1 : 0) || counted.some(([, value]) => value !== 1)) {
        return 'counts a promotion that is not its own';
      }
      return isDone && hasPromoted && counted.length === 0 ? 'a promotion is not counted' : undefined;
    },
  },

  /** A check says how the secret is doing, and fails if something is wrong with it. */
  'check-tells-truth': {
    onEnd(facts, invocation) {
      const { world, standIns, reigns } = facts;
      if (invocation.step !== 'check') return undefined;
      const health = healthOf(facts);
      // It may have looked before or after a change.
      const hasMoved = (reigns.at(-1)?.from ?? 0) >= invocation.startedAt;
      if (hasMoved || JSON.stringify(health) !== JSON.stringify(invocation.health)) return undefined;
      const struck = world.struck.filter(({ step }) => step === 'check').map(({ mishap }) => mishap);
      const isUndisturbed = isBearable(world.schedule.mishaps, struck) && world.remainingMs >= 30_000;
      return misjudged(invocation, health, standIns, world.simulation.now, isUndisturbed);
    },
  },

  /** A check counts what should have been revoked, no key that somebody may hold, and nothing where keys cannot be revoked. */
  'counts-what-lingers': {
    onEnd(facts, invocation) {
      const { step, startedAt, measured } = invocation;
      const counts = measured.flatMap(([name, value]) => (name === 'KeysAwaitingRevocation' ? [value] : []));
      const isV1 = !facts.standIns.hasV2Keys;
      if (isV1) return counts.length > 0 ? 'counts what nobody can revoke' : undefined;
      // A register that lags behind still has what was revoked, and not yet what was issued.
      const { revokedKeyListedForLists, newKeyListedAfterLists } = facts.world.schedule.switches.momento;
      // One secret is named twice, which have one list.
      if (step === 'revoke' && isAboutSeveral(invocation)) return undefined;
      if (revokedKeyListedForLists || newKeyListedAfterLists || changedSince(facts, startedAt)) return undefined;
      const most = perhapsAwaiting(facts, step === 'revoke').length;
      const least = step === 'check' ? surelyAwaiting(facts).length : 0;
      const isWrong = counts.some((count) => count < least || count > most);
      return isWrong ? `counts ${counts}, and there are ${least} to ${most}` : undefined;
    },
  },

  /** What is wrong with one of several secrets is told by an error of the function's own. */
  'knows-each-problem': {
    onEnd(_, { problems }) {
      const defect = problems.find((problem) => !(problem instanceof RotationError));
      return defect === undefined ? undefined : `an error that is not the function's own: ${defect}`;
    },
  },

  /** What is no event of the protocol is refused, and nothing is done for it. */
  'refuses-unknown-events': {
    onEnd(_, invocation) {
      const { isKnown, calls } = invocation;
      if (isKnown) return undefined;
      const failure = failureOf(invocation);
      const isRefused = failure instanceof RotationError && failure.failure === 'operator';
      return isRefused && calls === 0 ? undefined : 'an event that nobody knows was taken for another';
    },
  },

  /** A call for a rotation starts one. */
  'starts-one-rotation': {
    onEnd(_, { step, started, ended, versionId }) {
      if (started.length > 1) return 'more than one rotation was started';
      const isDone = step === 'rotate' && ended !== undefined && 'outcome' in ended;
      return isDone && started[0] !== versionId ? 'the rotation that it names was not started' : undefined;
    },
  },
};
