import { createJwt } from './jwt.ts';

/**
 * A v2 key: a JWT whose claim `t` is `g`, which is how the Momento SDK tells it from others (`isV2ApiKey` of
 * `@gomomento/sdk-core`). It names no endpoint and no expiry.
 */
export function createV2ApiKey(): string {
  return createJwt({ t: 'g' });
}
