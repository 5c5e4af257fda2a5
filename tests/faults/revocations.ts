import { OVERLAP_MS } from './door.ts';
import { type Facts, meet, type Reign } from './facts.ts';
import type { Invariant } from './invariants.ts';
import { failureOf, SWEEP } from './invocation.ts';
import type { Snapshot } from './stand-ins.ts';

/** What must hold of keys that can be revoked. */
export const revocations: Record<string, Invariant> = {
  /**
   * No key is revoked that a labelled version holds, or that was current within the overlap, or that could still be stored in
   * the version that it was issued for.
   */
  'revokes-no-key-in-use': {
    onRevoked(facts, invocation, keyId) {
      const { world, last, reigns } = facts;
      const { seen, seenAt } = invocation;
      const holder = holderOf(facts, last, keyId);
      if (holder !== undefined) {
        if (!isLabelled(seen, holder)) return meet(facts, 'labelled-while-revoking');
        return `${keyId}, which version ${holder} holds (${last.stages[holder]})`;
      }
      const since = world.simulation.now - OVERLAP_MS + TOLERANCE_MS;
      const reign = reigns.findLast((each) => each.keyId === keyId);
      if (reign !== undefined && (reign.to ?? Number.POSITIVE_INFINITY) > since) {
        if (reign.from >= seenAt) return meet(facts, 'labelled-while-revoking');
        if (wentUnseen(facts, reign)) return meet(facts, 'back-and-forth-unseen');
        return `${keyId}, which was current ${world.simulation.now - (reign.to ?? 0)} ms ago`;
      }
      const issuer = facts.issuedBy.get(keyId);
      const version = issuer?.versionId ?? '';
      const isUndecided = isLabelled(last, version) && world.standIns.valueIn(version) === undefined;
      if (!isUndecided || issuer === invocation) return undefined;
      return `${keyId}, which another sandbox may be about to store`;
    },
  },

  /** Nothing is revoked but what was issued for this secret, and what it held when it was rotated. */
  'revokes-own-keys-only': {
    onRevoked({ issuedBy, predecessors, world }, _, keyId) {
      const isOwn = issuedBy.has(keyId) || [...predecessors.values()].includes(keyId);
      return isOwn && !world.standIns.foreign.has(keyId) ? undefined : `${keyId} is none of this secret's`;
    },
  },

  /** Whatever goes wrong with older keys fails no step whose work is done. */
  'revocation-fails-nothing': {
    onEnd(_, invocation) {
      const failure = failureOf(invocation);
      return failure && invocation.hasDoneItsWork
        ? `a step that had done its work fails: ${failure.message}`
        : undefined;
    },
  },

  /** When a version has its key, what else was issued for it is revoked, or looked for. */
  'sweeps-what-was-left': {
    onEnd({ world, issuedBy, stored }, { step, versionId, ended, looksDue, measured, orphans }) {
      const isDone = step === 'createSecret' && ended !== undefined && 'outcome' in ended;
      const isSaid = measured.some(([name]) => name === 'RevocationFailed');
      if (!isDone || ended.outcome === 'already current' || isSaid) return undefined;
      if (looksDue.get(SWEEP)?.size) return 'what may have been issued is not looked for';
      // The register lags behind; or an operator filled the version with a key that nobody needs a register for.
      const { switches } = world.schedule;
      if (switches.momento.newKeyListedAfterLists || !world.standIns.keyIn(versionId)?.v2) return undefined;
      const { keys } = world.standIns.account;
      const isLive = (keyId: string) => keys.all().some(({ id, apiKey }) => id === keyId && keys.isValid(apiKey));
      const left = orphans.filter((id) => issuedBy.get(id)?.versionId === versionId && !stored.has(id) && isLive(id));
      return left.length > 0 ? `${left.join(', ')}: left live, which nobody stored` : undefined;
    },
  },

  /** That a key could not be revoked is counted and said. */
  'says-what-is-left': {
    onEnd(_, { step, ended, measured, warnings }) {
      const counted = measured.filter(([name]) => name === 'RevocationFailed').length;
      const said = warnings.filter((warning) => /could not be (revoked|scheduled|seen)/.test(warning)).length;
      const isFailure = step === 'revoke' && ended !== undefined && 'error' in ended;
      return counted === said || (isFailure && counted === said + 1)
        ? undefined
        : `${counted} failures are counted, and ${said} are said`;
    },
  },
};

/** Momento tells dates in whole seconds. */
const TOLERANCE_MS = 1000;

/** AWSPREVIOUS does not say that a version is in use: that depends on when. */
function isLabelled(snapshot: Snapshot | undefined, versionId: string): boolean {
  return snapshot?.stages[versionId]?.some((stage) => stage !== 'AWSPREVIOUS') ?? false;
}

function holderOf({ world }: Facts, snapshot: Snapshot, keyId: string): string | undefined {
  return Object.keys(snapshot.stages).find(
    (versionId) => isLabelled(snapshot, versionId) && world.standIns.keyIn(versionId)?.id === keyId,
  );
}

/** An operator made a key current that had been so before, and no successor was issued meanwhile. */
function wentUnseen({ reigns }: Facts, { keyId, isBegunByHand, isWitnessed, from }: Reign): boolean {
  const wasCurrentBefore = reigns.some((each) => each.keyId === keyId && each.from < from);
  return wasCurrentBefore && isBegunByHand && !isWitnessed;
}

/** To be called when a key is revoked. */
export function noteForgotten(facts: Facts, keyId: string): void {
  const named = namedBy(facts, keyId);
  if (named !== undefined && (facts.revoked.has(keyId) || isInUse(facts, named))) facts.forgotten.add(named);
}

/** The key of which nothing but that one's description tells. */
function namedBy({ predecessors, issuedBy }: Facts, keyId: string): string | undefined {
  const predecessor = predecessors.get(keyId);
  return predecessor === undefined || issuedBy.has(predecessor) ? undefined : predecessor;
}

/** A labelled version holds it, or it was current within the overlap. */
function isInUse(facts: Facts, keyId: string): boolean {
  const since = facts.world.simulation.now - OVERLAP_MS;
  const isRecent = facts.reigns.some((each) => each.keyId === keyId && (each.to ?? Number.POSITIVE_INFINITY) >= since);
  return isRecent || holderOf(facts, facts.last, keyId) !== undefined;
}

/** The v2 keys that were issued and never stored, by invocations that are over. */
export function orphansOf({ issuedBy, stored, world }: Facts): string[] {
  if (world.standIns.management === undefined) return [];
  return [...issuedBy].flatMap(([id, { ended, isDead }]) => (stored.has(id) || !(ended || isDead) ? [] : id));
}

/** The keys of this secret that are live, that nobody may hold any more, and that are not needed to name one that is in use. */
export function lingering(facts: Facts): string[] {
  const { world, issuedBy, superseded, forgotten } = facts;
  const { account } = world.standIns;
  return account.keys
    .all()
    .filter(({ id, v2, apiKey }) => v2 && (issuedBy.has(id) || superseded.has(id)) && account.keys.isValid(apiKey))
    .map(({ id }) => id)
    .filter((id) => !forgotten.has(id) && ![id, namedBy(facts, id)].some((each) => each && isInUse(facts, each)));
}
