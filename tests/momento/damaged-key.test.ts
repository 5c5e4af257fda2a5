import { describe, expect, test } from 'vitest';
import { credentialProvider, readApiKey } from '../../src/momento/api-key.ts';
import { readSecretValue } from '../../src/momento/secret-value.ts';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');
const key = encode({ endpoint: 'cell.example.com', api_key: 'inner-key' });
const v2Key = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"t":"g"}').toString('base64url')}.c2ln`;

describe('a key that was damaged when it was copied is none', () => {
  test.each([
    ['broken into two lines', `${key.slice(0, 10)}\n${key.slice(10)}`],
    ['with something before it', `!${key}`],
    ['with a character before it that cannot travel', encode({ endpoint: 'cell.example.com', api_key: 'éinner' })],
    ['with a character after it that cannot travel', encode({ endpoint: 'cell.example.com', api_key: 'inneré' })],
    ['of version 2, with something before it', `!${v2Key}`],
    ['of version 2, with something after it', `${v2Key}!`],
    ['that holds a number', encode(5)],
    ['that holds nothing', encode(null)],
  ])('%s', (_, damaged) => {
    expect(() => readApiKey(damaged, 'apiKey', 'cell.example.com')).toThrow(
      'Field "apiKey" is not a Momento API key (base64 of {"endpoint", "api_key"}). Copy the key again, whole.',
    );
  });
});

test('an endpoint on this machine whose port is none is not spoken to in plaintext', () => {
  expect(
    credentialProvider(
      readApiKey(encode({ endpoint: 'localhost:123456', api_key: 'inner' }), 'apiKey'),
    ).isEndpointSecure(),
  ).toBe(true);
});

test('an expiry in fractions of a second is none, as a string either', () => {
  const value = JSON.stringify({ apiKey: key, refreshToken: 'refresh', validUntil: '1.5' });
  expect(() => readSecretValue(value)).toThrow('Field "validUntil" is not an epoch in seconds');
});

test('what is expected is said in full', () => {
  expect(() => readSecretValue('5')).toThrow(
    'It is JSON, but not an object. Expected is {"apiKey": …, "refreshToken": …, "validUntil": …}, as the Momento console downloads it, or {"apiKey": …, "endpoint": …, "keyId": …, "roleId": …, "validUntil"?: …} for a v2 key.',
  );
});
