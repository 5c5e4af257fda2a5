import {
  AllCaches,
  AllDataReadWrite,
  CacheRole,
  DisposableTokenScopes,
  ExpiresIn,
  type GenerateDisposableToken,
  GenerateDisposableTokenResponse,
  TopicRole,
  TopicSubscribe,
} from '@gomomento/sdk';
import { describe, expect, test } from 'vitest';
import type { LocalMomento } from '../../../src/local/momento/momento.ts';
import type { Behaviour } from '../../../src/local/momento/momento-behaviour.ts';
import {
  authClient,
  cacheClient,
  momentoForTest,
  spoil,
  standingClock,
  topicClient,
  v2AuthClient,
  verdict,
} from './sdk.ts';
import { requestToken } from './wire.ts';

const READ = DisposableTokenScopes.cacheReadOnly('cache');

/** A Momento on a clock that stands still, with a key that vends. */
async function vendor(behaviour: Partial<Behaviour> = {}) {
  const clock = standingClock();
  const momento = await momentoForTest({ now: clock.now, behaviour });
  const key = momento.issueKey({ validForSeconds: 600 });
  return { clock, momento, key, client: authClient(momento, key.apiKey) };
}

/** A token as applications hold it. */
async function vended(answer: Promise<GenerateDisposableToken.Response>): Promise<string> {
  const response = await answer;
  if (response.type !== GenerateDisposableTokenResponse.Success) throw new Error(`refused: ${response.errorCode()}`);
  return response.authToken;
}

const read = (momento: LocalMomento, apiKey: string) => cacheClient(momento, apiKey).get('cache', 'key');

describe('the auth operations of an account', () => {
  test('are five in any second', async () => {
    const { clock, client } = await vendor();
    const vend = async () => verdict(await client.generateDisposableToken(READ, ExpiresIn.minutes(1)));
    for (let operation = 1; operation <= 3; operation += 1) expect(await vend()).toBe('Success');
    clock.forward(0.5);
    expect(verdict(await client.generateApiKey(AllDataReadWrite, ExpiresIn.hours(1)))).toBe('Success');
    expect(await vend()).toBe('Success');
    expect(await vend()).toBe('LIMIT_EXCEEDED_ERROR');
    expect(verdict(await client.generateApiKey(AllDataReadWrite, ExpiresIn.hours(1)))).toBe('LIMIT_EXCEEDED_ERROR');
    // The first three are over, what was too many never counted.
    clock.forward(0.5);
    for (let operation = 1; operation <= 3; operation += 1) expect(await vend()).toBe('Success');
    expect(await vend()).toBe('LIMIT_EXCEEDED_ERROR');
  });

  test('include those that are refused, but not those of strangers', async () => {
    const { momento, client, key } = await vendor({ authOperationsPerSecond: 2 });
    const stranger = authClient(momento, spoil(key.apiKey));
    const weak = authClient(momento, momento.issueKey({ permissions: [{ role: 'readwrite' }] }).apiKey);
    expect(verdict(await stranger.generateDisposableToken(READ, ExpiresIn.minutes(1)))).toBe('AUTHENTICATION_ERROR');
    expect(verdict(await weak.generateDisposableToken(READ, ExpiresIn.minutes(1)))).toBe('PERMISSION_ERROR');
    expect(verdict(await client.refreshApiKey('wrong'))).toBe('AUTHENTICATION_ERROR');
    expect(verdict(await client.generateDisposableToken(READ, ExpiresIn.minutes(1)))).toBe('LIMIT_EXCEEDED_ERROR');
    expect(verdict(await stranger.refreshApiKey('wrong'))).toBe('AUTHENTICATION_ERROR');
  });

  test.each([
    { refreshesCount: true, second: 'LIMIT_EXCEEDED_ERROR' },
    { refreshesCount: false, second: 'Success' },
  ])('with refreshesCount: $refreshesCount', async ({ refreshesCount, second }) => {
    const { client, key } = await vendor({ authOperationsPerSecond: 1, refreshesCount });
    expect(verdict(await client.generateDisposableToken(READ, ExpiresIn.minutes(1)))).toBe('Success');
    expect(verdict(await client.refreshApiKey(key.refreshToken ?? ''))).toBe(second);
  });

  test('have no limit that is Infinity', async () => {
    const { client } = await vendor({ authOperationsPerSecond: Number.POSITIVE_INFINITY });
    for (let operation = 1; operation <= 20; operation += 1) {
      expect(verdict(await client.generateDisposableToken(READ, ExpiresIn.minutes(1)))).toBe('Success');
    }
  });
});

describe('a disposable token', () => {
  test.each([
    { behaviour: {}, longest: 90_000 },
    { behaviour: { longestTokenLifetime: 3600 }, longest: 3600 },
  ])('lives $longest seconds at most, with $behaviour', async ({ behaviour, longest }) => {
    const { client } = await vendor(behaviour);
    const vend = async (seconds: number) =>
      verdict(await client.generateDisposableToken(READ, ExpiresIn.seconds(seconds)));
    expect(await vend(longest)).toBe('Success');
    expect(await vend(longest + 1)).toBe('INVALID_ARGUMENT_ERROR');
    expect(await vend(0)).toBe('INVALID_ARGUMENT_ERROR');
  });

  test.each([
    { behaviour: {}, most: 20 },
    { behaviour: { mostTokenPermissions: 3 }, most: 3 },
  ])('has $most permissions at most, with $behaviour', async ({ behaviour, most }) => {
    const { client } = await vendor(behaviour);
    const vend = async (count: number) => {
      const permissions = Array.from({ length: count }, (_, index) => ({
        role: CacheRole.ReadOnly,
        cache: 'cache',
        item: { key: `key-${index}` },
      }));
      return verdict(await client.generateDisposableToken({ permissions }, ExpiresIn.minutes(1)));
    };
    expect(await vend(most)).toBe('Success');
    expect(await vend(most + 1)).toBe('INVALID_ARGUMENT_ERROR');
  });

  test.each([
    { behaviour: {}, longest: 64 },
    { behaviour: { longestTokenId: 8 }, longest: 8 },
  ])('has an id of $longest characters at most, with $behaviour', async ({ behaviour, longest }) => {
    const { momento, key } = await vendor(behaviour);
    const request = (length: number) => requestToken(momento, key.apiKey, { seconds: 60, tokenId: 'x'.repeat(length) });
    expect(await request(longest)).toMatchObject({ code: 'OK' });
    expect(await request(longest + 1)).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('always expires, may do something, and is no super user', async () => {
    const { momento, key } = await vendor();
    const idle = await requestToken(momento, key.apiKey, { seconds: 60, may: 'nothing' });
    expect(idle).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await requestToken(momento, key.apiKey, {})).toMatchObject({ code: 'INVALID_ARGUMENT' });
    const superUser = await requestToken(momento, key.apiKey, { seconds: 60, may: 'superUser' });
    expect(superUser).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(momento.issuedKeys()).toHaveLength(1);
  });

  test('can neither be refreshed, nor vend, nor reach the control plane, nor be revoked', async () => {
    const { momento, client } = await vendor();
    const token = await vended(client.generateDisposableToken(AllDataReadWrite, ExpiresIn.minutes(1)));
    const holder = authClient(momento, token);
    expect(verdict(await holder.refreshApiKey(''))).toBe('AUTHENTICATION_ERROR');
    expect(verdict(await holder.generateDisposableToken(READ, ExpiresIn.minutes(1)))).toBe('PERMISSION_ERROR');
    expect(verdict(await cacheClient(momento, token).listCaches())).toBe('PERMISSION_ERROR');
    expect(() => momento.revokeKey(token)).toThrow(expect.objectContaining({ code: 'FAILED_PRECONDITION' }));
    expect(momento.isValid(token)).toBe(true);
    expect(momento.secretsInPlay()).toContain(token);
  });

  test('does what its permissions say, and no more', async () => {
    const { momento, client } = await vendor();
    const token = await vended(
      client.generateDisposableToken(
        {
          permissions: [
            { role: CacheRole.WriteOnly, cache: 'cache', item: { key: 'cow' } },
            { role: CacheRole.ReadWrite, cache: AllCaches, item: { keyPrefix: 'pet-' } },
          ],
        },
        ExpiresIn.minutes(1),
      ),
    );
    const caches = cacheClient(momento, token);
    expect(verdict(await caches.set('cache', 'cow', 'moo'))).toBe('Success');
    expect(verdict(await caches.get('cache', 'cow'))).toBe('PERMISSION_ERROR');
    expect(verdict(await caches.set('cache', 'pet-cat', 'meow'))).toBe('Success');
    expect(verdict(await caches.get('cache', 'pet-cat'))).toBe('Hit');
    expect(verdict(await caches.set('cache', 'cows', 'moo'))).toBe('PERMISSION_ERROR');
    expect(verdict(await topicClient(momento, token).publish('cache', 'pet-cat', 'meow'))).toBe('PERMISSION_ERROR');
  });

  test('for topics whose names begin so, which the wire can say and the SDK cannot', async () => {
    const { momento, key } = await vendor();
    const { token } = await requestToken(momento, key.apiKey, { seconds: 60, may: { subscribeToPrefix: 'user-1:' } });
    const client = topicClient(momento, token);
    expect(verdict(await client.publish('cache', 'user-1:news', 'value'))).toBe('PERMISSION_ERROR');
    const refused = await client.subscribe('cache', 'user-2:news', {});
    expect(refused instanceof TopicSubscribe.Error && refused.errorCode()).toBe('PERMISSION_ERROR');
    const subscription = await client.subscribe('cache', 'user-1:news', {});
    if (!(subscription instanceof TopicSubscribe.Subscription)) throw new Error('refused');
    subscription.unsubscribe();
  });

  test('reaches every item of its cache when one of its permissions is not for items: so the SDK sends it', async () => {
    const { momento, client } = await vendor();
    const mixed = {
      permissions: [
        { role: CacheRole.ReadOnly, cache: 'cache', item: { keyPrefix: 'user-1:' } },
        { role: TopicRole.SubscribeOnly, cache: 'cache', topic: 'news' },
      ],
    };
    const token = await vended(client.generateDisposableToken(mixed, ExpiresIn.minutes(1)));
    expect(verdict(await cacheClient(momento, token).get('cache', 'user-2:name'))).toBe('Miss');
  });

  test.each([
    { tokensOutliveKey: true, after: 'Miss' },
    { tokensOutliveKey: false, after: 'AUTHENTICATION_ERROR' },
  ])('of a key that is gone, with tokensOutliveKey: $tokensOutliveKey', async ({ tokensOutliveKey, after }) => {
    const { clock, momento, client, key } = await vendor({ tokensOutliveKey });
    const token = await vended(client.generateDisposableToken(READ, ExpiresIn.hours(1)));
    const other = momento.issueKey();
    const otherToken = await vended(
      authClient(momento, other.apiKey).generateDisposableToken(READ, ExpiresIn.hours(1)),
    );
    for (const each of [token, otherToken]) expect(verdict(await read(momento, each))).toBe('Miss');

    clock.forward(600);
    expect(momento.isValid(key.apiKey)).toBe(false);
    expect(verdict(await read(momento, token))).toBe(after);
    expect(verdict(await read(momento, otherToken))).toBe('Miss');
    momento.revokeKey(other.apiKey);
    expect(verdict(await read(momento, otherToken))).toBe(after);
  });

  test.each([
    { v2KeysVend: true, vends: 'Success' },
    { v2KeysVend: false, vends: 'PERMISSION_ERROR' },
  ])('from a v2 key, with v2KeysVend: $v2KeysVend', async ({ v2KeysVend, vends }) => {
    const { momento, client } = await vendor({ v2KeysVend });
    const vend = async (roleId: string) => {
      const vending = v2AuthClient(momento, momento.issueV2Key({ roleId }).apiKey);
      return verdict(await vending.generateDisposableToken(READ, ExpiresIn.minutes(1)));
    };
    expect(await vend('operator')).toBe(vends);
    expect(await vend('viewer')).toBe('PERMISSION_ERROR');
    expect(verdict(await client.generateDisposableToken(READ, ExpiresIn.minutes(1)))).toBe('Success');
  });
});
