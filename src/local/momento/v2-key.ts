import { randomBytes } from 'node:crypto';

/**
 * A v2 key: a JWT whose claim `t` is `g`, which is how the Momento SDK tells it from others (`isV2ApiKey` of
 * `@gomomento/sdk-core`). It names no endpoint and no expiry. Its signature is random: the stand-in knows its keys by heart.
 */
export function createV2ApiKey(): string {
  const claims = { t: 'g', jti: randomBytes(16).toString('base64url') };
  return [encode({ alg: 'HS512', typ: 'JWT' }), encode(claims), randomBytes(64).toString('base64url')].join('.');
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
