import { holderOf, type SecretDescription } from '../rotation/secret-store.ts';
import { isMarked, type Marker, readMarker } from './marker.ts';
import type { Identity, KeyRecord, RevocationPolicy } from './registry.ts';

/** A credential whose description says that it was issued for this secret. */
interface MarkedKey extends Marker {
  id: string;
  roleId: string | undefined;
  /** By the registry's clock, which tells the order of its records and nothing else. */
  issuedAt: number;
}

export function readIssued(records: readonly KeyRecord[], secretArn: string): MarkedKey[] {
  return records.flatMap(({ id, roleId, description, issuedAt }) => {
    const marker = readMarker(description, secretArn);
    return marker === undefined ? [] : [{ ...marker, id, roleId, issuedAt: issuedAt.getTime() }];
  });
}

/** Whether a record says that it was issued for a secret, and not for this one. */
export function isAnotherSecrets(record: KeyRecord | undefined, secretArn: string): boolean {
  return (
    record !== undefined && isMarked(record.description) && readMarker(record.description, secretArn) === undefined
  );
}

/** A date may have been rounded where it was written down. */
const SAME_DATE_MS = 60_000;

/** Whether a record may be that of the credential whose id it has: whoever wrote that down may have taken another's. */
export function isRecordOf(record: KeyRecord, { roleId, expiresAt }: Identity): boolean {
  const isSameRole = record.roleId === undefined || record.roleId === roleId;
  if (!isSameRole || record.expiresAt === undefined || expiresAt === undefined) return isSameRole;
  return Math.abs(record.expiresAt.getTime() - expiresAt.getTime()) < SAME_DATE_MS;
}

/** What a version holds. */
export interface Held {
  /** Undefined: something else than a credential. */
  credential: Identity | undefined;
  storedAt: Date | undefined;
}

/** What a secret and the registry of its credentials were seen to hold. */
export interface Evidence extends Pick<RevocationPolicy, 'overlapMs' | 'revokesFirstKey'> {
  records: readonly KeyRecord[];
  /** The id of the credential that uses the registry. */
  adminId: string;
  /** The labels to go by, and the dates. At the end of a rotation they are those from before the promotion. */
  secret: Pick<SecretDescription, 'arn' | 'stages' | 'lastRotatedAt' | 'lastChangedAt'>;
  /** What each version holds that has a label, or that a marker names. One that is not in here holds nothing. */
  holdings: ReadonlyMap<string, Held>;
}

/** A credential that can be revoked. */
export interface Due {
  id: string;
  /** The version that it was issued for, or stored in. */
  versionId: string;
  /** What has to be revoked before it, because nothing but its marker tells of that. */
  revokeAfter?: string | undefined;
}

/** What is due from a moment on, in milliseconds since the epoch. Where nobody knows when, that is NaN, and it is never due. */
interface DueFrom {
  keys: readonly Due[];
  from: number;
}

/** What is to become of the credentials of a secret, if none of its labels was moved within the overlap. */
export interface Plan {
  /** They were never stored, so that nobody ever had them: no overlap is to be waited for. */
  orphans: readonly Due[];
  /**
   * At the end of a rotation: those whose versions have no label any more, the oldest first. Their overlap is counted from the end of
   * the rotation before, and from when the version was stored that was current then: a rotation whose end was never seen has no date.
   */
  afterRotation: DueFrom;
  /**
   * By the clock: the same, and that of the version that holds `AWSPREVIOUS` and no other label. The overlap is counted from the last
   * change of anything about the secret, which sees every move of a label.
   */
  byClock: DueFrom;
  /** What the last two rotations should have revoked, unless they were within the overlap. */
  overdue: readonly Due[];
  /** They were not. */
  isOverdueSure: boolean;
  /** They were stored by hand, and succeeded since. */
  byHand: readonly Due[];
  /** The current credential was issued for another secret, whose it is. */
  isAnotherSecrets: boolean;
  /** Their descriptions say that they were issued for this secret, and nothing else does. */
  unproven: readonly { id: string }[];
}

/** How long a rotation may take. */
const ROTATION_MS = 600_000;

/** An invocation of a Lambda function takes no longer, so that what it issued was issued so long after another one's at most. */
const LONGEST_INVOCATION_MS = 15 * 60_000;

/**
 * Decides from what was seen, and does nothing.
 *
 * Whose a credential is: its marker has to name this secret, and besides one of these has to be so.
 *
 *  - *Stored*: the version that the marker names holds it.
 *  - *Orphan*: that version holds another one of ours, which is still listed, has the same role, and was issued later, or not longer
 *    before it than an invocation may take; or it has neither a value nor a label, and such a one was issued by another attempt at the
 *    same predecessor's succession within that time. No other one may have the same nonce, since one of the two would be a copy.
 *  - *By hand*: it was current, its successor is stored, and somebody opted in to its revocation.
 *
 * Anything else is not provably ours, and the credential that uses the registry stays in any case.
 *
 * When it is superseded: the version with `AWSPREVIOUS` is the one that was current when the current one was issued, as a rotation
 * leaves it; this one was issued, or its version stored, before the current one; and its version has no label any more (by the clock
 * `AWSPREVIOUS` does not count), nor is its id held by a version that has one. So it was not current when the current one was issued, nor
 * since, unless somebody moved labels and put them back exactly as they were.
 */
export function planRevocations(evidence: Evidence): Plan {
  const { records, adminId, secret, holdings, revokesFirstKey, overlapMs } = evidence;
  const { arn, stages } = secret;
  const issued = readIssued(records, arn);
  const stored = issued.filter(isStored);
  const [currentVersion, previousVersion] = [holderOf(secret, 'AWSCURRENT'), holderOf(secret, 'AWSPREVIOUS')];
  const current = stored.find(({ versionId }) => versionId === currentVersion);
  const previous = stored.find(({ versionId }) => versionId === previousVersion);
  const beforePrevious = stored.find(({ versionId }) => versionId === previous?.predecessor);
  const isAsRotated = current !== undefined && current.predecessor === previousVersion;

  const byHand = keysByHand();
  const revocableByHand = revokesFirstKey ? byHand.filter(({ isSurelyIt }) => isSurelyIt) : [];
  // Of the same second, what was stored by hand comes before what succeeded it.
  const candidates: (Due & { issuedAt: number })[] = [...revocableByHand, ...stored];
  const succeeded = isAsRotated
    ? candidates
        .filter((each) => (isBefore(each, current) || wasStoredBefore(each, current)) && each.id !== adminId)
        .sort(inOrder)
    : [];
  const labelled = [...holdings.keys()].filter((versionId) => !isUnlabelled(versionId));
  const inUseByClock = labelled.filter((versionId) => versionId !== previousVersion || stages[versionId]?.length !== 1);
  const superseded = afterWhatTheyTellOf(succeeded.filter(({ id }) => !isHeld(id, labelled)));
  const notStored = issued.filter((each) => !isStored(each) && each.id !== adminId);
  const orphans = notStored.filter(isOrphan);

  const overdue =
    beforePrevious === undefined
      ? []
      : [
          ...superseded.filter(
            (each) => each.versionId !== beforePrevious.predecessor && isBefore(each, beforePrevious),
          ),
          ...orphans.filter((each) => isBefore(each, beforePrevious)),
        ];
  const supersededSince = holdings.get(currentVersion ?? '')?.storedAt;

  return {
    orphans,
    afterRotation: {
      keys: superseded,
      from: Math.max(time(secret.lastRotatedAt), time(supersededSince)) + overlapMs,
    },
    byClock: {
      keys: afterWhatTheyTellOf(succeeded.filter(({ id }) => !isHeld(id, inUseByClock))),
      from: time(secret.lastChangedAt) + overlapMs,
    },
    overdue,
    isOverdueSure: Math.max(between(previous, current), between(beforePrevious, previous)) >= overlapMs + ROTATION_MS,
    byHand: byHand.filter((each) => !revocableByHand.includes(each)),
    isAnotherSecrets: isAnotherSecrets(recordIn(currentVersion), arn),
    unproven: notStored.filter((each) => !orphans.includes(each) && isSettled(each)),
  };

  function isStored({ id, versionId }: MarkedKey): boolean {
    return holdings.get(versionId)?.credential?.id === id;
  }

  function isUnlabelled(versionId: string): boolean {
    return (stages[versionId] ?? []).length === 0;
  }

  /** AWS's dates tell more than the registry's, which may be of whole seconds. */
  function wasStoredBefore(one: Due, other: Due): boolean {
    const [first, second] = [one, other].map(({ versionId }) => time(holdings.get(versionId)?.storedAt));
    return Number(first) < Number(second);
  }

  /** What tells of a first key goes after it; and not at all, as long as that one stays. */
  function afterWhatTheyTellOf<T extends Due>(keys: readonly T[]): (T & Due)[] {
    return keys
      .map((each) => ({ ...each, revokeAfter: firstKeyOnlyToldBy(each) }))
      .filter(({ revokeAfter }) => revokeAfter === undefined || keys.some(({ id }) => id === revokeAfter));
  }

  /** The id of the one that was stored by hand before it, and of which nothing that stays tells but its marker. */
  function firstKeyOnlyToldBy({ id }: Due): string | undefined {
    const predecessor = stored.find((each) => each.id === id)?.predecessor;
    const isToldByOthers = stored.some(
      (each) => each.id !== id && each.predecessor === predecessor && !isUnlabelled(each.versionId),
    );
    if (isToldByOthers) return undefined;
    return revocableByHand.find(({ versionId }) => versionId === predecessor)?.id;
  }

  function isHeld(id: string, versions: readonly string[]): boolean {
    return versions.some((versionId) => holdings.get(versionId)?.credential?.id === id);
  }

  function recordIn(versionId = ''): KeyRecord | undefined {
    const held = holdings.get(versionId)?.credential;
    return held && records.find((record) => record.id === held.id && isRecordOf(record, held));
  }

  /** A version is immutable: what holds something else will never hold it. */
  function isSettled({ versionId }: MarkedKey): boolean {
    return holdings.has(versionId) || isUnlabelled(versionId);
  }

  function isOrphan(key: MarkedKey): boolean {
    // Once the original is gone, nothing tells a copy from it: so neither is ours while there are both.
    const isAlone = issued.every((other) => other === key || other.nonce !== key.nonce);
    const isEmpty = !holdings.has(key.versionId);
    const wasIssuedInTime = stored.some(({ versionId, predecessor, roleId, issuedAt }) => {
      const isOfSameAttempts = isEmpty ? key.issuedAt >= issuedAt - LONGEST_INVOCATION_MS : versionId === key.versionId;
      const isInTime = isOfSameAttempts && key.issuedAt <= issuedAt + LONGEST_INVOCATION_MS;
      return isInTime && predecessor === key.predecessor && roleId === key.roleId;
    });
    return isSettled(key) && isAlone && wasIssuedInTime && !isHeld(key.id, labelled);
  }

  function keysByHand(): (Due & { issuedAt: number; isSurelyIt: boolean })[] {
    const predecessors = new Set(stored.map(({ predecessor }) => predecessor));
    return [...predecessors].flatMap((versionId) => {
      const record = recordIn(versionId);
      if (record === undefined || isMarked(record.description) || record.id === adminId) return [];
      // Whoever leaves the expiry out of the value could name a key with any.
      const expires = holdings.get(versionId)?.credential?.expiresAt !== undefined;
      const isSurelyIt = expires === (record.expiresAt !== undefined);
      return [{ id: record.id, versionId, issuedAt: record.issuedAt.getTime(), isSurelyIt }];
    });
  }
}

type Dated = { issuedAt: number };
const isBefore = (one: Dated, other: Dated): boolean => one.issuedAt < other.issuedAt;
const between = (one?: Dated, other?: Dated): number => (one && other ? other.issuedAt - one.issuedAt : 0);
const inOrder = (one: Dated, other: Dated): number => one.issuedAt - other.issuedAt;
/** NaN where there is none: it is neither before nor after anything. */
const time = (date: Date | undefined): number => date?.getTime() ?? Number.NaN;
