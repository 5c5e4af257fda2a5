import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSecretValue } from '../../src/momento/secret-value.ts';
import type { V2SecretValue } from '../../src/momento/v2-secret-value.ts';
import { InvalidValueError } from '../../src/rotation/errors.ts';
import { readV1 } from './read-v1.ts';

const jwt = (id: string) =>
  `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(JSON.stringify({ t: 'g', id })).toString('base64url')}.c2ln`;
const apiKey = jwt('old');
const fresh = { apiKey: jwt('fresh'), keyId: 'fresh-id', roleId: 'role', validUntil: 1_900_000_000 };
const valid = { apiKey, endpoint: 'cell-1.example.com', keyId: 'id', roleId: 'role', validUntil: '1800000000' };
const having = (fields: object) => JSON.stringify({ ...valid, ...fields });

function readV2(text: string): V2SecretValue {
  const value = readSecretValue(text);
  if (value.version === 1) throw new Error('It is a v1 key.');
  return value;
}

describe('the shape of a secret with a v2 key', () => {
  test('is read', () => {
    expect(readV2(having({ adminSecret: 'admin' }))).toMatchObject({
      version: 2,
      apiKey: { version: 2, encoded: apiKey, endpoint: 'cell-1.example.com' },
      id: 'id',
      roleId: 'role',
      expiresAt: new Date('2027-01-15T08:00:00Z'),
      adminSecret: 'admin',
    });
  });

  test.each([
    ['missing', { validUntil: undefined }],
    ['null', { validUntil: null }],
    ['empty', { validUntil: '' }],
  ])('an expiry that is %s is none', (_, fields) => {
    expect(readV2(having(fields)).expiresAt).toBeUndefined();
  });

  test('may have the older name of the key', () => {
    const value = readV2(having({ apiKey: undefined, authToken: apiKey }));
    expect(JSON.parse(value.withV2Key(fresh))).toMatchObject({ authToken: fresh.apiKey, keyId: 'fresh-id' });
  });

  test.each([
    ['no endpoint', having({ endpoint: undefined }), 'Field "endpoint" is missing.'],
    ['an endpoint that is no host', having({ endpoint: 'https://x/' }), 'Field "endpoint" is not the name of a host.'],
    ['no id', having({ keyId: undefined }), 'Field "keyId" is missing.'],
    ['an id that is no string', having({ keyId: 7 }), 'Field "keyId" is not a string.'],
    ['no role', having({ roleId: undefined }), 'Field "roleId" is missing.'],
    ['an empty role', having({ roleId: '' }), 'Field "roleId" is empty.'],
    ['an expiry that is none', having({ validUntil: 'soon' }), 'Field "validUntil" is not an epoch in seconds'],
    ['an admin secret that is no name', having({ adminSecret: 7 }), 'Field "adminSecret" is not a string.'],
    ['another key', having({ apiKey: 'hunter2' }), 'Field "apiKey" is not a v2 API key. Copy the key again, whole.'],
    ['no key', having({ apiKey: undefined }), 'Field "apiKey" is missing.'],
    ['two keys', having({ authToken: 'hunter2' }), 'Fields "apiKey" and "authToken" hold different keys.'],
    [
      'nothing but its key',
      JSON.stringify({ apiKey }),
      'Field "endpoint" is missing. Expected is {"apiKey": …, "endpoint"',
    ],
  ])('with %s is refused', (_, text, message) => {
    expect(() => readSecretValue(text)).toThrow(InvalidValueError);
    expect(() => readSecretValue(text)).toThrow(message);
    expect(() => readSecretValue(text)).toThrow(/^((?!hunter2|eyJ).)*$/s);
  });
});

describe('the value with another key', () => {
  test('has validUntil in the type it had', () => {
    const read = (validUntil: unknown, key: typeof fresh | Omit<typeof fresh, 'validUntil'> = fresh) =>
      JSON.parse(readV2(having({ validUntil })).withV2Key({ validUntil: undefined, ...key })).validUntil;
    const { validUntil: _, ...endless } = fresh;
    expect(read('1')).toBe('1900000000');
    expect(read(1)).toBe(1_900_000_000);
    expect(read(undefined)).toBe('1900000000');
    expect(read(null)).toBe(1_900_000_000);
    expect(read('')).toBe('1900000000');
    expect(read(undefined, endless)).toBeUndefined();
    expect(read(null, endless)).toBeNull();
    expect(read('1', endless)).toBeUndefined();
  });

  const others = fc.array(
    fc.tuple(
      fc
        .string()
        .filter(
          (name) => !(name in valid) && !['authToken', 'adminSecret', 'refreshToken', '__proto__'].includes(name),
        ),
      fc.jsonValue(),
    ),
  );
  const entries = (before: [string, unknown][], key: object, after: [string, unknown][]) =>
    Object.fromEntries([...before, ...Object.entries(key), ...after]);

  test('has any other fields as they were', () => {
    fc.assert(
      fc.property(others, others, fc.constantFrom(0, 2, '\t'), (before, after, indent) => {
        const build = (key: object) => JSON.stringify(entries(before, key, after), undefined, indent);
        const changed = { ...valid, apiKey: fresh.apiKey, keyId: fresh.keyId, validUntil: '1900000000' };
        expect(readV2(build(valid)).withV2Key(fresh)).toBe(build(changed));
      }),
    );
  });

  test('of a v1 secret has no refresh token, wherever it stood, and what a v2 key needs', () => {
    const v1Key = Buffer.from('{"endpoint":"cell-1.example.com","api_key":"inner"}').toString('base64');
    const key = { apiKey: v1Key, refreshToken: 'refresh', validUntil: '1' };
    const orders = [
      ['apiKey', 'refreshToken', 'validUntil'],
      ['refreshToken', 'validUntil', 'apiKey'],
      ['apiKey', 'validUntil', 'refreshToken'],
    ];
    fc.assert(
      fc.property(others, others, fc.constantFrom(...orders), fc.constantFrom(0, 2), (before, after, order, indent) => {
        const text = JSON.stringify(
          entries(before, Object.fromEntries(order.map((name) => [name, key[name as keyof typeof key]])), after),
          undefined,
          indent,
        );
        const moved = readV1(text).withV2Key(fresh);
        const { refreshToken: _, ...kept } = JSON.parse(text);
        expect(JSON.parse(moved)).toEqual({
          ...kept,
          ...fresh,
          validUntil: '1900000000',
          endpoint: 'cell-1.example.com',
        });
        expect(readV2(moved)).toMatchObject({ id: 'fresh-id', roleId: 'role' });
      }),
    );
  });

  test("of a v1 secret with an endpoint of its own has the key's", () => {
    const v1Key = Buffer.from('{"endpoint":"cell-1.example.com","api_key":"inner"}').toString('base64');
    const text = JSON.stringify({
      apiKey: v1Key,
      refreshToken: 'r',
      validUntil: 1,
      endpoint: 'old',
      roleId: 7,
      adminSecret: '',
    });
    const value = readV1(text);
    expect(value).toMatchObject({ roleId: undefined, adminSecret: undefined });
    expect(JSON.parse(value.withV2Key(fresh))).toMatchObject({ endpoint: 'cell-1.example.com', roleId: 'role' });
  });
});
