import { describe, expect, test } from 'vitest';
import { momentoApiKey } from '../src/momento/momento-api-key.ts';
import { readSettings } from '../src/settings.ts';

test('without any setting there are defaults', () => {
  expect(readSettings({ MOMENTO_PING_CACHE: '', MOMENTO_ADMIN_SECRET: ' ' })).toEqual({
    momento: { pingCache: undefined, adminSecret: undefined, roleId: undefined, lifetimeDays: undefined },
    overlapMs: 3_600_000,
  });
});

test('each setting is read', () => {
  const settings = readSettings({
    MOMENTO_PING_CACHE: 'cache',
    MOMENTO_API_KEYS_ENDPOINT: 'http://127.0.0.1:1',
    MOMENTO_ADMIN_SECRET: 'momento/admin',
    MOMENTO_ROLE_ID: 'role',
    MOMENTO_KEY_LIFETIME_DAYS: '30',
    MOMENTO_MINIMUM_OVERLAP_MINUTES: '1440',
  });
  expect(settings).toEqual({
    momento: {
      pingCache: 'cache',
      apiKeysEndpoint: 'http://127.0.0.1:1',
      adminSecret: 'momento/admin',
      roleId: 'role',
      lifetimeDays: 30,
    },
    overlapMs: 86_400_000,
  });
  expect(() => momentoApiKey(settings.momento)).not.toThrow();
});

describe('a setting that makes no sense is named', () => {
  test.each([
    ['MOMENTO_KEY_LIFETIME_DAYS', '0'],
    ['MOMENTO_KEY_LIFETIME_DAYS', '3651'],
    ['MOMENTO_KEY_LIFETIME_DAYS', '1.5'],
    ['MOMENTO_KEY_LIFETIME_DAYS', '-1'],
    ['MOMENTO_MINIMUM_OVERLAP_MINUTES', '0'],
    ['MOMENTO_MINIMUM_OVERLAP_MINUTES', 'an hour'],
    ['MOMENTO_MINIMUM_OVERLAP_MINUTES', '525601'],
    ['MOMENTO_API_KEYS_ENDPOINT', 'http://example.com'],
    ['MOMENTO_ROLE_ID', 'role'],
    ['MOMENTO_PING_CACHE', 'a b'],
  ])('%s: %s', (name, value) => {
    expect(() => momentoApiKey(readSettings({ [name]: value }).momento)).toThrow(new RegExp(`^${name} `));
  });
});
