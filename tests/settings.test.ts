import { describe, expect, test } from 'vitest';
import { momentoApiKey } from '../src/momento/momento-api-key.ts';
import { readSettings } from '../src/settings.ts';

test('without any setting there are defaults', () => {
  expect(readSettings({ MOMENTO_PING_CACHE: '', MOMENTO_ADMIN_SECRET: ' ' })).toEqual({
    momento: { pingCache: undefined, adminSecret: undefined, roleId: undefined, lifetimeDays: undefined },
    overlapMs: 3_600_000,
    scheduler: undefined,
  });
});

test('each setting is read', () => {
  const settings = readSettings({
    MOMENTO_PING_CACHE: 'cache',
    MOMENTO_API_KEYS_ENDPOINT: 'http://127.0.0.1:1',
    MOMENTO_ADMIN_SECRET: 'momento/admin',
    MOMENTO_ROLE_ID: 'role',
    MOMENTO_KEY_LIFETIME_DAYS: '30',
    MOMENTO_OVERLAP_SECONDS: '86400',
    MOMENTO_REVOCATION_SCHEDULE_GROUP: 'group',
    MOMENTO_REVOCATION_ROLE_ARN: 'arn:aws:iam::123456789012:role/revocation',
    MOMENTO_REVOCATION_DEAD_LETTER_ARN: 'arn:aws:sqs:us-east-1:123456789012:queue',
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
    scheduler: {
      group: 'group',
      roleArn: 'arn:aws:iam::123456789012:role/revocation',
      deadLetterArn: 'arn:aws:sqs:us-east-1:123456789012:queue',
    },
  });
  expect(() => momentoApiKey(settings.momento)).not.toThrow();
});

test('a key in the place of a name is refused, and not said', () => {
  const key = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"t":"g"}').toString('base64url')}.c2ln`;
  const start = () => momentoApiKey(readSettings({ MOMENTO_ADMIN_SECRET: key }).momento);
  expect(start).toThrow(/^MOMENTO_ADMIN_SECRET holds an API key/);
  expect(start).not.toThrow(key);
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
    ['MOMENTO_API_KEYS_ENDPOINT', 'http://example.com'],
    ['MOMENTO_ROLE_ID', 'role'],
    ['MOMENTO_PING_CACHE', 'a b'],
  ])('%s: %s', (name, value) => {
    expect(() => momentoApiKey(readSettings({ [name]: value }).momento)).toThrow(new RegExp(`^${name} `));
  });
});

test('what schedules are made with is given as a whole', () => {
  const partly = { MOMENTO_REVOCATION_SCHEDULE_GROUP: 'group', MOMENTO_REVOCATION_ROLE_ARN: ' ' };
  expect(() => readSettings(partly)).toThrow(
    'MOMENTO_REVOCATION_ROLE_ARN and MOMENTO_REVOCATION_DEAD_LETTER_ARN must be set where MOMENTO_REVOCATION_SCHEDULE_GROUP is',
  );
});
