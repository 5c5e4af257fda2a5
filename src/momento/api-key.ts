import { CredentialProvider } from '@gomomento/sdk';
import { InvalidValueError } from '../rotation/errors.ts';
import { hostOnThisMachine } from './hosts.ts';
import { LocalV2CredentialProvider } from './local-v2-credential-provider.ts';

/** An API key, as its holder has it. Sensitive. */
export type ApiKey = V1ApiKey | V2ApiKey;

export interface V1ApiKey {
  version: 1;
  /** base64 of `{"endpoint", "api_key"}`. */
  encoded: string;
  /** Where the key's account lives, as the key itself says: `cell-….momentohq.com`. */
  endpoint: string;
}

export interface V2ApiKey {
  version: 2;
  /** A JWT. */
  encoded: string;
  /** Where the key's account lives. A v2 key does not say, so that it is kept beside the key. */
  endpoint: string;
}

/** A key from before v1: a JWT that names hosts itself. It can only be used, not refreshed. */
export interface LegacyApiKey {
  version: 'legacy';
  /** A JWT. */
  encoded: string;
  /** The host of the caches of the key's account, as the key itself says. */
  endpoint: string;
}

/**
 * Reads an API key.
 *
 * @param field the field it stands in, for the message
 * @param endpoint what stands in the field `endpoint` beside it; only a v2 key needs it
 * @throws InvalidValueError when it is no key, or a v2 key without an endpoint
 */
export function readApiKey(encoded: string, field: string, endpoint?: unknown): ApiKey {
  if (isV2ApiKey(encoded)) return usable({ version: 2, encoded, endpoint: readEndpoint(endpoint) }, field);
  const decoded = decode(encoded);
  if (decoded === undefined) {
    throw new InvalidValueError(
      `Field "${field}" is not a Momento API key (base64 of {"endpoint", "api_key"}). Copy the key again, whole.`,
    );
  }
  return usable({ version: 1, encoded, endpoint: decoded }, field);
}

/** The SDK reads a key more strictly than it has to be read here, and throws where it is used first. */
function usable(apiKey: ApiKey, field: string): ApiKey {
  try {
    credentialProvider(apiKey);
    return apiKey;
  } catch {
    throw new InvalidValueError(
      `Field "${field}" is not an API key that Momento's SDK takes. Copy the key again, whole.`,
    );
  }
}

/** Whether a text is a Momento API key that stands by itself, of either version. */
export function looksLikeApiKey(text: string): boolean {
  return isV2ApiKey(text) || decode(text) !== undefined;
}

/** A v2 key is a JWT whose claim `t` is `g`. */
export function isV2ApiKey(encoded: string): boolean {
  return claimsOf(encoded)?.['t'] === 'g';
}

/** A legacy key is another JWT, which names a host for control (`cp`) and one for caches (`c`). Undefined if it is none. */
export function readLegacyApiKey(encoded: string): LegacyApiKey | undefined {
  const { t, cp, c } = claimsOf(encoded) ?? {};
  return t !== 'g' && isHost(cp) && isHost(c) ? { version: 'legacy', encoded, endpoint: c } : undefined;
}

/**
 * How the SDK reaches the account of a key: over TLS at the hosts that it derives from the key's endpoint, or that a legacy
 * key names, except that an endpoint on this machine, with a port, stands for all of Momento's hosts, in plaintext.
 */
export function credentialProvider({ version, encoded, endpoint }: ApiKey | LegacyApiKey): CredentialProvider {
  const local = hostOnThisMachine(endpoint) !== undefined;
  if (version === 2) {
    return local
      ? new LocalV2CredentialProvider(encoded, endpoint)
      : CredentialProvider.fromApiKeyV2({ apiKey: encoded, endpoint });
  }
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

function readEndpoint(endpoint: unknown): string {
  if (endpoint === undefined || endpoint === '') {
    throw new InvalidValueError(
      'Field "endpoint" is missing, which a v2 API key needs beside it: the endpoint that the Momento console shows with the key.',
    );
  }
  if (!isHost(endpoint)) throw new InvalidValueError('Field "endpoint" is not the name of a host.');
  return endpoint;
}

/** The endpoint in a v1 key; undefined if it is none. */
function decode(encoded: string): string | undefined {
  const bytes = Buffer.from(encoded, 'base64');
  // Decoding skips what is not base64, and would find a key in a damaged one.
  if (bytes.toString('base64') !== encoded) return undefined;
  const { endpoint, api_key: key } = parseObject(bytes.toString('utf8')) ?? {};
  if (!isHost(endpoint)) return undefined;
  // It travels in a header. The SDK throws for anything else, where nobody can catch it, and quotes the key.
  return typeof key === 'string' && /^[!-~]+$/.test(key) ? endpoint : undefined;
}

function isHost(endpoint: unknown): endpoint is string {
  return typeof endpoint === 'string' && /^([\w.-]+|\[::1\])(:\d+)?$/.test(endpoint);
}

function claimsOf(jwt: string): Record<string, unknown> | undefined {
  const claims = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(jwt)?.[1];
  return claims === undefined ? undefined : parseObject(Buffer.from(claims, 'base64url').toString('utf8'));
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
