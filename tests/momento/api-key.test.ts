import { expect, test } from 'vitest';
import { credentialProvider, readApiKey } from '../../src/momento/api-key.ts';

const key = (endpoint: string) =>
  readApiKey(Buffer.from(JSON.stringify({ endpoint, api_key: 'inner' })).toString('base64'), 'apiKey');

const reach = (endpoint: string) => {
  const provider = credentialProvider(key(endpoint));
  return {
    hosts: [provider.getControlEndpoint(), provider.getCacheEndpoint(), provider.getTokenEndpoint()],
    tls: provider.isEndpointSecure(),
  };
};

test.each(['127.0.0.1:8080', 'localhost:1', '[::1]:65535'])('%s stands for all hosts, in plaintext', (endpoint) => {
  expect(reach(endpoint)).toEqual({ hosts: [endpoint, endpoint, endpoint], tls: false });
});

test.each([
  'cell-4-us-west-2-1.prod.a.momentohq.com',
  '127.0.0.1',
  'localhost',
  '127.0.0.1.example.com:8080',
  'notlocalhost:8080',
  '10.0.0.1:8080',
])("%s is reached over TLS, by the SDK's own rule", (endpoint) => {
  expect(reach(endpoint)).toEqual({
    hosts: [`control.${endpoint}`, `cache.${endpoint}`, `token.${endpoint}`],
    tls: true,
  });
});
