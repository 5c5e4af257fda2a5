/** What the text of an API key says by itself. Nothing here takes more than the text: no SDK, and no connection. */

/** A key from before v1: a JWT that names hosts itself. It can only be used, not refreshed. */
export interface LegacyApiKey {
  version: 'legacy';
  /** A JWT. */
  encoded: string;
  /** The host of the caches of the key's account, as the key itself says. */
  endpoint: string;
}

/** Whether a text is a Momento API key that stands by itself, of either version. */
export function looksLikeApiKey(text: string): boolean {
  return isV2ApiKey(text) || endpointInV1ApiKey(text) !== undefined;
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

/** The endpoint that a v1 key names itself; undefined if it is none. */
export function endpointInV1ApiKey(encoded: string): string | undefined {
  const bytes = Buffer.from(encoded, 'base64');
  // Decoding skips what is not base64, and would find a key in a damaged one.
  if (bytes.toString('base64') !== encoded) return undefined;
  const { endpoint, api_key: key } = parseObject(bytes.toString('utf8')) ?? {};
  if (!isHost(endpoint)) return undefined;
  // It travels in a header. The SDK throws for anything else, where nobody can catch it, and quotes the key.
  return typeof key === 'string' && /^[!-~]+$/.test(key) ? endpoint : undefined;
}

export function isHost(endpoint: unknown): endpoint is string {
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
