import { describe, expect, test } from 'vitest';
import { momentoApiKey } from '../src/momento/momento-api-key.ts';
import { readSettings, revokesFirstKey } from '../src/settings.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:momento/payments-AbCdEf';

test('without any setting there are defaults', () => {
  expect(readSettings({ MOMENTO_PING_CACHE: '', MOMENTO_ADMIN_SECRET: ' ', MOMENTO_HOSTS: ' , ' })).toEqual({
    momento: {
      pingCache: undefined,
      adminSecrets: undefined,
      roles: undefined,
      roleId: undefined,
      lifetimeDays: undefined,
      hosts: undefined,
    },
    overlapMs: 3_600_000,
    revokesOnSchedule: false,
    revokeFirstKey: [],
  });
});

test('each setting is read', () => {
  const settings = readSettings({
    MOMENTO_PING_CACHE: 'cache',
    MOMENTO_API_KEYS_ENDPOINT: 'http://127.0.0.1:1',
    MOMENTO_HOSTS: 'momentohq.com, Example.com,',
    MOMENTO_ADMIN_SECRET: ' momento/admin , other/admin',
    MOMENTO_ROLES: `{"${ARN}": "role-1", "*": "role"}`,
    MOMENTO_ROLE_ID: 'role',
    MOMENTO_KEY_LIFETIME_DAYS: '30',
    MOMENTO_OVERLAP_SECONDS: '86400',
    MOMENTO_REVOKE_FIRST_KEY: `momento/orders,${ARN}`,
    MOMENTO_REVOKE_ON_SCHEDULE: 'true',
  });
  expect(settings).toEqual({
    momento: {
      pingCache: 'cache',
      apiKeysEndpoint: 'http://127.0.0.1:1',
      adminSecrets: ['momento/admin', 'other/admin'],
      roles: { [ARN]: 'role-1', '*': 'role' },
      roleId: 'role',
      lifetimeDays: 30,
      hosts: ['momentohq.com', 'Example.com'],
    },
    overlapMs: 86_400_000,
    revokesOnSchedule: true,
    revokeFirstKey: ['momento/orders', ARN],
  });
  expect(() => momentoApiKey(settings.momento)).not.toThrow();
});

describe('a key in the place of a name is refused, and not said', () => {
  const key = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"t":"g"}').toString('base64url')}.c2ln`;
  test.each([
    ['MOMENTO_ADMIN_SECRET', `momento/admin,${key}`],
    ['MOMENTO_ROLE_ID', key],
    ['MOMENTO_ROLES', `{"*": "${key}"}`],
    ['MOMENTO_ROLES', `{"${key}": "role"}`],
    ['MOMENTO_REVOKE_FIRST_KEY', key],
    ['MOMENTO_PING_CACHE', key],
  ])('%s: %s', (name, value) => {
    const start = () => readSettings({ MOMENTO_ADMIN_SECRET: 'momento/admin', [name]: value });
    expect(start).toThrow(new RegExp(`^${name}(: entry \\d)? holds an API key`));
    expect(start).not.toThrow(key);
  });
});

describe('a setting that makes no sense is named', () => {
  test.each([
    ['MOMENTO_KEY_LIFETIME_DAYS', '0'],
    ['MOMENTO_KEY_LIFETIME_DAYS', '3651'],
    ['MOMENTO_KEY_LIFETIME_DAYS', '1.5'],
    ['MOMENTO_KEY_LIFETIME_DAYS', '-1'],
    ['MOMENTO_OVERLAP_SECONDS', '0'],
    ['MOMENTO_OVERLAP_SECONDS', 'an hour'],
    ['MOMENTO_OVERLAP_SECONDS', '31536001'],
    ['MOMENTO_REVOKE_ON_SCHEDULE', 'yes'],
    ['MOMENTO_API_KEYS_ENDPOINT', 'http://example.com'],
    ['MOMENTO_ROLE_ID', 'role'],
    ['MOMENTO_ROLES', '{"*": "role"}'],
    ['MOMENTO_ROLES', 'momento/payments=role'],
    ['MOMENTO_ROLES', 'null'],
    ['MOMENTO_ROLES', '["role"]'],
    ['MOMENTO_ROLES', '{}'],
    ['MOMENTO_ROLES', '{"momento/payments": 7}'],
    ['MOMENTO_ROLES', '{"momento/payments": " "}'],
    ['MOMENTO_ROLES', '{"": "role"}'],
    ['MOMENTO_HOSTS', 'com'],
    ['MOMENTO_HOSTS', '10.0.0.1'],
    ['MOMENTO_HOSTS', '127.1'],
    ['MOMENTO_HOSTS', 'momentohq.com:443'],
    ['MOMENTO_HOSTS', 'momentohq.com,*.example.com'],
    ['MOMENTO_HOSTS', '.momentohq.com'],
    ['MOMENTO_HOSTS', 'https://momentohq.com'],
    ['MOMENTO_PING_CACHE', 'a b'],
    ['MOMENTO_PING_CACHE', ' '],
    ['MOMENTO_PING_CACHE', ' cache'],
    ['MOMENTO_PING_CACHE', 'caché'],
    ['MOMENTO_PING_CACHE', 'a\ncache'],
    ['MOMENTO_ADMIN_SECRET', 'my admin'],
    ['MOMENTO_ADMIN_SECRET', '*'],
    ['MOMENTO_REVOKE_FIRST_KEY', '*,my key'],
    ['MOMENTO_ROLES', '{"my key": "role"}'],
  ])('%s: %s', (name, value) => {
    expect(() => readSettings({ [name]: value })).toThrow(new RegExp(`^${name}(: entry \\d)? (is|says) `));
  });

  test('MOMENTO_ROLE_ID and MOMENTO_ROLES, where they name two roles for all', () => {
    const both = { MOMENTO_ADMIN_SECRET: 'momento/admin', MOMENTO_ROLE_ID: 'one', MOMENTO_ROLES: '{"*": "two"}' };
    expect(() => readSettings(both)).toThrow(/^MOMENTO_ROLE_ID and the entry "\*" of MOMENTO_ROLES name two roles/);
  });
});

test.each([
  [undefined, ARN, false],
  ['*', ARN, true],
  ['momento/orders, momento/payments', ARN, true],
  ['momento/orders, momento/payments', 'momento/payments', true],
  [ARN, 'momento/payments', true],
  ['momento/payments-AbCdEf', ARN, false],
])('with MOMENTO_REVOKE_FIRST_KEY=%s the first key of %s is revoked: %s', (listed, secretId, revoked) => {
  expect(revokesFirstKey(readSettings({ MOMENTO_REVOKE_FIRST_KEY: listed }), secretId)).toBe(revoked);
});
