import type { Key } from '../../src/local/momento/keys.ts';
import { OVERLAP_MS } from './configuration.ts';
import { type Facts, meet, type Reign } from './facts.ts';
import type { Invariant } from './invariant.ts';
import { failureOf, SWEEP } from './invocation.ts';
import type { Said, Snapshot } from './stand-ins.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What must hold of keys that can be revoked. */
export const revocations: Record<string, Invariant> = {
  /**
   * No key is revoked that a labelled version holds, or that was current within the overlap, or that could still be stored in
   * the version that it was issued for.
   */
  'revokes-no-key-in-use': {
    onRevoked(facts, invocation, keyId) {
      const { world, standIns, last, reigns, issuedBy } = facts;
      const { seen, seenAt } = invocation;
      // An event that somebody opted in to revokes what AWSPREVIOUS holds.
      const spared = invocation.step === 'revoke' && world.schedule.revokesHourly ? ['AWSPREVIOUS'] : [];
      const holder = holderOf(facts, last, keyId, spared);
      if (holder !== undefined) {
        if (!isLabelled(seen, holder, spared)) return meet(facts, 'labelled-while-revoking');
        return `${keyId}, which version ${holder} holds (${last.stages[holder]})`;
      }
      const since = world.simulation.now - OVERLAP_MS;
      const reign = reigns.findLast((each) => each.keyId === keyId);
      if (reign !== undefined && (reign.to ?? Number.POSITIVE_INFINITY) > since) {
        if (reign.from >= seenAt) return meet(facts, 'labelled-while-revoking');
        if (leftNoTrace(facts, reign) && invocation.step !== 'revoke') return meet(facts, 'back-and-forth-unseen');
        return `${keyId}, which was current ${world.simulation.now - (reign.to ?? 0)} ms ago`;
      }
      const issuer = issuedBy.get(keyId);
      const version = issuer?.versionId ?? '';
      const isUndecided = isLabelled(last, version) && standIns.valueIn(version) === undefined;
      if (!isUndecided || issuer === invocation) return undefined;
      return `${keyId}, which another sandbox may be about to store`;
    },
  },

  /**
   * Nothing is revoked but what the function issued for this secret; and, where somebody opted in to it, what was current in
   * it when it did, or said to be by the value.
   */
  'revokes-own-keys-only': {
    onRevoked(facts, _, keyId) {
      const { issuedBy, predecessors, standIns, said } = facts;
      if (issuedBy.has(keyId)) return undefined;
      if (!standIns.configuration.revokesFirstKeys) return `${keyId} was not issued for this secret`;
      if ([...predecessors.values()].includes(keyId)) return undefined;
      const isSaid = said.some((each) => isSurelyAbout(each, facts, keyId)) && !isIssued(facts, keyId);
      return isSaid ? meet(facts, 'first-key-by-its-word') : `${keyId} was never current in this secret`;
    },
  },

  /** Of several that were stored, the oldest goes first. */
  'revokes-the-oldest-first': {
    onRevoked({ standIns, stored }, { revokedKeys }, keyId) {
      const issuedAt = (id: string) => standIns.account.keys.all().find((key) => key.id === id)?.issuedAt ?? 0;
      const newer = revokedKeys.find((id) => stored.has(id) && stored.has(keyId) && issuedAt(id) > issuedAt(keyId));
      return newer && `${keyId} is revoked after ${newer}`;
    },
  },

  /** Whatever goes wrong with older keys fails no step whose work is done; nor does it keep a successor from being issued. */
  'revocation-fails-nothing': {
    onEnd(_, invocation) {
      const failure = failureOf(invocation);
      if (invocation.step === 'createSecret' && /registry of keys/.test(failure?.message ?? ''))
        return failure?.message;
      return failure && invocation.hasDoneItsWork
        ? `a step that had done its work fails: ${failure.message}`
        : undefined;
    },
  },

  /**
   * A sandbox revokes what it caused to be issued and did not store, or looks for it; and when a rotation is done, what any
   * other one had issued for its version is revoked, or named.
   */
  'sweeps-what-was-left': {
    onEnd(facts, { step, versionId, ended, looksDue, measured, warnings, ...caused }) {
      const { world, standIns, issuedBy, stored } = facts;
      const isDone = ended !== undefined && 'outcome' in ended && ended.outcome !== 'already current';
      if (!isDone || measured.some(([name]) => name === 'RevocationFailed')) return undefined;
      if (step === 'createSecret' && looksDue.get(SWEEP)?.size) return 'what may have been issued is not looked for';
      // The register lags behind; or an operator filled the version with a key that nobody needs a register for.
      const { newKeyListedAfterLists, newKeyListedAfterSeconds } = world.schedule.switches.momento;
      if (newKeyListedAfterLists || newKeyListedAfterSeconds || !standIns.keyIn(versionId)?.v2) return undefined;
      const concerned = { createSecret: caused.issued, finishSecret: caused.orphans }[step as string] ?? [];
      const left = concerned
        .filter((id) => issuedBy.get(id)?.versionId === versionId && !stored.has(id) && isLive(facts, id))
        .filter((id) => !isNamed(id, warnings));
      return left.length > 0 ? `${left.join(', ')}: left live, which nobody stored` : undefined;
    },
  },

  /** What is issued and surely not stored is revoked at once, or it is counted that it was not; and what is said of it is true. */
  'takes-back-what-it-loses': {
    onEnd({ standIns }, invocation) {
      const { step, issued, revokedKeys, warnings, measured } = invocation;
      const all = standIns.account.keys.all();
      const isRegistered = issued.length > 0 && issued.every((id) => all.some((key) => key.id === id && key.v2));
      if (step !== 'createSecret' || !isRegistered) return undefined;
      const said = [...warnings, failureOf(invocation)?.message ?? ''].join('\n');
      const fates = [...said.matchAll(/(?:It is lost|is not stored): nobody holds it, and it ([^.]*)\./g)].map(
        ([, fate]) => fate,
      );
      const takenBack = fates.filter((fate) => fate === 'was revoked').length;
      if (takenBack > revokedKeys.length)
        return `${takenBack} keys are said to be revoked, and ${revokedKeys.length} were`;
      const isCounted = measured.some(([name]) => name === 'RevocationFailed');
      return takenBack < fates.length && !isCounted ? `one that nobody holds "${fates.join('", "')}"` : undefined;
    },
  },

  /** That rotations follow each other too closely is said where for that reason alone nothing is revoked. */
  'says-what-the-overlap-keeps': {
    onEnd(facts, { step, warnings, revokedKeys }) {
      const kept = /within the overlap.*: (\d+) work besides the last two/.exec(warnings.join('\n'))?.[1];
      if (step !== 'finishSecret' || kept === undefined) return undefined;
      const revoked = revokedKeys.filter((id) => facts.stored.has(id));
      if (revoked.length > 0) return `nothing is said to be revoked, and ${revoked} are`;
      const live = withoutLabel(facts).length;
      return Number(kept) > 0 && Number(kept) <= live ? undefined : `${kept} keys are said to be kept, of ${live}`;
    },
  },

  /** That a key could not be revoked is counted and said. */
  'says-what-is-left': {
    onEnd(_, { step, measured, warnings, problems }) {
      const counted = measured.filter(([name]) => name === 'RevocationFailed').length;
      const said =
        step === 'revoke'
          ? problems.length
          : warnings.filter((warning) => /could not be revoked|whether keys are to be revoked/.test(warning)).length;
      return counted === said ? undefined : `${counted} failures are counted, and ${said} are said`;
    },
  },
};

/** A version that has a label, other than those. */
function isLabelled(snapshot: Snapshot | undefined, versionId: string, spared: readonly string[] = []): boolean {
  return snapshot?.stages[versionId]?.some((stage) => !spared.includes(stage)) ?? false;
}

/** The labelled version that holds the key, and says so. */
function holderOf(
  { standIns }: Facts,
  snapshot: Snapshot,
  keyId: string,
  spared: readonly string[] = [],
): string | undefined {
  return Object.keys(snapshot.stages).find(
    (versionId) =>
      isLabelled(snapshot, versionId, spared) &&
      standIns.keyIn(versionId)?.id === keyId &&
      standIns.valueIn(versionId)?.includes(`"${keyId}"`),
  );
}

/**
 * The one way in which a version is current for a while and no label, and no date of a rotation, tells: somebody makes it
 * current, goes from there to the version that the current one succeeded, and from there to the current one.
 */
function leftNoTrace({ reigns, predecessors }: Facts, reign: Reign): boolean {
  const later = reigns.slice(reigns.indexOf(reign) + 1);
  const byHand = later.slice(0, later.findLastIndex(({ isBegunByHand }) => isBegunByHand) + 1);
  const [before, last] = byHand.slice(-2);
  const isAllByHand = reign.isBegunByHand && byHand.every(({ isBegunByHand }) => isBegunByHand);
  const isPair = last !== undefined && predecessors.get(last.keyId ?? '') === before?.keyId;
  // At most the promotion after which the key is revoked has followed.
  return isAllByHand && isPair && later.length - byHand.length <= 1;
}

/** The v2 keys that were issued and never stored, by invocations that are over. */
export function orphansOf({ issuedBy, stored, standIns }: Facts): string[] {
  if (!standIns.hasV2Keys) return [];
  return [...issuedBy].flatMap(([id, { ended, isDead }]) => (stored.has(id) || !(ended || isDead) ? [] : id));
}

/**
 * The keys that were issued for this secret, or are to be revoked like those, are live, and are held by no version with a
 * label, other than those.
 */
export function withoutLabel(facts: Facts, spared: readonly string[] = []): string[] {
  const { issuedBy, misnamed, standIns, last } = facts;
  const { account, configuration } = standIns;
  const wanted = configuration.revokesFirstKeys ? firstKeys(facts).filter((id) => !misnamed.has(id)) : [];
  return account.keys
    .all()
    .filter(({ id, v2 }) => v2 && (issuedBy.has(id) || wanted.includes(id)) && isLive(facts, id))
    .map(({ id }) => id)
    .filter((id) => holderOf(facts, last, id, spared) === undefined);
}

/**
 * The keys that a check is to count, where it is beyond doubt that it is to: nobody did anything by hand. Those that four rotations
 * have succeeded since, the last two of which were not both within the overlap; or, where a schedule revokes, those that were due by it
 * for three hours.
 */
export function surelyAwaiting(facts: Facts): string[] {
  const { world, standIns, acts } = facts;
  if (!standIns.hasV2Keys || acts > 0) return [];
  if (!world.schedule.revokesHourly)
    return lastReignsMs(facts).some((ms) => ms > 2 * OVERLAP_MS) ? leftByRotations(facts, true) : [];
  return overdueSince(facts) + MINUTE_MS < world.simulation.now ? withoutLabel(facts, ['AWSPREVIOUS']) : [];
}

/**
 * Those that it may count at most.
 *
 * @param isByClock by a run, which goes by the clock in any case
 */
export function perhapsAwaiting(facts: Facts, isByClock: boolean): string[] {
  const { world, acts } = facts;
  const { revokesHourly } = world.schedule;
  if (revokesHourly || isByClock) {
    return overdueSince(facts) <= world.simulation.now
      ? dueWithoutLabel(facts, revokesHourly ? ['AWSPREVIOUS'] : [])
      : [];
  }
  if (acts > 0) return dueWithoutLabel(facts, []);
  if (lastReignsMs(facts).every((ms) => ms < OVERLAP_MS)) return [];
  return leftByRotations(facts, false);
}

/** In seconds: attempts of one invocation. */
const TOGETHER = 60;

/**
 * What four rotations have succeeded since, and what was never stored and issued before the last three.
 *
 * @param isProvable of that only what was issued together with what was stored
 */
function leftByRotations(facts: Facts, isProvable: boolean): string[] {
  const { standIns, reigns, issuedBy } = facts;
  // By Momento's clock, which tells whole seconds.
  const keys = standIns.account.keys.all();
  const issuedAt = (keyId: string | undefined) => keys.find(({ id }) => id === keyId)?.issuedAt ?? 0;
  const own = reigns.flatMap(({ keyId }) => (keyId !== undefined && issuedBy.has(keyId) ? [keyId] : []));
  const isProved = (orphan: string) =>
    own.some(
      (id) =>
        issuedBy.get(id)?.versionId === issuedBy.get(orphan)?.versionId &&
        Math.abs(issuedAt(id) - issuedAt(orphan)) < TOGETHER,
    );
  const orphans = orphansOf(facts).filter(
    (id) => isLive(facts, id) && issuedAt(id) < issuedAt(own.at(-3)) && (!isProvable || isProved(id)),
  );
  return [...withoutLabel(facts).filter((id) => own.slice(0, -4).includes(id)), ...orphans];
}

/** For how long the two versions were current before the current one. */
function lastReignsMs({ reigns }: Facts): number[] {
  return reigns.slice(-3, -1).map(({ from, to = from }) => to - from);
}

/** Something about the secret was changed. */
export function changedSince({ standIns: { service, secretId } }: Facts, moment: number): boolean {
  const { LastChangedDate } = service.call('DescribeSecret', { SecretId: secretId });
  return LastChangedDate !== undefined && LastChangedDate.getTime() >= moment;
}

/** When what is due by the clock has been for three hours. */
function overdueSince({ standIns: { service, secretId } }: Facts): number {
  const { LastChangedDate } = service.call('DescribeSecret', { SecretId: secretId });
  return (LastChangedDate?.getTime() ?? Number.POSITIVE_INFINITY) + OVERLAP_MS + 3 * HOUR_MS;
}

/** Those of them that are of no use. One stays as long as a first key is live that only its description names. */
export function lingering(facts: Facts): string[] {
  return withoutThoseThatTell(facts, withoutLabel(facts), () => true);
}

/** Those that are due. One is not as long as a first key is held by a label that only its description names. */
function dueWithoutLabel(facts: Facts, spared: readonly string[]): string[] {
  const unlabelled = withoutLabel(facts, spared);
  return withoutThoseThatTell(facts, unlabelled, (first) => !unlabelled.includes(first));
}

function withoutThoseThatTell(facts: Facts, ids: readonly string[], isKept: (first: string) => boolean): string[] {
  const { predecessors, standIns } = facts;
  const all = standIns.configuration.revokesFirstKeys ? firstKeys(facts) : [];
  const first = all.filter((id) => isLive(facts, id) && isKept(id));
  return ids.filter((id) => !first.includes(predecessors.get(id) ?? ''));
}

/** Which nobody issued, and the function succeeded. With the one that succeeded it, one is forgotten. */
export function firstKeys(facts: Facts): string[] {
  const { predecessors, stored, revoked } = facts;
  return [...stored].flatMap((id) => {
    const predecessor = predecessors.get(id);
    return predecessor === undefined || revoked.has(id) || isIssued(facts, predecessor) ? [] : [predecessor];
  });
}

/** A date may have been rounded where it was written down, in seconds. */
const SAME_DATE = 60;

/** Whether a value may be about a key, by the role and the expiry that it says. */
export function isAbout({ roleId, validUntil }: Said, { v2, ...key }: Key): boolean {
  if (v2?.role.roleId !== roleId) return false;
  return (
    Math.abs((key.validUntil ?? Number.NaN) - (validUntil ?? Number.NaN)) < SAME_DATE || !key.validUntil || !validUntil
  );
}

/** It gives the key's id, and one that expires is none that never does. */
function isSurelyAbout(said: Said, { standIns }: Facts, keyId: string): boolean {
  const key = standIns.account.keys.all().find(({ id }) => id === keyId);
  const isNamed = said.keyId === keyId && !said.validUntil === !key?.validUntil;
  return key !== undefined && isNamed && isAbout(said, key);
}

export function isLive({ standIns }: Facts, keyId: string): boolean {
  const { keys } = standIns.account;
  return keys.all().some(({ id, apiKey }) => id === keyId && keys.isValid(apiKey));
}

/** The function issued it, for whichever secret. */
export function isIssued({ world }: Facts, keyId: string): boolean {
  return world.all.some(({ issuedBy }) => issuedBy.has(keyId));
}

/** Whether somebody is told of the key. */
export function isNamed(keyId: string, said: readonly string[]): boolean {
  return said.some((text) => new RegExp(`\\b${keyId}\\b`).test(text));
}

/** How many keys somebody is told of that are not revoked, of which some are named. */
export function countNamed(said: readonly string[]): number {
  return Math.max(0, ...said.map((text) => Number(/cannot be proved[^:]*: (\d+)\./.exec(text)?.[1] ?? 0)));
}
