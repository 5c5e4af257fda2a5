import type { IssueRequest } from '../revocation/registry.ts';

const DAY_SECONDS = 86_400;

/** What a lifetime is rounded to, in seconds: the longest of which it has a hundred. */
const UNITS = [3600, 600, 60, 10, 1];

/**
 * When a successor is to expire, an epoch in seconds: after the lifetime that is configured, else after as long as its
 * predecessor lives. Where nobody tells when that one was issued, it is taken to have been when it was stored.
 *
 * A predecessor's lifetime is rounded: its dates come from two clocks, with a request between them, and what is lost would
 * be lost once more with each rotation.
 *
 * @param days `MOMENTO_KEY_LIFETIME_DAYS`
 * @param validUntil what the secret says of its key
 * @returns undefined: never, as its predecessor
 */
export function expiryOf(
  { now, predecessor, storedAt }: IssueRequest,
  days: number | undefined,
  validUntil: Date | undefined,
): number | undefined {
  const nowSeconds = Math.floor(now.getTime() / 1000);
  if (days !== undefined) return nowSeconds + days * DAY_SECONDS;
  const expiresAt = predecessor?.expiresAt ?? validUntil;
  if (expiresAt === undefined) return undefined;
  const issuedAt = predecessor?.issuedAt ?? storedAt ?? now;
  return nowSeconds + rounded((expiresAt.getTime() - issuedAt.getTime()) / 1000);
}

function rounded(seconds: number): number {
  const unit = UNITS.find((each) => seconds >= 100 * each) ?? 1;
  return Math.round(seconds / unit) * unit;
}
