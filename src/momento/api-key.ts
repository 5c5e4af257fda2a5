import { CredentialProvider } from '@gomomento/sdk';
import { InvalidValueError } from '../rotation/errors.ts';

/** A v1 API key, as Momento's console and SDK hand it out. Sensitive. */
export interface ApiKey {
  /** base64 of `{"endpoint", "api_key"}`. */
  encoded: string;
  /** Where the key's account lives: `cell-….momentohq.com`. */
  endpoint: string;
}

/**
 * Reads an API key.
 *
 * @param field the field it stands in, for the message
 * @throws InvalidValueError when it is no v1 key
 */
export function readApiKey(encoded: string, field: string): ApiKey {
  if (isV2ApiKey(encoded)) {
    throw new InvalidValueError(
      `Field "${field}" is a v2 API key, which has no refresh token. Use a v1 key with an expiry, generated with a refresh token.`,
    );
  }
  const endpoint = decode(encoded);
  if (endpoint === undefined) {
    throw new InvalidValueError(
      `Field "${field}" is not a Momento API key (base64 of {"endpoint", "api_key"}). Copy the key again, whole.`,
    );
  }
  return { encoded, endpoint };
}

/** Whether a text is a Momento API key that stands by itself, of either version. */
export function looksLikeApiKey(text: string): boolean {
  return isV2ApiKey(text) || decode(text) !== undefined;
}

/**
 * How the SDK reaches the account of a key: over TLS at the hosts that it derives from the key's endpoint, except that
 * an endpoint on this machine, with a port, stands for all of Momento's hosts, in plaintext.
 */
export function credentialProvider({ encoded, endpoint }: ApiKey): CredentialProvider {
  const local = /^(localhost|127\.0\.0\.1|\[::1\]):\d{1,5}$/.test(endpoint);
  if (!local) return CredentialProvider.fromString({ apiKey: encoded });
  return CredentialProvider.fromString({
    apiKey: encoded,
    endpointOverrides: {
      controlEndpoint: endpoint,
      cacheEndpoint: endpoint,
      tokenEndpoint: endpoint,
      secureConnection: false,
    },
  });
}

/** The endpoint in a v1 key; undefined if it is none. */
function decode(encoded: string): string | undefined {
  const bytes = Buffer.from(encoded, 'base64');
  // Decoding skips what is not base64, and would find a key in a damaged one.
  if (bytes.toString('base64') !== encoded) return undefined;
  const { endpoint, api_key: key } = parseObject(bytes.toString('utf8')) ?? {};
  if (typeof endpoint !== 'string' || !/^([\w.-]+|\[::1\])(:\d+)?$/.test(endpoint)) return undefined;
  // It travels in a header. The SDK throws for anything else, where nobody can catch it, and quotes the key.
  return typeof key === 'string' && /^[!-~]+$/.test(key) ? endpoint : undefined;
}

/** A v2 key is a JWT whose claim `t` is `g`. */
function isV2ApiKey(encoded: string): boolean {
  const claims = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(encoded)?.[1];
  if (claims === undefined) return false;
  return parseObject(Buffer.from(claims, 'base64url').toString('utf8'))?.['t'] === 'g';
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
