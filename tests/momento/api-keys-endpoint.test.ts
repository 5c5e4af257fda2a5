import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { API_KEYS_ENDPOINT, DEFAULT_API_KEYS_ENDPOINT } from '../../src/momento/api-keys-endpoint.ts';

describe('the address at which keys are managed', () => {
  test.each([
    [DEFAULT_API_KEYS_ENDPOINT, DEFAULT_API_KEYS_ENDPOINT],
    ['https://example.com/', 'https://example.com'],
    ['https://example.com:8443/a/path//', 'https://example.com:8443/a/path'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://localhost:8080/', 'http://localhost:8080'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('%s', (url, endpoint) => {
    expect(v.parse(API_KEYS_ENDPOINT, url)).toBe(endpoint);
  });

  test.each([
    'http://example.com',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'ftp://example.com',
    'example.com',
    '',
    'https://user:hunter2@example.com',
    'https://example.com?query',
    'https://example.com#hash',
  ])('is not %s', (url) => {
    expect(() => v.parse(API_KEYS_ENDPOINT, url)).toThrow(/^is not the address of a service((?!hunter2).)*$/);
  });
});
