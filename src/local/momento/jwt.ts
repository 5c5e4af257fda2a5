import { randomBytes } from 'node:crypto';

/** A JWT with these claims and a unique `jti`. Its signature is random: the stand-in knows what it issued by heart. */
export function createJwt(claims: Readonly<Record<string, string>>): string {
  const unique = { ...claims, jti: randomBytes(16).toString('base64url') };
  return [encode({ alg: 'HS512', typ: 'JWT' }), encode(unique), randomBytes(64).toString('base64url')].join('.');
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
