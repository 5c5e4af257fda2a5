import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { credentialProvider, readApiKey } from '../../src/momento/api-key.ts';
import { isV2ApiKey } from '../../src/momento/encoded-key.ts';
import { InvalidValueError } from '../../src/rotation/errors.ts';

const jwt = (claims: unknown) =>
  `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;

const v1 = (endpoint: string) =>
  readApiKey(Buffer.from(JSON.stringify({ endpoint, api_key: 'inner' })).toString('base64'), 'apiKey');
const v2 = (endpoint?: unknown) => readApiKey(jwt({ t: 'g' }), 'apiKey', endpoint);

const reach = (key: ReturnType<typeof readApiKey>) => {
  const provider = credentialProvider(key);
  return {
    hosts: [provider.getControlEndpoint(), provider.getCacheEndpoint(), provider.getTokenEndpoint()],
    tls: provider.isEndpointSecure(),
    sent: provider.getAuthToken(),
  };
};

describe.each([
  { key: 'a v1 key', read: v1, sent: 'inner' },
  { key: 'a v2 key', read: v2, sent: jwt({ t: 'g' }) },
])('$key', ({ read, sent }) => {
  test.each(['127.0.0.1:8080', 'localhost:1', '[::1]:65535'])(
    'for %s has it stand for all hosts, in plaintext',
    (endpoint) => {
      expect(reach(read(endpoint))).toEqual({ hosts: [endpoint, endpoint, endpoint], tls: false, sent });
    },
  );

  test.each([
    'cell-4-us-west-2-1.prod.a.momentohq.com',
    '127.0.0.1',
    'localhost',
    '127.0.0.1.example.com:8080',
    'notlocalhost:8080',
    '10.0.0.1:8080',
  ])("for %s is sent over TLS, by the SDK's own rule", (endpoint) => {
    expect(reach(read(endpoint))).toEqual({
      hosts: [`control.${endpoint}`, `cache.${endpoint}`, `token.${endpoint}`],
      tls: true,
      sent,
    });
  });
});

describe('what the SDK does not take is no key, and says so where it is read', () => {
  const notUtf8 = Buffer.concat([
    Buffer.from('{"endpoint":"cell.momentohq.com","api_key":"inner","x":"'),
    Buffer.from([0xff]),
    Buffer.from('"}'),
  ]).toString('base64');
  const tooLong = jwt({ t: 'g' }).replace(/\.c2ln$/, 'A.c2ln');

  test.each([
    ['a v1 key with a byte that is no text', notUtf8],
    ['a v2 key with a character too many', tooLong],
  ])('%s', (_, encoded) => {
    const read = () => readApiKey(encoded, 'apiKey', 'cell.momentohq.com');
    expect(read).toThrow(InvalidValueError);
    expect(read).toThrow(/^Field "apiKey" is not an API key that Momento's SDK takes\. Copy the key again, whole\.$/);
  });
});

describe('a v2 key', () => {
  test('is told from others by a claim', () => {
    expect(isV2ApiKey(jwt({ t: 'g' }))).toBe(true);
    for (const other of [jwt({ t: 'x' }), jwt(null), 'a.b.c', 'a.b', '']) expect(isV2ApiKey(other)).toBe(false);
  });

  test.each([
    [undefined, 'Field "endpoint" is missing'],
    ['', 'Field "endpoint" is missing'],
    ['a b', 'Field "endpoint" is not the name of a host.'],
    [7, 'Field "endpoint" is not the name of a host.'],
    ['https://example.com', 'Field "endpoint" is not the name of a host.'],
  ])('beside %j for an endpoint is refused', (endpoint, message) => {
    expect(() => v2(endpoint)).toThrow(InvalidValueError);
    expect(() => v2(endpoint)).toThrow(message);
  });

  test('does not show when its provider is printed', () => {
    expect(inspect(credentialProvider(v2('127.0.0.1:1')), { depth: 5 })).not.toContain(jwt({ t: 'g' }));
  });
});
