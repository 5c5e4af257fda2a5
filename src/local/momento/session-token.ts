import { createJwt } from './jwt.ts';

/**
 * What a login ends with: a JWT that names neither an endpoint nor a kind, so that whoever uses it has to say where Momento is
 * (`decodeAuthToken` of `@gomomento/sdk-core`).
 */
export function createSessionToken(): string {
  return createJwt({});
}
