import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSecretValue } from '../../src/momento/secret-value.ts';
import { InvalidValueError } from '../../src/rotation/errors.ts';
import { readV1 } from './read-v1.ts';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');
const jwt = (claims: unknown) =>
  `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;

const apiKey = encode({ endpoint: 'cell-1.example.com', api_key: 'inner-key' });
const fresh = {
  apiKey: encode({ endpoint: 'cell-1.example.com', api_key: 'fresh-inner-key' }),
  refreshToken: 'fresh-refresh-token',
  validUntil: 1_900_000_000,
};

describe('the shapes of a secret', () => {
  test('as the console downloads it', () => {
    const value = readV1(JSON.stringify({ apiKey, refreshToken: 'refresh', validUntil: '1800000000' }));

    expect(value.apiKey).toEqual({ version: 1, encoded: apiKey, endpoint: 'cell-1.example.com' });
    expect(value.refreshToken).toBe('refresh');
    expect(value.expiresAt).toEqual(new Date('2027-01-15T08:00:00Z'));
    expect(JSON.parse(value.withKey(fresh))).toEqual({ ...fresh, validUntil: '1900000000' });
  });

  test('with the older name of the key, and validUntil as a number', () => {
    const value = readV1(JSON.stringify({ authToken: apiKey, refreshToken: 'refresh', validUntil: 1 }));

    expect(value.withKey(fresh)).toBe(
      JSON.stringify({ authToken: fresh.apiKey, refreshToken: fresh.refreshToken, validUntil: fresh.validUntil }),
    );
  });

  test('with both names, which both get the new key', () => {
    const both = { authToken: apiKey, apiKey, refreshToken: 'refresh', validUntil: 1 };

    expect(JSON.parse(readV1(JSON.stringify(both)).withKey(fresh))).toEqual({
      ...fresh,
      authToken: fresh.apiKey,
    });
  });

  test('with whatever else is in it, to the letter', () => {
    const text = (key: string, token: string, until: string) =>
      `\n{ "note":"caf\\u00e9 \\"x\\"" , "refreshToken" : ${token},\t"big": 12345678901234567890, "f": 1.0,
      "nested": {"apiKey": "not this one", "list": [1, {"validUntil": null}]}, "apiKey":${key}, "7": [ ], "validUntil":${until} }\n`;

    expect(readV1(text(JSON.stringify(apiKey), '"refresh"', '"1"')).withKey(fresh)).toBe(
      text(JSON.stringify(fresh.apiKey), '"fresh-refresh-token"', '"1900000000"'),
    );
  });

  test('any other fields, of any names and values, in any order', () => {
    const ours = ['apiKey', 'authToken', 'refreshToken', 'validUntil'];
    const others = fc.array(fc.tuple(fc.string(), fc.jsonValue({ noUnicodeString: false })), { maxLength: 8 });
    fc.assert(
      fc.property(others, fc.integer({ min: 0, max: 8 }), fc.constantFrom(undefined, 2), (entries, at, indent) => {
        const foreign = Object.entries(Object.fromEntries(entries)).filter(([name]) => !ours.includes(name));
        const build = (key: object) =>
          JSON.stringify(
            Object.fromEntries([...foreign.slice(0, at), ...Object.entries(key), ...foreign.slice(at)]),
            undefined,
            indent,
          );
        const before = build({ apiKey, refreshToken: 'refresh', validUntil: 1 });
        expect(readV1(before).withKey(fresh)).toBe(build(fresh));
      }),
    );
  });
});

const valid = { apiKey, refreshToken: 'refresh', validUntil: '1800000000' };
const without = (name: string) => JSON.stringify({ ...valid, [name]: undefined });
const having = (fields: object) => JSON.stringify({ ...valid, ...fields });

describe('a value that cannot be refreshed is refused with what to do about it', () => {
  test.each([
    ['not JSON', '{"apiKey":', 'It is not JSON, nor an API key.'],
    ['nothing', '', 'It is not JSON, nor an API key.'],
    ['an empty object', '{}', 'Field "apiKey" is missing.'],
    ['a key that is a number inside', having({ apiKey: encode(7) }), 'Field "apiKey" is not a Momento API key'],
    ['a key that is null inside', having({ apiKey: encode(null) }), 'Field "apiKey" is not a Momento API key'],
    ['a list', '[]', 'It is JSON, but not an object.'],
    ['a JSON string', '"hunter2"', 'It is JSON, but not an object.'],
    ['null', 'null', 'It is JSON, but not an object.'],
    [
      'a v1 key alone',
      apiKey,
      'It is an API key alone, which applications can use, but which says too little to be succeeded.',
    ],
    ['a v2 key alone', `${jwt({ t: 'g' })}\n`, 'It is an API key alone'],
    ['no key', without('apiKey'), 'Field "apiKey" is missing.'],
    ['no refresh token', without('refreshToken'), 'Field "refreshToken" is missing.'],
    ['no expiry', without('validUntil'), 'Field "validUntil" is missing.'],
    ['a key that never expires', JSON.stringify({ apiKey }), 'a key that never expires cannot be refreshed'],
    ['a key that never expires, with empty fields', having({ refreshToken: '', validUntil: null }), 'never expires'],
    ['a key that is no string', having({ apiKey: 7 }), 'Field "apiKey" is not a string.'],
    ['a refresh token that is no string', having({ refreshToken: {} }), 'Field "refreshToken" is not a string.'],
    ['an empty refresh token', having({ refreshToken: '' }), 'Field "refreshToken" is empty.'],
    ['an empty key', having({ apiKey: '' }), 'Field "apiKey" is empty.'],
    ['a date for an expiry', having({ validUntil: '2027-01-15' }), 'Field "validUntil" is not an epoch in seconds'],
    ['a boolean for an expiry', having({ validUntil: true }), 'Field "validUntil" is not an epoch in seconds'],
    ['a list for an expiry', having({ validUntil: [1] }), 'Field "validUntil" is not an epoch in seconds'],
    ['a broken number for an expiry', having({ validUntil: 1.5 }), 'Field "validUntil" is not an epoch in seconds'],
    ['an expiry out of time', having({ validUntil: 1e300 }), 'Field "validUntil" is not an epoch in seconds'],
    ['a key that is no base64', having({ apiKey: 'hunter2!' }), 'Field "apiKey" is not a Momento API key'],
    ['a key with a letter lost', having({ apiKey: apiKey.slice(0, -3) }), 'Field "apiKey" is not a Momento API key'],
    ['a key that is no JSON inside', having({ apiKey: encode('x').slice(1) }), 'Field "apiKey" is not a Momento'],
    ['a key without endpoint', having({ apiKey: encode({ api_key: 'x' }) }), 'Field "apiKey" is not a Momento API key'],
    [
      'a key with an endpoint that is no host',
      having({ apiKey: encode({ endpoint: 'a b', api_key: 'x' }) }),
      'not a Mom',
    ],
    ['a key without a key', having({ apiKey: encode({ endpoint: 'example.com' }) }), 'Field "apiKey" is not a Momento'],
    [
      'a key with an empty key',
      having({ apiKey: encode({ endpoint: 'a.b', api_key: '' }) }),
      'Field "apiKey" is not a',
    ],
    [
      'a key with a line break',
      having({ apiKey: encode({ endpoint: 'a.b', api_key: 'x\n' }) }),
      'Field "apiKey" is not a',
    ],
    [
      'a key beyond ASCII',
      having({ apiKey: encode({ endpoint: 'a.b', api_key: 'é' }) }),
      'Field "apiKey" is not a Mom',
    ],
    ['another JWT', having({ apiKey: jwt({ sub: 'x' }) }), 'Field "apiKey" is not a Momento API key'],
    ['a thing like a JWT', having({ apiKey: 'a.b.c' }), 'Field "apiKey" is not a Momento API key'],
    ['two different keys', having({ authToken: 'other' }), 'Fields "apiKey" and "authToken" hold different keys.'],
    ['a field twice', `{"apiKey": "a", ${having({}).slice(1)}`, 'Field "apiKey" is there twice. Keep one of them.'],
    ['another field twice', `{"x": 1, "x": 2, ${having({}).slice(1)}`, 'A field is there twice. Keep one of them.'],
    ['an object for an expiry', having({ validUntil: {} }), 'Field "validUntil" is not an epoch in seconds'],
    ['something nested for an expiry', having({ validUntil: [{ validUntil: [1] }] }), 'Field "validUntil" is not'],
    ['an object for a key', having({ apiKey: { toString: 5 } }), 'Field "apiKey" is not a string'],
  ])('%s', (_, text, message) => {
    expect(() => readSecretValue(text)).toThrow(InvalidValueError);
    expect(() => readSecretValue(text)).toThrow(message);
  });

  test('and never quotes the value', () => {
    for (const text of ['hunter2', '"hunter2"', having({ apiKey: 'hunter2' }), having({ validUntil: 'hunter2' })]) {
      expect(() => readSecretValue(text)).toThrow(/^((?!hunter2).)*$/s);
    }
  });
});
