import { InvalidValueError } from '../rotation/errors.ts';
import { type ApiKey, readApiKey } from './api-key.ts';
import { type LegacyApiKey, looksLikeApiKey, readLegacyApiKey } from './encoded-key.ts';
import { keyFields, parseFields } from './fields.ts';

/** What an application takes from a secret. Sensitive. */
export interface KeyInSecret {
  apiKey: ApiKey | LegacyApiKey;
  /** When Momento stops accepting the key. Undefined: never, or the secret does not say. */
  expiresAt: Date | undefined;
}

const SHAPES =
  '{"apiKey": …, "refreshToken": …, "validUntil": …}, {"apiKey": …, "endpoint": …} for a v2 key, or a v1 or legacy key alone';

/**
 * Reads the API key in a secret's value, in all shapes that an application can use: v1 as `apiKey` or, the older name, `authToken`;
 * v2 as `apiKey` beside `endpoint`; and a v1 key alone; a legacy key as v1. It asks for less than {@link readSecretValue}, which rotation
 * needs: an application has no use for a refresh token, and goes on without an expiry that it cannot read.
 *
 * @param secretString undefined for a binary secret
 * @throws InvalidValueError when there is no key in it. The message names the field, never its value.
 */
export function readKeyInSecret(secretString: string | undefined): KeyInSecret {
  if (secretString === undefined) {
    throw new InvalidValueError('It is binary. Store it as a string, with --secret-string.');
  }
  const text = secretString.trim();
  const legacyAlone = readLegacyApiKey(text);
  if (legacyAlone) return { apiKey: legacyAlone, expiresAt: undefined };
  if (looksLikeApiKey(text)) return { apiKey: readApiKey(text, 'apiKey'), expiresAt: undefined };

  const fields = parseFields(text, SHAPES);
  const { encoded, field } = keyFields(fields, SHAPES);
  const apiKey = readLegacyApiKey(encoded) ?? readApiKey(encoded, field, fields.get('endpoint'));
  return { apiKey, expiresAt: readExpiry(fields.get('validUntil')) };
}

/** Epoch in seconds, as a number or a string. */
function readExpiry(validUntil: unknown): Date | undefined {
  const isDigits = typeof validUntil === 'string' && /^\d+$/.test(validUntil);
  const date = new Date((isDigits ? Number(validUntil) : typeof validUntil === 'number' ? validUntil : 0) * 1000);
  // A key that never expires has none, or 0 (`ExpiresAt` of `@gomomento/sdk-core`).
  return date.getTime() > 0 ? date : undefined;
}
