import { createHash } from 'node:crypto';

/**
 * What stands in the description of an issued credential, for those who have to tell later what it is:
 * `[momento-key-rotation <name> <digest> <version> after <version> <date>]`, the name being the secret's, the digest that of its
 * ARN, the versions the one that it was issued for and the one that was current then, and the date, in milliseconds since the
 * epoch to the base 36, that of the last rotation then, or `-`. Behind that comes the id of the predecessor, if that one's own
 * description has no such marker.
 */
export interface Marker {
  versionId: string;
  /** The version that held `AWSCURRENT` when it was issued. */
  predecessor: string;
  /** `LastRotatedDate` when it was issued, in milliseconds since the epoch. */
  rotatedAt: number | undefined;
  /** The credential in that version, if it has no marker of its own. */
  unmarkedId?: string | undefined;
}

const MARKER = /\[momento-key-rotation ([^[\]]*)\]/g;

/** Assumed: that a register takes this many characters. */
const LONGEST_DESCRIPTION = 256;

/** For humans: the digest tells secrets apart. */
const LONGEST_NAME = 40;

/**
 * @param description the predecessor's
 * @param secretId the secret's ARN
 * @returns the description of a successor: the same, with a marker in the place of an older one
 */
export function markDescription(description: string, secretId: string, marker: Marker): string {
  const { versionId, predecessor, rotatedAt, unmarkedId = '' } = marker;
  const name = secretId.slice(secretId.lastIndexOf(':') + 1).slice(0, LONGEST_NAME);
  // A version that was put by hand may be called anything.
  const versions = [versionId, 'after', predecessor].map(encodeURIComponent);
  const date = rotatedAt?.toString(36) ?? '-';
  const words = [name, digest(secretId), ...versions, date, encodeURIComponent(unmarkedId)];
  const mark = `[momento-key-rotation ${words.join(' ').trim()}]`;
  const own = description.replace(MARKER, '').trim();
  const room = Math.max(0, LONGEST_DESCRIPTION - mark.length - 1);
  // Half of a pair is no text.
  return `${own.slice(0, room).replace(/[\uD800-\uDBFF]$/, '')} ${mark}`.trim();
}

/** @returns undefined: it was not issued for this secret */
export function readMarker(description: string, secretId: string): Marker | undefined {
  for (const [, text = ''] of description.matchAll(MARKER)) {
    const [, secret, versionId, , predecessor, date = '', unmarkedId] = text.split(' ').map(decode);
    if (secret !== digest(secretId) || versionId === undefined || predecessor === undefined) continue;
    const rotatedAt = Number.parseInt(date, 36);
    return { versionId, predecessor, rotatedAt: Number.isNaN(rotatedAt) ? undefined : rotatedAt, unmarkedId };
  }
  return undefined;
}

/** Whether it was issued for any secret. */
export const isMarked = (description: string): boolean => description.match(MARKER) !== null;

function decode(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

/** Of the ARN: secrets of the same name in other Regions and accounts may have keys in the same register. */
function digest(secretId: string): string {
  return createHash('sha256').update(secretId).digest('base64url').slice(0, 16);
}
