/**
 * What one sandbox keeps in mind about the versions that it works on, from one step to the next. A step in another
 * sandbox finds it empty, and reads instead: that costs calls, and tells less about whose successor a version is.
 */
export interface Memory {
  of(secretId: string, versionId: string): VersionMemory;
}

export interface VersionMemory {
  /** The version that held `AWSCURRENT` when this one's credential was issued as its successor. */
  predecessor?: string;
  /** When the service let this version's credential in, in milliseconds since the epoch. */
  acceptedAt?: number;
  /** The version was seen to hold `AWSCURRENT`, or was given it. */
  wasCurrent?: boolean;
  /** Its credential is in a registry of the service. */
  isRegistered?: boolean;
}

/** More versions than one sandbox rotates at a time; the oldest is forgotten first. */
const CAPACITY = 200;

export function createMemory(): Memory {
  const versions = new Map<string, VersionMemory>();
  return {
    of(secretId, versionId) {
      const key = `${secretId} ${versionId}`;
      const known = versions.get(key);
      if (known !== undefined) return known;
      if (versions.size >= CAPACITY) versions.delete(versions.keys().next().value as string);
      const fresh: VersionMemory = {};
      versions.set(key, fresh);
      return fresh;
    },
  };
}
