import type { Entry } from './credential.ts';
import { type Marker, readMarker } from './marker.ts';

/** A credential that was issued for a version of the secret. */
export interface Issued extends Marker {
  id: string;
  /** Milliseconds since the epoch. */
  issuedAt: number;
}

const NEVER = Number.NEGATIVE_INFINITY;

/** A moment at which a version is known to have held `AWSCURRENT`. */
interface Sighting {
  at: number;
  current: string;
}

/**
 * Which versions of a secret were current, as far as its register and the date of its last rotation tell. Secrets Manager
 * itself keeps no record of when a label was moved.
 *
 *  - A credential's marker names the version that was current when it was issued.
 *  - When a rotation was completed, the version that was issued last until then was current.
 */
export interface History {
  /** The credentials of this secret, the oldest first. */
  issued: readonly Issued[];
  /**
   * A moment, in milliseconds since the epoch, from which on a version is not known to have been current. It is later than the
   * moment at which it was superseded, by as much as a day where rotations are a day apart. Undefined: there is none.
   */
  supersededBy(versionId: string): number | undefined;
  /** No rotation to the version was completed, and nothing was issued while it was current. */
  wasNeverCurrent(versionId: string): boolean;
}

/**
 * @param secretId the secret's ARN
 * @param lastRotatedAt `LastRotatedDate`
 */
export function readHistory(entries: readonly Entry[], secretId: string, lastRotatedAt: Date | undefined): History {
  const issued = entries
    .flatMap(({ id, description, issuedAt }) => {
      const marker = readMarker(description, secretId);
      return marker === undefined ? [] : [{ ...marker, id, issuedAt: issuedAt.getTime() }];
    })
    .sort((a, b) => a.issuedAt - b.issuedAt);
  const completedAt = lastRotatedAt?.getTime() ?? NEVER;
  const completed = issued.findLast(({ issuedAt }) => issuedAt <= completedAt);
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

  return {
    issued,
    supersededBy(versionId) {
      const from = Math.max(lastIssued(versionId), lastSeen(versionId));
      const others = sightings.filter(({ at, current }) => current !== versionId && at > from);
      return from === NEVER || others.length === 0 ? undefined : Math.min(...others.map(({ at }) => at));
    },
    wasNeverCurrent(versionId) {
      return lastIssued(versionId) > completedAt && lastSeen(versionId) === NEVER;
    },
  };
}

function latest<K extends string>(events: readonly Record<K, number>[], date: K): number {
  return Math.max(NEVER, ...events.map((event) => event[date]));
}
