import type { Entry } from './credential.ts';
import { type Marker, readMarker } from './marker.ts';
import { holderOf, isStaged, type SecretDescription } from './secret-store.ts';

/** A credential that was issued for a version of the secret. */
export interface Issued extends Marker {
  id: string;
  /** Milliseconds since the epoch. */
  issuedAt: number;
}

/**
 * The credentials that were issued for a secret, the oldest first.
 *
 * @param secretId the secret's ARN
 */
export function readIssued(entries: readonly Entry[], secretId: string): Issued[] {
  return entries
    .flatMap(({ id, description, issuedAt }) => {
      const marker = readMarker(description, secretId);
      return marker === undefined ? [] : [{ ...marker, id, issuedAt: issuedAt.getTime() }];
    })
    .sort((a, b) => a.issuedAt - b.issuedAt);
}

/**
 * Which versions of a secret were current, as far as its register, its labels and the date of its last rotation tell. Secrets
 * Manager itself keeps no record of when a label was moved.
 *
 *  - A credential's marker names the version that was current when it was issued.
 *  - When a rotation was completed, the version that was issued last until then was current.
 *  - A rotation leaves its version current, and the one that was current when it was issued as the one before. Where it is not
 *    so, or was not when a credential was issued, somebody else moved labels, and nothing tells when.
 */
export interface History {
  /**
   * A moment, in milliseconds since the epoch, from which on a version is not known to have been current. It is later than the
   * moment at which it was superseded, by as much as a day where rotations are a day apart. Undefined: there is none.
   */
  supersededBy(versionId: string): number | undefined;
  /** No rotation to the version was completed, and nothing was issued while it was current. */
  wasNeverCurrent(versionId: string): boolean;
}

const NEVER = Number.NEGATIVE_INFINITY;

/** A moment at which a version is known to have held `AWSCURRENT`. */
interface Sighting {
  at: number;
  current: string;
}

/** @param issued the oldest first */
export function readHistory(issued: readonly Issued[], seen: SecretDescription): History {
  const completedAt = seen.lastRotatedAt?.getTime() ?? NEVER;
  const isUnderWay = (versionId: string) =>
    isStaged(seen, versionId, 'AWSPENDING') && !isStaged(seen, versionId, 'AWSCURRENT');
  const completed = issued.findLast(({ issuedAt, versionId }) => issuedAt <= completedAt && !isUnderWay(versionId));
  const sightings: Sighting[] = [
    ...issued.map(({ issuedAt, predecessor }) => ({ at: issuedAt, current: predecessor })),
    // The dates may be of whole seconds, and the same; but a rotation is completed after its credential was issued.
    ...(completed === undefined ? [] : [{ at: completedAt + 1, current: completed.versionId }]),
  ];
  const lastIssued = (versionId: string) =>
    latest(
      issued.filter((each) => each.versionId === versionId),
      'issuedAt',
    );
  const lastSeen = (versionId: string) =>
    latest(
      sightings.filter(({ current }) => current === versionId),
      'at',
    );
  const latestHolder = issued.findLast(({ versionId }) => versionId === holderOf(seen, 'AWSCURRENT'));
  const isAsRotated = latestHolder !== undefined && latestHolder.predecessor === holderOf(seen, 'AWSPREVIOUS');
  const disturbedAt = latest(issued.filter(wasIssuedAfterAnother), 'issuedAt');

  return {
    supersededBy(versionId) {
      const from = Math.max(lastIssued(versionId), lastSeen(versionId));
      const others = sightings.filter(({ at, current }) => current !== versionId && at > from);
      if (!isAsRotated || from === NEVER || others.length === 0) return undefined;
      return Math.max(disturbedAt, Math.min(...others.map(({ at }) => at)));
    },
    wasNeverCurrent(versionId) {
      if (!isAsRotated || seen.lastRotatedAt === undefined) return false;
      return lastIssued(versionId) > Math.max(completedAt, disturbedAt) && lastSeen(versionId) === NEVER;
    },
  };
}

/** Not after the version of the credential before it, nor, that one having been given up, after the same as that. */
function wasIssuedAfterAnother({ predecessor }: Issued, index: number, issued: readonly Issued[]): boolean {
  const before = issued[index - 1];
  return before !== undefined && predecessor !== before.versionId && predecessor !== before.predecessor;
}

function latest<K extends string>(events: readonly Record<K, number>[], date: K): number {
  return Math.max(NEVER, ...events.map((event) => event[date]));
}
