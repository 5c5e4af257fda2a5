import { CredentialProvider } from '@gomomento/sdk';
import { describe, expect, test } from 'vitest';
import { credentialProvider } from '../../src/momento/api-key.ts';
import { readKeyInSecret } from '../../src/momento/key-in-secret.ts';
import { InvalidValueError } from '../../src/rotation/errors.ts';

const apiKey = Buffer.from(JSON.stringify({ endpoint: 'cell-1.example.com', api_key: 'inner' })).toString('base64');
const v2Key = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"t":"g"}').toString('base64url')}.c2ln`;
const endpoint = 'cell-2.example.com';

const jwt = (claims: object) =>
  `eyJhbGciOiJIUzUxMiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
const hosts = { cp: 'control.cell-3.example.com', c: 'cache.cell-3.example.com' };
const legacyKey = jwt({ sub: 'user@example.com', ...hosts });

const asLegacy = { version: 'legacy', encoded: legacyKey, endpoint: hosts.c };
const asV1 = { version: 1, encoded: apiKey, endpoint: 'cell-1.example.com' };
const asV2 = { version: 2, encoded: v2Key, endpoint };

describe('an application finds the key in', () => {
  test.each([
    ['v1, as the console downloads it', JSON.stringify({ apiKey, refreshToken: 'r', validUntil: '1800000000' }), asV1],
    ['v1, older name', JSON.stringify({ authToken: apiKey, refreshToken: 'r', validUntil: 1800000000 }), asV1],
    ['v1, both names', JSON.stringify({ authToken: apiKey, apiKey, validUntil: 1800000000 }), asV1],
    ['v2', JSON.stringify({ apiKey: v2Key, endpoint, keyId: 'k', roleId: 'r', validUntil: '1800000000' }), asV2],
  ])('%s, and when it expires', (_, secretString, expected) => {
    expect(readKeyInSecret(secretString)).toEqual({ apiKey: expected, expiresAt: new Date(1_800_000_000_000) });
  });

  test.each([
    ['the key alone', `\n${apiKey}\n`, asV1],
    ['a legacy key alone', `${legacyKey}\n`, asLegacy],
    ['a legacy key', JSON.stringify({ apiKey: legacyKey }), asLegacy],
    ['a legacy key, older name', JSON.stringify({ authToken: legacyKey }), asLegacy],
    ['v1 that never expires', JSON.stringify({ apiKey }), asV1],
    ['v2 that never expires', JSON.stringify({ apiKey: v2Key, endpoint }), asV2],
    ['an expiry of nothing', JSON.stringify({ apiKey, validUntil: null }), asV1],
    ['an expiry of zero', JSON.stringify({ apiKey, validUntil: 0 }), asV1],
    ['an expiry that cannot be read', JSON.stringify({ apiKey, validUntil: 'tomorrow' }), asV1],
    ['an expiry in another notation', JSON.stringify({ apiKey, validUntil: '1.8e9' }), asV1],
    ['an expiry after a blank', JSON.stringify({ apiKey, validUntil: ' 1800000000' }), asV1],
    ['an expiry before a blank', JSON.stringify({ apiKey, validUntil: '1800000000 ' }), asV1],
    ['an expiry in a list', JSON.stringify({ apiKey, validUntil: [1_800_000_000] }), asV1],
    ['an expiry out of time', JSON.stringify({ apiKey, validUntil: 1e300 }), asV1],
  ])('%s, which does not expire as far as is known', (_, secretString, expected) => {
    expect(readKeyInSecret(secretString)).toEqual({ apiKey: expected, expiresAt: undefined });
  });
});

describe('and is told what is wrong, never a value, where there is none', () => {
  test.each([
    ['binary', undefined, 'It is binary.'],
    ['nothing', '', 'It is not JSON, nor an API key.'],
    ['a word', 'hunter2', 'It is not JSON, nor an API key.'],
    ['a list', '["hunter2"]', 'It is JSON, but not an object.'],
    ['null', 'null', 'It is JSON, but not an object.'],
    ['a figure', '5', 'It is JSON, but not an object. Expected is {"apiKey": …, "refreshToken": …, "validUntil": …}, '],
    ['no key', '{"password":"hunter2"}', 'Field "apiKey" is missing.'],
    ['a number', '{"apiKey":7}', 'Field "apiKey" is not a string.'],
    ['a number, older name', '{"authToken":7}', 'Field "authToken" is not a string.'],
    ['another word', '{"apiKey":"hunter2"}', 'Field "apiKey" is not a Momento API key'],
    [
      'two keys',
      JSON.stringify({ apiKey, authToken: 'hunter2' }),
      'Fields "apiKey" and "authToken" hold different keys.',
    ],
    ['a JWT without hosts', jwt({ sub: 'hunter2' }), 'It is not JSON, nor an API key.'],
    ['a JWT with one host', JSON.stringify({ apiKey: jwt({ c: hosts.c }) }), 'is not a Momento API key'],
    ['a JWT with another', JSON.stringify({ apiKey: jwt({ cp: hosts.cp, c: 'a b' }) }), 'is not a Momento API key'],
    ['v2 that names hosts, without its endpoint', jwt({ t: 'g', ...hosts }), 'Field "endpoint" is missing'],
    ['v2 without its endpoint', JSON.stringify({ apiKey: v2Key }), 'Field "endpoint" is missing'],
    ['v2 alone', v2Key, 'Field "endpoint" is missing'],
  ])('%s', (_, secretString, message) => {
    expect(() => readKeyInSecret(secretString)).toThrow(InvalidValueError);
    expect(() => readKeyInSecret(secretString)).toThrow(message);
    expect(() => readKeyInSecret(secretString)).toThrow(/^((?!hunter2).)*$/s);
  });
});

test('the SDK takes a legacy key, too, and reaches the hosts that it names', () => {
  const { apiKey: legacy } = readKeyInSecret(legacyKey);
  const ours = credentialProvider(legacy);
  const theirs = CredentialProvider.fromString({ apiKey: legacyKey });
  for (const provider of [ours, theirs]) {
    expect(provider.getAuthToken()).toBe(legacyKey);
    expect(provider.getControlEndpoint()).toBe(hosts.cp);
    expect(provider.getCacheEndpoint()).toBe(hosts.c);
    expect(provider.isEndpointSecure()).toBe(true);
  }
  const local = credentialProvider(readKeyInSecret(jwt({ cp: 'localhost:1', c: '127.0.0.1:2' })).apiKey);
  expect([local.getCacheEndpoint(), local.isEndpointSecure()]).toEqual(['127.0.0.1:2', false]);
});
