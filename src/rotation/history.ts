import type { Entry } from './credential.ts';
import { type Marker, readMarker } from './marker.ts';
import { holderOf, type SecretDescription } from './secret-store.ts';

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
 * Which versions of a secret were current, as far as its register and its description tell. Secrets Manager itself keeps no
 * record of when a label was moved.
 *
 *  - A credential's marker names the version that was current when it was issued.
 *  - It also names the date of the rotation that was completed last before, as the description does for the last one of all.
 *    The version that was issued last until then was current.
 *  - A rotation leaves its version current, and the one that was current when it was issued as the one before. Where it is not
 *    so, or was not when a credential was issued, somebody else moved labels, and nothing tells when.
 */
export interface History {
  /**
   * A moment, in milliseconds since the epoch, from which on a version is not known to have been current: the end of the
   * rotation that superseded it, or later. Undefined: there is none.
   */
  supersededBy(versionId: string): number | undefined;
}

const NEVER = Number.NEGATIVE_INFINITY;

/** A moment at which a version is known to have held `AWSCURRENT`. */
interface Sighting {
  at: number;
  current: string;
}

/** @param issued the oldest first */
export function readHistory(issued: readonly Issued[], seen: SecretDescription): History {
  const completions = [...issued.map(({ rotatedAt }) => rotatedAt), seen.lastRotatedAt?.getTime()].flatMap((at) =>
    completionAt(at, issued),
  );
  const sightings = [
    ...issued.map(({ issuedAt, predecessor }) => ({ at: issuedAt, current: predecessor })),
    ...completions,
  ];
  const holder = holderOf(seen, 'AWSCURRENT');
  const latestHolder = issued.findLast(({ versionId }) => versionId === holder);
  const isAsRotated = latestHolder !== undefined && latestHolder.predecessor === holderOf(seen, 'AWSPREVIOUS');
  const disturbedUntil = latest(
    issued.filter(wasIssuedAfterAnother).map(({ versionId, issuedAt }) => {
      const completion = completions.find(({ at, current }) => current === versionId && at > issuedAt);
      return completion?.at ?? issuedAt;
    }),
  );

  return {
    supersededBy(versionId) {
      const from = latest([
        ...issued.filter((each) => each.versionId === versionId).map(({ issuedAt }) => issuedAt),
        ...sightings.filter(({ current }) => current === versionId).map(({ at }) => at),
      ]);
      const others = sightings.filter(({ at, current }) => current !== versionId && at > from);
      if (!isAsRotated || from === NEVER || others.length === 0) return undefined;
      return Math.max(disturbedUntil, Math.min(...others.map(({ at }) => at)));
    },
  };
}

/** The version that was current when a rotation was completed. */
function completionAt(at: number | undefined, issued: readonly Issued[]): Sighting[] {
  if (at === undefined) return [];
  // Whoever issued a credential and knew of that date did it afterwards, whatever the clocks say.
  const later = issued.findIndex(({ rotatedAt = NEVER }) => rotatedAt >= at);
  const completed = issued.slice(0, later < 0 ? undefined : later).findLast(({ issuedAt }) => issuedAt <= at);
  // The dates may be of whole seconds, and the same; but a rotation is completed after its credential was issued.
  return completed === undefined ? [] : [{ at: at + 1, current: completed.versionId }];
}

/** Not after the version of the credential before it, nor, that one having been given up, after the same as that. */
function wasIssuedAfterAnother({ predecessor }: Issued, index: number, issued: readonly Issued[]): boolean {
  const before = issued[index - 1];
  return before !== undefined && predecessor !== before.versionId && predecessor !== before.predecessor;
}

const latest = (moments: readonly number[]): number => Math.max(NEVER, ...moments);
