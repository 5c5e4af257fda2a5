import type { Order } from '../rotation/credential.ts';

const DAY_SECONDS = 86_400;

/**
 * When a successor is to expire, an epoch in seconds: after the lifetime that is configured, else after as long as its
 * predecessor lives. Where nobody tells when that one was issued, it is taken to have been when it was stored.
 *
 * @param days `MOMENTO_KEY_LIFETIME_DAYS`
 * @param validUntil what the secret says of its key
 * @returns undefined: never, as its predecessor
 */
export function expiryOf(
  { now, predecessor, storedAt }: Order,
  days: number | undefined,
  validUntil: Date | undefined,
): number | undefined {
  const nowSeconds = Math.floor(now.getTime() / 1000);
  if (days !== undefined) return nowSeconds + days * DAY_SECONDS;
  const expiresAt = predecessor?.expiresAt ?? validUntil;
  if (expiresAt === undefined) return undefined;
  const issuedAt = predecessor?.issuedAt ?? storedAt ?? now;
  return nowSeconds + Math.round((expiresAt.getTime() - issuedAt.getTime()) / 1000);
}
