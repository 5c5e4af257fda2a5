import { createHash, randomBytes } from 'node:crypto';

/**
 * What stands in the description of an issued credential, for those who have to tell later what it is:
 * `[momento-key-rotation <secret> <version> <predecessor> <nonce>]`. It is as short as it can be, since it is not documented how
 * much a registry takes: the secret is a digest of its ARN, and a version whose id is a UUID takes 22 characters.
 *
 * A marker proves nothing by itself: whoever can read a description can copy it.
 */
export interface Marker {
  /** The version that it was issued for. */
  versionId: string;
  /** The version that held `AWSCURRENT` when it was issued. */
  predecessor: string;
  /** Another one in each request to issue a credential, of which there can only be one that has it. */
  nonce: string;
}

const MARKER = /\[momento-key-rotation ([^[\]]*)\]/g;

const WHOLE_MARKER = /\[momento-key-rotation [\w-]{12} \S+ \S+ \S+\]/;

/** Assumed: that a registry takes this many characters. */
const LONGEST_DESCRIPTION = 256;

/** 4 bytes: it has to differ among the few credentials that a version was issued for. */
export const newNonce = (): string => randomBytes(4).toString('base64url');

/** @param secretId the secret's ARN */
export function writeMarker(secretId: string, { versionId, predecessor, nonce }: Marker): string {
  return `[momento-key-rotation ${[digest(secretId), pack(versionId), pack(predecessor), nonce].join(' ')}]`;
}

/**
 * The description of a successor: that of its predecessor, as far as there is room, with a marker in the place of an older one.
 */
export function describeSuccessor(description: string, marker: string): string {
  const own = description.replace(MARKER, '').trim();
  const room = Math.max(0, LONGEST_DESCRIPTION - marker.length - 1);
  // Half of a pair is no text.
  return `${own.slice(0, room).replace(/[\uD800-\uDBFF]$/, '')} ${marker}`.trim();
}

/**
 * @param secretId the secret's ARN
 * @returns undefined: it says nothing of having been issued for this secret
 */
export function readMarker(description: string, secretId: string): Marker | undefined {
  for (const [, text = ''] of description.matchAll(MARKER)) {
    const [secret, version, before, nonce] = text.split(' ');
    const [versionId, predecessor] = [unpack(version), unpack(before)];
    if (secret !== digest(secretId) || !versionId || !predecessor || !nonce) continue;
    return { versionId, predecessor, nonce };
  }
  return undefined;
}

/** Whether it says of itself that it was issued for a secret, whichever that is. (Earlier builds wrote something else.) */
export const isMarked = (description: string): boolean => WHOLE_MARKER.test(description);

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

/** A version that was put by hand may be called anything. */
function pack(versionId: string): string {
  if (UUID.test(versionId)) return Buffer.from(versionId.replaceAll('-', ''), 'hex').toString('base64url');
  return /^[\w-]+$/.test(versionId) ? `.${versionId}` : `~${Buffer.from(versionId).toString('base64url')}`;
}

function unpack(packed = ''): string {
  if (packed.startsWith('.')) return packed.slice(1);
  if (packed.startsWith('~')) return Buffer.from(packed.slice(1), 'base64url').toString();
  const hex = Buffer.from(packed, 'base64url').toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Of the ARN: secrets of the same name in other Regions and accounts may have keys in the same registry. */
function digest(secretId: string): string {
  return createHash('sha256').update(secretId).digest('base64url').slice(0, 12);
}
