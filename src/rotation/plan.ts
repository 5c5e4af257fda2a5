import type { Credential, Entry } from './credential.ts';
import { isMarked, type Marker, readMarker } from './marker.ts';

/** A credential whose description says that it was issued for this secret. */
export interface Issued extends Marker {
  id: string;
  roleId: string | undefined;
  /** By the register's clock, which tells the order of its entries and nothing else. */
  issuedAt: number;
}

/** @param secretId the secret's ARN */
export function readIssued(entries: readonly Entry[], secretId: string): Issued[] {
  return entries.flatMap(({ id, roleId, description, issuedAt }) => {
    const marker = readMarker(description, secretId);
    return marker === undefined ? [] : [{ ...marker, id, roleId, issuedAt: issuedAt.getTime() }];
  });
}

/** Whether an entry says that it was issued for a secret, and not for this one. */
export function isAnotherSecrets(entry: Entry | undefined, secretId: string): boolean {
  return entry !== undefined && isMarked(entry.description) && readMarker(entry.description, secretId) === undefined;
}

/** A date may have been rounded where it was written down. */
const SAME_DATE_MS = 60_000;

/** Whether an entry may be that of the credential whose id it has: whoever wrote that down may have taken another's. */
export function isEntryOf(entry: Entry, { roleId, expiresAt }: Credential): boolean {
  const isSameRole = entry.roleId === undefined || entry.roleId === roleId;
  if (!isSameRole || entry.expiresAt === undefined || expiresAt === undefined) return isSameRole;
  return Math.abs(entry.expiresAt.getTime() - expiresAt.getTime()) < SAME_DATE_MS;
}

/** What a version holds. */
export interface Held {
  /** Undefined: something else than a credential that can be rotated. */
  credential: Credential | undefined;
  storedAt: Date | undefined;
}

/** What a secret and the register of its credentials were seen to hold. */
export interface Evidence {
  /** The secret's ARN. */
  secretId: string;
  entries: readonly Entry[];
  /** The id of the credential that uses the register. */
  adminId: string;
  /** Staging labels by version id. */
  stages: Readonly<Record<string, readonly string[]>>;
  /** What each version holds that has a label, or that a marker names. One that is not in here holds nothing. */
  holdings: ReadonlyMap<string, Held>;
  /** A credential that was stored by hand, and then succeeded, is treated as one that was issued for the secret. */
  revokesFirstKey: boolean;
}

/** A credential that can be revoked. */
export interface Due {
  id: string;
  /** The version that it was issued for, or stored in. */
  versionId: string;
  /** What has to be revoked before it, because nothing but its marker tells of that. */
  after?: string | undefined;
}

/** What is to become of the credentials of a secret, if none of its labels was moved within the overlap. */
export interface Plan {
  /** Their versions have no label any more. The oldest first. */
  superseded: readonly Due[];
  /** That of the version that holds `AWSPREVIOUS`, and no other label: the way back. */
  previous: readonly Due[];
  /** They were never stored, so that nobody ever had them: no overlap is to be waited for. */
  orphans: readonly Due[];
  /** Of those above, what the last two rotations should have revoked, unless they were within the overlap. */
  overdue: readonly Due[];
  /** When the current version was stored. Nothing that is superseded was current later. Undefined: nobody knows. */
  supersededSince: Date | undefined;
  /** Milliseconds, by the register's clock: the longer one of those from the last two rotations to those before them. */
  longestInterval: number;
  /** They were stored by hand, and succeeded since. */
  byHand: readonly Due[];
  /** The current credential was issued for another secret, whose it is. */
  isAnotherSecrets: boolean;
  /** Their descriptions say that they were issued for this secret, and nothing else does. */
  unproven: readonly { id: string }[];
}

/** An invocation of a Lambda function takes no longer, so that what it issued was issued so long after another one's at most. */
const LONGEST_INVOCATION_MS = 15 * 60_000;

/**
 * Decides from what was seen, and does nothing.
 *
 * Whose a credential is: its marker has to name this secret; and besides either the version that it names holds it (*stored*), or
 * (*orphan*) that version holds another one of ours, which is still listed, has the same role, and was issued later, or not longer
 * before it than an invocation may take; or it has neither a value nor a label, and such a one was issued by another attempt at the
 * same predecessor's succession within that time. And no other one has the same nonce, since one of the two would be a copy.
 * Anything else is not provably ours.
 *
 * When it is superseded: the version with `AWSPREVIOUS` is the one that was current when the current one was issued, as a rotation
 * leaves it; this one was issued, or its version stored, before the current one; and its version has no label any more, nor is
 * its id held by a version that has one. So it was not current when the current one was issued, nor since, unless somebody
 * moved labels and put them back exactly as they were.
 */
export function planRevocations(evidence: Evidence): Plan {
  const { secretId, entries, adminId, stages, holdings, revokesFirstKey } = evidence;
  const issued = readIssued(entries, secretId);
  const stored = issued.filter(isStored);
  const holderOf = (label: string) => Object.keys(stages).find((versionId) => stages[versionId]?.includes(label));
  const [currentVersion, previousVersion] = [holderOf('AWSCURRENT'), holderOf('AWSPREVIOUS')];
  const current = stored.find(({ versionId }) => versionId === currentVersion);
  const previous = stored.find(({ versionId }) => versionId === previousVersion);
  const third = stored.find(({ versionId }) => versionId === previous?.predecessor);
  const isAsRotated = current !== undefined && current.predecessor === previousVersion;

  const byHand = keysByHand();
  const revocableByHand = revokesFirstKey ? byHand.filter(({ isSurelyIt }) => isSurelyIt) : [];
  // Of the same second, what was stored by hand comes before what succeeded it.
  const candidates: (Due & { issuedAt: number })[] = [...revocableByHand, ...stored];
  const known = isAsRotated
    ? candidates.filter((each) => (isBefore(each, current) || wasStoredBefore(each, current)) && each.id !== adminId)
    : [];
  const released = known.filter((each) => isUnlabelled(each.versionId) && !isHeld(each.id, () => true)).sort(inOrder);
  const superseded = released
    .map((each) => ({ ...each, after: firstKeyOnlyToldBy(each) }))
    .filter(({ after }) => after === undefined || released.some(({ id }) => id === after));
  const notStored = issued.filter((each) => !isStored(each) && each.id !== adminId);
  const orphans = notStored.filter(isOrphan);

  return {
    superseded,
    previous: known.filter(
      ({ id, versionId }) =>
        versionId === previousVersion &&
        stages[versionId]?.length === 1 &&
        !isHeld(id, (labelled) => labelled !== previousVersion),
    ),
    orphans,
    overdue:
      third === undefined
        ? []
        : [
            ...superseded.filter((each) => each.versionId !== third.predecessor && isBefore(each, third)),
            ...orphans.filter((each) => isBefore(each, third)),
          ],
    supersededSince: holdings.get(currentVersion ?? '')?.storedAt,
    longestInterval: Math.max(between(previous, current), between(third, previous)),
    byHand: byHand.filter((each) => !revocableByHand.includes(each)),
    isAnotherSecrets: isAnotherSecrets(entryIn(currentVersion), secretId),
    unproven: notStored.filter((each) => !orphans.includes(each) && isSettled(each)),
  };

  function isStored({ id, versionId }: Issued): boolean {
    return holdings.get(versionId)?.credential?.id === id;
  }

  function isUnlabelled(versionId: string): boolean {
    return (stages[versionId] ?? []).length === 0;
  }

  /** AWS's dates tell more than the register's, which may be of whole seconds. */
  function wasStoredBefore(one: Due, other: Due): boolean {
    const [first, second] = [one, other].map(({ versionId }) => holdings.get(versionId)?.storedAt?.getTime());
    return Number(first) < Number(second);
  }

  /** The id of the one that was stored by hand before it, and of which nothing that stays tells but its marker. */
  function firstKeyOnlyToldBy({ id }: Due): string | undefined {
    const predecessor = stored.find((each) => each.id === id)?.predecessor;
    const isToldByOthers = stored.some((each) => each.predecessor === predecessor && !isUnlabelled(each.versionId));
    if (isToldByOthers) return undefined;
    return revocableByHand.find(({ versionId }) => versionId === predecessor)?.id;
  }

  function isHeld(id: string, byVersion: (versionId: string) => boolean): boolean {
    return [...holdings].some(
      ([version, { credential }]) => credential?.id === id && !isUnlabelled(version) && byVersion(version),
    );
  }

  function entryIn(versionId = ''): Entry | undefined {
    const held = holdings.get(versionId)?.credential;
    return held && entries.find((entry) => entry.id === held.id && isEntryOf(entry, held));
  }

  /** A version is immutable: what holds something else will never hold it. */
  function isSettled({ versionId }: Issued): boolean {
    return holdings.has(versionId) || isUnlabelled(versionId);
  }

  function isOrphan(key: Issued): boolean {
    // Once the original is gone, nothing tells a copy from it: so neither is ours while there are both.
    const isAlone = issued.every((other) => other === key || other.nonce !== key.nonce);
    const isEmpty = !holdings.has(key.versionId);
    const wasIssuedInTime = stored.some(({ versionId, predecessor, roleId, issuedAt }) => {
      const isOfSameAttempts = isEmpty ? key.issuedAt >= issuedAt - LONGEST_INVOCATION_MS : versionId === key.versionId;
      const isInTime = isOfSameAttempts && key.issuedAt <= issuedAt + LONGEST_INVOCATION_MS;
      return isInTime && predecessor === key.predecessor && roleId === key.roleId;
    });
    return isSettled(key) && isAlone && wasIssuedInTime && !isHeld(key.id, () => true);
  }

  function keysByHand(): (Due & { issuedAt: number; isSurelyIt: boolean })[] {
    const predecessors = new Set(stored.map(({ predecessor }) => predecessor));
    return [...predecessors].flatMap((versionId) => {
      const entry = entryIn(versionId);
      if (entry === undefined || isMarked(entry.description) || entry.id === adminId) return [];
      // Whoever leaves the expiry out of the value could name a key with any.
      const expires = holdings.get(versionId)?.credential?.expiresAt !== undefined;
      const isSurelyIt = expires === (entry.expiresAt !== undefined);
      return [{ id: entry.id, versionId, issuedAt: entry.issuedAt.getTime(), isSurelyIt }];
    });
  }
}

type Dated = { issuedAt: number };
const isBefore = (one: Dated, other: Dated): boolean => one.issuedAt < other.issuedAt;
const between = (one?: Dated, other?: Dated): number => (one && other ? other.issuedAt - one.issuedAt : 0);
const inOrder = (one: Dated, other: Dated): number => one.issuedAt - other.issuedAt;
