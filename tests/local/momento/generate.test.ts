import {
  AllCaches,
  AllDataReadWrite,
  AllTopics,
  CacheRole,
  DisposableTokenScopes,
  ExpiresIn,
  GenerateApiKeyResponse,
  GenerateDisposableTokenResponse,
  PermissionScopes,
  TopicRole,
} from '@gomomento/sdk';
import { InternalSuperUserPermissions } from '@gomomento/sdk-core/dist/src/internal/utils/auth.js';
import { expect, test } from 'vitest';
import { authClient, cacheClient, momentoForTest, standingClock, verdict } from './sdk.ts';

test('a super user generates a key that expires and can be refreshed', async () => {
  const clock = standingClock();
  const momento = await momentoForTest({ now: clock.now });
  const client = authClient(momento, momento.issueKey().apiKey);

  const key = await client.generateApiKey(PermissionScopes.cacheReadOnly('cache'), ExpiresIn.days(7));

  if (key.type !== GenerateApiKeyResponse.Success) throw new Error(`refused: ${key.errorCode()}`);
  expect(key.expiresAt.epoch()).toBe(clock.epochSeconds() + 7 * 24 * 60 * 60);
  const reader = cacheClient(momento, key.apiKey);
  expect(verdict(await reader.get('cache', 'key'))).toBe('Miss');
  expect(verdict(await reader.set('cache', 'key', 'value'))).toBe('PERMISSION_ERROR');
  expect(verdict(await authClient(momento, key.apiKey).refreshApiKey(key.refreshToken))).toBe('Success');
});

test('a super user generates a key that never expires, without a refresh token', async () => {
  const momento = await momentoForTest();
  const client = authClient(momento, momento.issueKey().apiKey);
  const key = await client.generateApiKey(AllDataReadWrite, ExpiresIn.never());
  if (key.type !== GenerateApiKeyResponse.Success) throw new Error(`refused: ${key.errorCode()}`);
  expect(key.expiresAt.doesExpire()).toBe(false);
  expect(key.refreshToken).toBe('');
  expect(verdict(await cacheClient(momento, key.apiKey).set('cache', 'key', 'value'))).toBe('Success');
});

test('a key for topics alone may not read', async () => {
  const momento = await momentoForTest();
  const client = authClient(momento, momento.issueKey().apiKey);
  const scope = PermissionScopes.topicPublishSubscribe(AllCaches, AllTopics);
  const key = await client.generateApiKey(scope, ExpiresIn.hours(1));
  if (key.type !== GenerateApiKeyResponse.Success) throw new Error(`refused: ${key.errorCode()}`);
  expect(verdict(await cacheClient(momento, key.apiKey).get('cache', 'key'))).toBe('PERMISSION_ERROR');
});

test.each([
  { scope: { permissions: [] } },
  {
    scope: {
      permissions: [
        { role: CacheRole.ReadOnly, cache: AllCaches },
        { role: CacheRole.ReadWrite, cache: AllCaches },
      ],
    },
  },
  {
    scope: {
      permissions: [
        { role: TopicRole.SubscribeOnly, cache: 'cache', topic: 'topic' },
        { role: TopicRole.PublishSubscribe, cache: { name: 'cache' }, topic: { name: 'topic' } },
      ],
    },
  },
])('senseless permissions are refused: $scope', async ({ scope }) => {
  const momento = await momentoForTest();
  const client = authClient(momento, momento.issueKey().apiKey);
  expect(verdict(await client.generateApiKey(scope, ExpiresIn.hours(1)))).toBe('INVALID_ARGUMENT_ERROR');
});

test('a cache and a topic of it are two subjects', async () => {
  const momento = await momentoForTest();
  const client = authClient(momento, momento.issueKey().apiKey);
  const permissions = [
    { role: CacheRole.ReadOnly, cache: 'cache' },
    { role: TopicRole.SubscribeOnly, cache: 'cache', topic: AllTopics },
  ];
  expect(verdict(await client.generateApiKey({ permissions }, ExpiresIn.hours(1)))).toBe('Success');
});

test('nobody generates a super user, and only a super user generates anything', async () => {
  const momento = await momentoForTest();
  const superUser = authClient(momento, momento.issueKey().apiKey);
  const everythingElse = authClient(momento, momento.issueKey({ permissions: [{ role: 'readwrite' }] }).apiKey);
  const anHour = ExpiresIn.hours(1);
  expect(verdict(await superUser.generateApiKey(new InternalSuperUserPermissions(), anHour))).toBe('PERMISSION_ERROR');
  expect(verdict(await everythingElse.generateApiKey(AllDataReadWrite, anHour))).toBe('PERMISSION_ERROR');
  expect(
    verdict(await everythingElse.generateDisposableToken(DisposableTokenScopes.cacheReadOnly('cache'), anHour)),
  ).toBe('PERMISSION_ERROR');
  expect(momento.issuedKeys()).toHaveLength(2);
});

test('a disposable token reads the items it names, until it expires', async () => {
  const clock = standingClock();
  const momento = await momentoForTest({ now: clock.now });
  const client = authClient(momento, momento.issueKey().apiKey);
  const scope = DisposableTokenScopes.cacheKeyPrefixReadOnly('cache', 'pet-');

  const token = await client.generateDisposableToken(scope, ExpiresIn.minutes(5));

  if (token.type !== GenerateDisposableTokenResponse.Success) throw new Error(`refused: ${token.errorCode()}`);
  const reader = cacheClient(momento, token.authToken);
  expect(verdict(await reader.get('cache', 'pet-cat'))).toBe('Miss');
  expect(verdict(await reader.get('cache', 'cow'))).toBe('PERMISSION_ERROR');
  clock.forward(5 * 60);
  expect(verdict(await reader.get('cache', 'pet-cat'))).toBe('AUTHENTICATION_ERROR');
  expect(momento.issuedKeys()[1]).toMatchObject({ origin: 'GenerateDisposableToken', from: 'key-1' });
});
